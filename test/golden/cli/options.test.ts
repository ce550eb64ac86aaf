import { describe, expect, it } from 'vitest';
import { runCli } from '../../helpers/run-cli.ts';
import { sampleParts } from '../../helpers/sample-commands.ts';

interface Echo {
  readonly options: Readonly<Record<string, unknown>>;
  readonly args: Readonly<Record<string, unknown>>;
  readonly globals: Readonly<Record<string, unknown>>;
}

async function echo(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Echo> {
  const { stdout, stderr } = await runCli([...argv, '-o', 'json'], { parts: sampleParts(), env });
  expect(stderr).toBe('');
  return JSON.parse(stdout) as Echo;
}

describe('options', () => {
  it('have defaults', async () => {
    const { options, args } = await echo(['echo', 'a', '--must', 'b']);
    expect(options).toEqual({ count: 2, must: 'b', follow: false, ui: true, header: [], topics: [] });
    expect(args).toEqual({ first: 'a', rest: [] });
  });

  it('are converted', async () => {
    const line = 'echo a b c --must=-v -n3 --may= --follow --no-ui --simulate --header k=v=w --header x= --wait 1m30s';
    const { options, args } = await echo([...line.split(' '), '--topic', 't1', 't2', '--topic', 't3']);
    expect(options).toEqual({
      count: 3,
      must: '-v',
      may: '',
      follow: true,
      ui: false,
      how: 'kill',
      header: [
        ['k', 'v=w'],
        ['x', ''],
      ],
      topics: ['t1', 't2', 't3'],
      wait: 90_000,
    });
    expect(args).toEqual({ first: 'a', rest: ['b', 'c'] });
  });

  it('take their variable when the flag is absent', async () => {
    expect((await echo(['echo', 'a'], { KMK_MUST: 'env' })).options).toMatchObject({ must: 'env' });
    expect((await echo(['echo', 'a', '--must', 'flag'], { KMK_MUST: 'env' })).options).toMatchObject({ must: 'flag' });
  });

  it('end at --', async () => {
    expect(
      (await echo(['-o', 'json', 'echo', '--must', 'b', '-o', 'json'].slice(0, 5).concat('a'))).args,
    ).toMatchObject({ first: 'a' });
    const { stdout } = await runCli(['echo', '--must', 'b', '-o', 'json', '--', '-x', '-o', 'yaml'], {
      parts: sampleParts(),
    });
    expect((JSON.parse(stdout) as Echo).args).toEqual({ first: '-x', rest: ['-o', 'yaml'] });
  });
});

describe('global options', () => {
  const before = ['-p', 'one', '-y', '--timeout', '5s', '-c', 'x.yaml'];

  it('are accepted before and after the command', async () => {
    const first = await echo([...before, 'echo', 'a', '--must', 'b']);
    expect(first.globals).toMatchObject({ project: 'one', yes: true, timeout: 5000, config: 'x.yaml', color: true });
    expect(await echo(['echo', 'a', '--must', 'b', ...before])).toEqual(first);
  });

  it('right of the command win over left of it, and flags over variables', async () => {
    const { globals } = await echo(['-p', 'one', 'echo', 'a', '--must', 'b', '-p', 'two'], {
      KMK_PROJECT: 'three',
      KMK_STATE_DIR: 'state',
      KMK_YES: '1',
    });
    expect(globals).toMatchObject({ project: 'two', stateDir: 'state', yes: true });
  });

  it('choose the output by variable, too', async () => {
    const parts = sampleParts();
    const { stdout } = await runCli(['echo', 'a', '--must', 'b'], { parts, env: { KMK_OUTPUT: 'yaml' } });
    expect(stdout).toContain('schema: kmk.echo/v1\n');
    expect((await runCli(['echo', 'a', '--must', 'b'], { parts })).stdout).toBe('echoed\n');
  });

  it('reach the config reader', async () => {
    let request: unknown;
    const parts = sampleParts({ onConfig: (given) => (request = given) });
    await runCli(['work', '-p', 'shop'], { parts, env: { KMK_CONFIG: 'a.yaml' }, cwd: '/somewhere' });
    expect(request).toMatchObject({ file: 'a.yaml', cwd: '/somewhere', flags: { name: 'shop' } });
  });
});
