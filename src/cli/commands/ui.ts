import { webUi } from '../../app/lab/web-ui.ts';
import { openFile } from '../../composition/open-file.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult } from '../define-command.ts';
import type { uiOptions } from '../definitions/lab.ts';

/** The address alone, so that a script can use it. */
export async function run(
  { options }: CommandInput<typeof uiOptions>,
  context: CommandContext,
): Promise<CommandResult> {
  const { address, clusters } = await webUi(await (await context.app()).requireLab());
  if (options.open) await openFile(address);
  return { document: { schema: 'kmk.ui/v1', address, clusters }, human: address };
}
