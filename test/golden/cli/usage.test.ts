import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/cli/command-list.ts';
import { runCli } from '../../helpers/run-cli.ts';
import { sampleParts } from '../../helpers/sample-commands.ts';

const parts = sampleParts();

describe('help', () => {
  it.each([...new Set(COMMANDS.flatMap(({ name }) => [name, name.split(' ')[0] ?? name])), ''])(
    'of "%s" is as written down',
    async (name) => {
      const words = name === '' ? [] : name.split(' ');
      const help = await runCli([...words, '--help']);
      expect(help).toMatchObject({ exitCode: 0, stderr: '' });
      expect(await runCli(['help', ...words])).toEqual(help);
      await expect(help.stdout).toMatchFileSnapshot(
        `__snapshots__/help/${name === '' ? 'kmk' : name.replace(' ', '-')}.txt`,
      );
    },
  );

  it('comes for kmk alone off a terminal, and for a noun alone', async () => {
    expect(await runCli([])).toEqual(await runCli(['--help']));
    expect(await runCli(['group'], { parts })).toEqual(await runCli(['group', '--help'], { parts }));
  });

  it('shows arguments, values, defaults and examples', async () => {
    const { stdout } = await runCli(['echo', '--help'], { parts });
    await expect(stdout).toMatchFileSnapshot('__snapshots__/help/sample-echo.txt');
  });

  it('prints the version', async () => {
    const { exitCode, stdout } = await runCli(['--version']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('usage errors exit 2 and name the way out', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    [
      'error: unknown command "ecko"\nhint: Did you mean `kmk echo`?\nhint: Run `kmk --help` for its usage.\n',
      ['ecko'],
    ],
    [
      'error: unknown command "ecko"\nhint: Did you mean `kmk echo`?\nhint: Run `kmk --help` for its usage.\n',
      ['ecko', '--help'],
    ],
    [
      'error: unknown command "ecko"\nhint: Did you mean `kmk echo`?\nhint: Run `kmk --help` for its usage.\n',
      ['help', 'ecko'],
    ],
    [
      'error: unknown command "wip"\nhint: Did you mean `kmk group wipe`?\nhint: Run `kmk group --help` for its usage.\n',
      ['group', 'wip'],
    ],
    [
      'error: unknown option "--mus"\nhint: Did you mean `--must`?\nhint: Run `kmk echo --help` for its usage.\n',
      ['echo', 'a', '--mus', 'b'],
    ],
    ['error: unknown option "--zzz"\nhint: Run `kmk --help` for its usage.\n', ['--zzz', 'echo']],
    ['error: unexpected argument "b" for `kmk fail`\nhint: Run `kmk fail --help` for its usage.\n', ['fail', 'a', 'b']],
    ['error: option --must needs a value\nhint: Run `kmk echo --help` for its usage.\n', ['echo', 'a', '--must']],
    ['error: option --must is required\nhint: Run `kmk echo --help` for its usage.\n', ['echo', 'a']],
    ['error: argument <first> is missing\nhint: Run `kmk echo --help` for its usage.\n', ['echo', '--must', 'b']],
    [
      'error: option --count expects a whole number from 1 to 5, got "6"\nhint: Run `kmk echo --help` for its usage.\n',
      ['echo', 'a', '--must', 'b', '-n', '6'],
    ],
    [
      'error: option --simulate expects one of stop, kill, got "kil"\nhint: Did you mean "kill"?\nhint: Run `kmk echo --help` for its usage.\n',
      ['echo', 'a', '--must', 'b', '--simulate', 'kil'],
    ],
    [
      'error: option --output expects one of human, json, yaml, jsonl, got "xml"\nhint: Run `kmk fail --help` for its usage.\n',
      ['-o', 'xml', 'fail', 'a'],
    ],
    [
      'error: option --timeout expects a duration such as 500ms, 30s, 5m or 1h, got "7"\nhint: Run `kmk fail --help` for its usage.\n',
      ['fail', 'a', '--timeout', '7'],
    ],
  ];
  it.each(cases)('%j', async (stderr, argv) => {
    expect(await runCli(argv, { parts })).toEqual({ exitCode: 2, stdout: '', stderr });
  });

  it('allows jsonl only where there is a stream of lines', async () => {
    expect(await runCli(['fail', 'a', '-o', 'jsonl'], { parts })).toMatchObject({ exitCode: 2 });
    expect(await runCli(['echo', 'a', '--must', 'b', '-o', 'jsonl'], { parts })).toMatchObject({ exitCode: 0 });
  });

  it('reads variables as strictly as flags', async () => {
    const { exitCode, stderr } = await runCli(['fail', 'known'], { parts, env: { KMK_YES: 'perhaps' } });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('variable KMK_YES expects 1 or 0, got "perhaps"');
  });

  it.each([[['-o', 'json', 'ecko']], [['ecko', '--output=json']], [['ecko', '-ojson']]])(
    'answers %j in JSON',
    async (argv) => {
      const { exitCode, stdout, stderr } = await runCli(argv, { parts });
      expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: '' });
      expect(JSON.parse(stdout)).toEqual({
        schema: 'kmk.error/v1',
        code: 'KMK_USAGE',
        kind: 'usage',
        message: 'unknown command "ecko"',
        hints: ['Did you mean `kmk echo`?', 'Run `kmk --help` for its usage.'],
        context: {},
      });
    },
  );
});
