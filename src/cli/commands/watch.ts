import { runWatch } from '../../composition/watch.ts';
import type { WatchDocument } from '../../domain/watch/document.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult } from '../define-command.ts';
import type { watchOptions } from '../definitions/watch.ts';
import { addressOf } from '../value-parsers.ts';
import { watchLine } from '../watch-line.ts';

/** Watches until Ctrl-C: a line per change for people, a document per check for programs. */
export async function run(
  { options }: CommandInput<typeof watchOptions>,
  context: CommandContext,
): Promise<CommandResult> {
  const app = await context.app();
  const { checks, witnesses } = app.setup.watch;
  if (options.autoFailover) {
    await context.confirm.confirm({
      text: 'Fail over without asking when the active cluster is found dead?',
      lines: [`after ${options.checks ?? checks} failed checks in a row`],
    });
  }
  let said = '';
  const onCheck = (document: WatchDocument): void => {
    if (context.output !== 'human') {
      void context.stdout.write(`${JSON.stringify(document)}\n`);
      return;
    }
    const line = watchLine(document);
    if (line !== said) void context.stdout.write(`${document.at}  ${line}\n`);
    said = line;
  };
  return await runWatch(
    app,
    {
      checks: options.checks ?? checks,
      witnesses: options.witness.length > 0 ? options.witness : witnesses,
      autoFailover: options.autoFailover,
      listen: addressOf(options.listen),
      onListen: (url) =>
        context.events.emit('note', { text: `serving ${url}/metrics, /health/live, /health/ready, /status` }),
      onCheck,
    },
    context.signal,
  );
}
