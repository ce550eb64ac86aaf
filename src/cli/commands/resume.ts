import { findUnfinished, resume, rollBack } from '../../app/failover/resume.ts';
import { takeOver } from '../../app/state/take-over.ts';
import type { App } from '../../composition/app.ts';
import { pickRun } from '../../app/report/pick-run.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult } from '../define-command.ts';
import type { resumeArgs, resumeOptions } from '../definitions/moves.ts';
import { moveResult } from '../move-result.ts';
import { planText } from '../plan-text.ts';

/** Shows what is left of the plan, asks, and carries it out or takes it back, in the journal of its run. */
export async function run(
  { args, options }: CommandInput<typeof resumeOptions, typeof resumeArgs>,
  context: CommandContext,
): Promise<CommandResult> {
  const app = await context.app();
  const { store } = app.tools;
  await learn(app, context.signal);
  const named = args.run === undefined ? undefined : await pickRun(store, args.run);
  const { runId, plan, progress } = await findUnfinished(store, named);
  const verb = options.rollback ? 'Take back' : 'Go on with';
  await context.confirm.confirm({
    text: `${verb} the ${plan.kind} of run ${runId}?`,
    lines: planText(plan, progress.done).split('\n'),
  });
  const settings = { report: true, resume: runId, guard: 'epoch' } as const;
  const { breakLock } = options;
  if (options.rollback) {
    const document = await app.run(async (run) => {
      // Another kmk may have gone on meanwhile: only under the lock it is certain.
      const unfinished = await findUnfinished(run.tools.store, runId);
      return rollBack(await app.requireLab(run.tools), unfinished, { run, breakLock }, context.signal);
    }, settings);
    const steps = document.undone.length === 0 ? 'nothing had to be undone' : `undone: ${document.undone.join(', ')}`;
    return { document, human: `${steps}; "${document.active}" is active` };
  }
  const document = await app.run(async (run) => {
    const unfinished = await findUnfinished(run.tools.store, runId);
    return resume(await app.requireLab(run.tools), unfinished, { run, breakLock }, context.signal);
  }, settings);
  return moveResult(document, context.paint);
}

/** Another machine may have begun the run, or moved clients since: the clusters know. */
async function learn(app: App, signal: AbortSignal): Promise<void> {
  await using _lock = await app.tools.store.lock('resume');
  await takeOver(await app.requireLab(), signal);
}
