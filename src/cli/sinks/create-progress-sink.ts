import type { GlobalOptions } from '../global-options.ts';
import { createPaint, mayColour } from '../paint.ts';
import type { CliIo } from '../streams.ts';
import { createPlainSink } from './plain-sink.ts';
import type { ProgressSink } from './sink.ts';

/** The sink that suits stderr: repainting on a terminal, lines elsewhere; CI counts as no terminal. */
export async function createProgressSink(
  io: CliIo,
  globals: Pick<GlobalOptions, 'color' | 'quiet' | 'verbose'>,
): Promise<ProgressSink> {
  const settings = {
    write: (text: string) => void io.stderr.write(text),
    paint: await createPaint(mayColour(io.stderr, io.env, globals.color)),
    quiet: globals.quiet,
    verbose: globals.verbose,
  };
  const repaints =
    io.stderr.isTTY === true && !globals.quiet && (io.env['CI'] ?? '') === '' && io.env['TERM'] !== 'dumb';
  if (!repaints) return createPlainSink(settings);
  const { createTerminalSink } = await import('./terminal-sink.ts');
  return createTerminalSink(settings, io.stderr);
}
