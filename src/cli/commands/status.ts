import { readStatus } from '../../app/status/status.ts';
import type { StatusDocument } from '../../domain/documents.ts';
import { abortError } from '../../domain/errors.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult } from '../define-command.ts';
import type { statusOptions } from '../definitions/lab.ts';
import { statusText } from '../status-text.ts';

const WATCH_PAUSE_MS = 2000;
/** Home and clear below: repaints without flicker. */
const REPAINT = '\u001b[H\u001b[J';

/** One look, or one every two seconds until Ctrl-C. Nothing deployed is a state, not an error. */
export async function run(
  { options }: CommandInput<typeof statusOptions>,
  context: CommandContext,
): Promise<CommandResult> {
  const app = await context.app();
  const look = (): Promise<StatusDocument> => readStatus(app.tools, app.setup.name, context.signal);
  if (!options.watch) {
    const document = await look();
    return { document, human: () => statusText(document, context.paint) };
  }
  const repaint = context.output === 'human' && context.io.stdout.isTTY === true;
  if (repaint) void context.stdout.write('\u001b[2J');
  for (;;) {
    const document = await look();
    if (context.output === 'human') {
      const at = new Date().toISOString();
      void context.stdout.write(
        `${repaint ? REPAINT : ''}${at}\n${statusText(document, context.paint)}\n${repaint ? '' : '\n'}`,
      );
    } else {
      void context.stdout.write(`${JSON.stringify(document)}\n`);
    }
    try {
      await app.tools.clock.sleep(WATCH_PAUSE_MS, context.signal);
    } catch {
      throw abortError(context.signal);
    }
  }
}
