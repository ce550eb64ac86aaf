import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult, None } from '../define-command.ts';

/** A wrong config has ended the run with exit 3 by now; warnings have been shown. */
export async function run(_input: CommandInput<None>, context: CommandContext): Promise<CommandResult> {
  const { file, setup, warnings } = await context.loadConfig();
  const count = warnings.length === 1 ? '1 warning' : `${warnings.length} warnings`;
  return {
    document: { schema: 'kmk.config-validation/v1', file, project: setup.name, valid: true, warnings },
    human: `${file ?? 'the built-in lab config'} is valid (${count})`,
  };
}
