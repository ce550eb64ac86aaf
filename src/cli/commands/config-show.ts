import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult, None } from '../define-command.ts';
import { table } from '../table.ts';

/** Every effective value with its origin; `document` in JSON and YAML is a kmk.yaml that gives the same setup. */
export async function run(_input: CommandInput<None>, context: CommandContext): Promise<CommandResult> {
  const { file, effective, document, warnings } = await context.loadConfig();
  const rows = effective.map(({ path, value, origin }) => [
    path,
    { text: shown(value), paint: context.paint.strong },
    { text: origin, paint: origin === 'default' ? context.paint.faint : context.paint.good },
  ]);
  return {
    document: { schema: 'kmk.config/v1', file, values: effective, document, warnings },
    human: () =>
      [
        `file: ${file ?? 'none, built-in lab config'}`,
        '',
        table([{ title: 'path' }, { title: 'value' }, { title: 'origin' }], rows),
      ].join('\n'),
  };
}

function shown(value: unknown): string {
  return typeof value === 'string' && value !== '' ? value : JSON.stringify(value);
}
