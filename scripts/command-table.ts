import type { CommandDefinition } from '../src/cli/define-command.ts';

/** Where the table stands in README.md. */
const COMMAND_TABLE_MARKS = ['<!-- commands: written by `npm run docs` -->', '<!-- /commands -->'] as const;

/** The table of README.md: every command with its summary, in the order of `kmk --help`. */
function commandTable(commands: readonly CommandDefinition[]): string {
  const rows = commands.map(({ name, summary }) => [`\`kmk ${name}\``, summary.replaceAll('|', '\\|')] as const);
  const width = Math.max('Command'.length, ...rows.map(([name]) => name.length));
  const other = Math.max('Does'.length, ...rows.map(([, does]) => does.length));
  const line = (a: string, b: string, fill = ' '): string => `| ${a.padEnd(width, fill)} | ${b.padEnd(other, fill)} |`;
  return [line('Command', 'Does'), line('', '', '-'), ...rows.map(([name, does]) => line(name, does))].join('\n');
}

/** The page with its table replaced by today's. Throws where the marks are missing. */
export function withCommandTable(page: string, commands: readonly CommandDefinition[]): string {
  const [open, close] = COMMAND_TABLE_MARKS;
  const [start, end] = [page.indexOf(open), page.indexOf(close)];
  if (start < 0 || end < start) throw new Error(`README.md lacks ${open} or ${close}`);
  return `${page.slice(0, start + open.length)}\n\n${commandTable(commands)}\n\n${page.slice(end)}`;
}
