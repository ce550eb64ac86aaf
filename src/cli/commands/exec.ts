import { execService } from '../../app/lab/exec-service.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult, None } from '../define-command.ts';
import type { execArgs } from '../definitions/insight.ts';

/** Standard input, output and the exit code are the command's. */
export async function run(
  { args }: CommandInput<None, typeof execArgs>,
  context: CommandContext,
): Promise<CommandResult> {
  const lab = await (await context.app()).requireLab();
  const { stdin, stdout, stderr } = context.io;
  const exitCode = await execService(lab, args.service, args.command, {
    input: stdin.isTTY === true ? null : stdin,
    onOutput: (stream, chunk) => void (stream === 'stdout' ? stdout : stderr).write(chunk),
    signal: context.signal,
  });
  return { exitCode };
}
