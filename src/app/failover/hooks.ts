import { KmkError } from '../../domain/errors.ts';
import type { HookFacts, HookMoment } from '../../domain/hooks.ts';
import { DEFAULT_HOOK_POLICY, hookName, hookVariables } from '../../domain/hooks.ts';
import type { PlanStep } from '../../domain/plan/plan.ts';
import type { ProgramOutcome } from '../ports/program-runner.ts';
import type { MoveContext } from './move-context.ts';
import { findings } from './move-context.ts';

/**
 * Runs the user's programs for a moment of a step, one after the other, each with the plan's facts on its standard input
 * and in variables. Throws KMK_HOOK_FAILED for one that fails or takes too long, unless the setup says to go on.
 */
export async function runHooks(
  context: MoveContext,
  when: HookMoment,
  step: PlanStep,
  signal: AbortSignal,
): Promise<void> {
  const { setup } = context.lab.record;
  const { timeoutMs, onFailure } = setup.hookPolicy ?? DEFAULT_HOOK_POLICY;
  const hook = hookName(when, step.id);
  for (const argv of setup.hooks[hook] ?? []) {
    const facts = factsOf(context, when, step);
    const { events, clock, programs } = context.lab.tools;
    const startedAt = clock.now();
    const input = `${JSON.stringify(facts)}\n`;
    const outcome = await programs.run({ argv, input, env: hookVariables(facts), timeoutMs, signal });
    const durationMs = clock.now() - startedAt;
    // Arguments may hold what is nobody's business.
    const program = argv[0] ?? '';
    events.emit('hook.finished', { hook, program, exitCode: outcome.exitCode, durationMs });
    if (outcome.exitCode === 0) continue;
    const error = failed(hook, program, outcome, timeoutMs);
    if (onFailure === 'stop') throw error;
    events.emit('warning', { text: error.message });
  }
}

function factsOf({ lab, plan, move, found }: MoveContext, when: HookMoment, step: PlanStep): HookFacts {
  const { id, kind, from, to } = plan;
  return {
    schema: 'kmk.hook/v1',
    ...{ when, project: lab.record.project, runId: move.run.runId, plan: id, kind, from, to, step },
    bootstrap: Object.fromEntries(lab.layout.clusters.map(({ alias, clientBootstrap }) => [alias, clientBootstrap])),
    found: findings(found),
  };
}

function failed(hook: string, program: string, { exitCode, timedOut, output }: ProgramOutcome, timeoutMs: number) {
  const how = timedOut ? `took longer than ${timeoutMs} ms` : `ended with ${exitCode ?? 'no exit code'}`;
  const last = output.trim().split('\n').at(-1) ?? '';
  return new KmkError('KMK_HOOK_FAILED', `hook ${hook}: "${program}" ${how}${last === '' ? '' : `: ${last}`}`, {
    hints: ['Mend it, or set `hookPolicy.onFailure` to "continue" in kmk.yaml, then run `kmk resume`.'],
    context: { hook, program, exitCode },
  });
}
