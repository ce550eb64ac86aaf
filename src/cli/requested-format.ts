import { OUTPUT_FORMATS, type OutputFormat } from './global-options.ts';
import type { CliIo } from './streams.ts';

/**
 * The output format a command line asks for, read before it is parsed: a usage error has to be shown in that format,
 * too. Wrong values count as not given here; the parser reports them.
 */
export function requestedFormat(argv: readonly string[], env: CliIo['env']): OutputFormat {
  let format: string | undefined = env['KMK_OUTPUT'];
  for (const [index, word] of argv.entries()) {
    if (word === '--') break;
    if (word === '-o' || word === '--output') format = argv[index + 1];
    else if (word.startsWith('--output=')) format = word.slice('--output='.length);
    else if (/^-o\w/.test(word)) format = word.slice(2);
  }
  return OUTPUT_FORMATS.find((known) => known === format) ?? 'human';
}

/** Whether the command line asks for details, read before it is parsed. */
export function requestedVerbose(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end < 0 ? argv : argv.slice(0, end)).some((word) => word === '-v' || word === '--verbose');
}
