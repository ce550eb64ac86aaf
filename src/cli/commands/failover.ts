import { failover, previewFailover } from '../../app/failover/failover.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult } from '../define-command.ts';
import type { failoverOptions } from '../definitions/lab.ts';
import { moveResult } from '../move-result.ts';
import { planText } from '../plan-text.ts';

/** Shows the plan, asks, carries it out, and answers with the verdict (exit 6 when a check says no). */
export async function run(
  { options }: CommandInput<typeof failoverOptions>,
  context: CommandContext,
): Promise<CommandResult> {
  const app = await context.app();
  const request = { simulate: options.simulate ?? null, force: options.force };
  const plan = await previewFailover(await app.requireLab(), request, context.signal);
  if (options.dryRun) return { document: plan, human: planText(plan) };
  await context.confirm.confirm({
    text: `Fail over from "${plan.from}" to "${plan.to}"?`,
    lines: planText(plan).split('\n'),
  });
  const document = await app.run(
    async (run) => failover(await app.requireLab(run.tools), request, run, context.signal),
    { report: true },
  );
  return moveResult(document, context.paint);
}
