import { awaitActive, readActive } from '../../app/status/active.ts';
import { abortError } from '../../domain/errors.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult } from '../define-command.ts';
import type { activeOptions } from '../definitions/active.ts';

export async function run(
  { options }: CommandInput<typeof activeOptions>,
  context: CommandContext,
): Promise<CommandResult> {
  const { tools } = await context.app();
  const now = await readActive(tools);
  const since = options.since ?? now.epoch;
  const document = options.wait
    ? await awaitActive(tools, since, context.signal).catch((error: unknown) => {
        throw context.signal.aborted ? abortError(context.signal) : error;
      })
    : now;
  const { active, bootstrap, epoch, moved } = document;
  const lines = [`${active} ${bootstrap} epoch ${epoch}`];
  if (moved !== undefined) lines.push(`${moved.to} ${moved.bootstrap} for ${moved.topics.join(' ')}`);
  return { document, human: lines.join('\n') };
}
