import { Option } from 'commander';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/cli/command-list.ts';
import { GLOBAL_OPTIONS } from '../../../src/cli/global-options.ts';
import { menuEntries } from '../../../src/cli/menu.ts';
import { parseCommandLine } from '../../../src/cli/program.ts';

const flagsOf = (flags: string): string[] => {
  const { short, long } = new Option(flags);
  return [short, long].filter((flag) => flag !== undefined);
};
const reserved = new Set(
  ['-h, --help', '-V, --version', ...Object.values(GLOBAL_OPTIONS).map(({ flags }) => flags)].flatMap(flagsOf),
);

describe('every command', () => {
  it('has a name of its own, and no name is a noun of another', () => {
    const names = COMMANDS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(names.filter((other) => other.startsWith(`${name} `))).toEqual([]);
  });

  it.each(COMMANDS.map((command) => [command.name, command] as const))('%s: flags do not clash', (_name, command) => {
    const flags = Object.values(command.options ?? {}).flatMap((option) => flagsOf(option.flags));
    expect(new Set(flags).size).toBe(flags.length);
    for (const flag of flags) expect(reserved.has(flag)).toBe(false);
  });

  it.each(COMMANDS.map((command) => [command.name, command] as const))(
    '%s: handler exports run',
    async (_name, command) => {
      expect(typeof (await command.handler()).run).toBe('function');
    },
  );

  it.each(COMMANDS.flatMap((command) => command.examples.map((example) => [example, command.name] as const)))(
    'example `%s` is understood',
    (example, name) => {
      const line = /\bkmk ([^|>)]*)/.exec(example)?.[1] ?? '';
      const parsed = parseCommandLine(COMMANDS, line.trim().split(/\s+/));
      expect(parsed).toMatchObject({ kind: 'call', definition: { name } });
    },
  );
});

describe('menu', () => {
  it('offers only commands that exist', () => {
    expect(menuEntries([])).toEqual([]);
    const failover = { ...COMMANDS[0]!, name: 'failover' };
    const list = { ...COMMANDS[0]!, name: 'scenario list' };
    expect(menuEntries([failover, list]).map(({ argv }) => argv)).toEqual([
      ['failover', '--simulate'],
      ['scenario', 'list'],
    ]);
  });
});
