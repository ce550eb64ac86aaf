import { destroyDocument, destroyProject, planDestroy } from '../../app/deploy/destroy-project.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult } from '../define-command.ts';
import type { destroyOptions } from '../definitions/lab.ts';

/** Removes the lab. Asked only where there is something to remove. */
export async function run(
  { options }: CommandInput<typeof destroyOptions>,
  context: CommandContext,
): Promise<CommandResult> {
  const app = await context.app();
  const plan = await planDestroy(app.tools, app.setup, options.keepData);
  if (plan.effects.length === 0) return { document: destroyDocument(plan), human: 'nothing is deployed here' };
  await context.confirm.confirm({ text: `Remove project "${plan.project}"?`, lines: plan.effects });
  const document = await app.run(({ tools }) => destroyProject(tools, plan, app.openTools));
  const lines = document.removed.map(({ kind, name }) => `removed ${kind} ${name}`);
  return { document, human: lines.length === 0 ? 'nothing was left to remove' : lines.join('\n') };
}
