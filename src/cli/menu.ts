import { KmkError } from '../domain/errors.ts';
import type { CommandDefinition } from './define-command.ts';
import { promptTheme } from './prompt-theme.ts';
import { promptError } from './prompts.ts';
import type { CliIo } from './streams.ts';

interface MenuEntry {
  readonly title: string;
  readonly argv: readonly string[];
  /** Asked for and added to the command line: an option the command can not do without. */
  readonly ask?: { readonly option: string; readonly message: string };
}

/** The common actions in the order of a first tour. */
const ENTRIES: readonly MenuEntry[] = [
  { title: 'deploy the lab', argv: ['deploy'] },
  { title: 'status', argv: ['status'] },
  { title: 'produce records', argv: ['produce'], ask: { option: '--topic', message: 'topic' } },
  { title: 'consume records', argv: ['consume'], ask: { option: '--topic', message: 'topic' } },
  { title: 'planned switchover', argv: ['switchover'] },
  { title: 'simulated disaster', argv: ['failover', '--simulate'] },
  { title: 'failback', argv: ['failback'] },
  { title: 'list the drills', argv: ['scenario', 'list'] },
  { title: 'logs', argv: ['logs'] },
  { title: 'destroy the lab', argv: ['destroy'] },
];

/** The entries whose commands exist. */
export function menuEntries(commands: readonly CommandDefinition[]): readonly MenuEntry[] {
  const names = new Set(commands.map((command) => command.name));
  return ENTRIES.filter((entry) => {
    const words = entry.argv.filter((word) => !word.startsWith('-'));
    return names.has(words.join(' '));
  });
}

/** Lets a person choose a command line; null when they leave. Throws KMK_INTERRUPTED on Ctrl-C. */
export async function chooseFromMenu(
  io: CliIo,
  commands: readonly CommandDefinition[],
): Promise<readonly string[] | null> {
  const { createPromptModule } = await import('inquirer');
  const prompt = createPromptModule({
    input: io.stdin,
    output: io.stderr,
  });
  const entries = menuEntries(commands);
  const choices = [
    ...entries.map((entry, index) => ({ name: `${entry.title}  (kmk ${entry.argv.join(' ')})`, value: index })),
    { name: 'leave', value: -1 },
  ];
  try {
    const { index } = await prompt<{ index: number }>([
      {
        type: 'select',
        name: 'index',
        message: 'What do you want to do?',
        choices,
        pageSize: choices.length,
        ...promptTheme(io, true),
      },
    ]);
    const entry = entries[index];
    if (entry === undefined) return null;
    if (entry.ask === undefined) return entry.argv;
    const { value } = await prompt<{ value: string }>([
      { type: 'input', name: 'value', message: entry.ask.message, ...promptTheme(io, true) },
    ]);
    if (value === '') throw new KmkError('KMK_USAGE', `no ${entry.ask.message} was given`);
    return [...entry.argv, entry.ask.option, value];
  } catch (error) {
    throw promptError(error, new AbortController().signal);
  }
}
