import { failback, previewFailback } from '../../app/failover/failback.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult } from '../define-command.ts';
import type { failbackOptions } from '../definitions/lab.ts';
import { moveResult } from '../move-result.ts';
import { planText } from '../plan-text.ts';

/** Shows the plan, asks, carries it out, and answers with the verdict (exit 6 when a check says no). */
export async function run(
  { options }: CommandInput<typeof failbackOptions>,
  context: CommandContext,
): Promise<CommandResult> {
  const app = await context.app();
  const plan = previewFailback(await app.requireLab());
  if (options.dryRun) return { document: plan, human: planText(plan) };
  await context.confirm.confirm({
    text: `Fail back from "${plan.from}" to "${plan.to}"?`,
    lines: planText(plan).split('\n'),
  });
  const document = await app.run(async (run) => failback(await app.requireLab(run.tools), run, context.signal), {
    report: true,
  });
  return moveResult(document, context.paint);
}
