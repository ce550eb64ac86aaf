import { COMMANDS } from '../command-list.ts';
import { completionScript } from '../completion-script.ts';
import type { CommandInput, CommandResult, None } from '../define-command.ts';
import type { completionArgs } from '../definitions/completion.ts';

/** Prints the script, whatever the output format. */
export function run(input: CommandInput<None, typeof completionArgs>): Promise<CommandResult> {
  return Promise.resolve({ human: completionScript(input.args.shell, COMMANDS).trimEnd() });
}
