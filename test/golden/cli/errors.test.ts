import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KmkError } from '../../../src/domain/errors.ts';
import { runCli } from '../../helpers/run-cli.ts';
import { sampleParts } from '../../helpers/sample-commands.ts';

const parts = sampleParts();

describe('errors', () => {
  it('are one line and hints', async () => {
    expect(await runCli(['fail', 'known'], { parts })).toEqual({
      exitCode: 7,
      stdout: '',
      stderr: 'error: consumer group "a\\nb" has 2 live members\nhint: Stop them, then run `kmk status`.\n',
    });
  });

  it('are a document on stdout with -o json', async () => {
    const { stdout, stderr, exitCode } = await runCli(['fail', 'known', '-o', 'json'], { parts });
    expect({ exitCode, stderr }).toEqual({ exitCode: 7, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      schema: 'kmk.error/v1',
      code: 'KMK_GROUP_ACTIVE',
      kind: 'precondition',
      message: 'consumer group "a\nb" has 2 live members',
      hints: ['Stop them, then run `kmk status`.'],
      context: { members: 2 },
    });
  });

  it('show every diagnostic of a config', async () => {
    expect(await runCli(['fail', 'diagnostics'], { parts })).toMatchObject({
      exitCode: 3,
      stderr: 'error: kmk.yaml:1:1: first\nerror: kmk.yaml:2:1: second\n',
    });
    const { stdout } = await runCli(['fail', 'diagnostics', '-o', 'json'], { parts });
    expect(JSON.parse(stdout)).toMatchObject({ diagnostics: ['kmk.yaml:1:1: first', 'kmk.yaml:2:1: second'] });
  });

  it('name the disk when it is full', async () => {
    const { exitCode, stderr } = await runCli(['fail', 'disk'], { parts });
    expect(exitCode).toBe(4);
    expect(stderr).toMatch(/^error: no space left on the disk: "\/data\/x"\nhint: /);
  });

  it('come after the result when a command answers with both', async () => {
    const human = await runCli(['work'], { parts });
    expect(human).toMatchObject({ exitCode: 8, stdout: 'worked\n' });
    expect(human.stderr).toMatch(/error: 3 of 5 records arrived\n$/);
    const json = await runCli(['work', '-o', 'json'], { parts });
    expect(JSON.parse(json.stdout)).toEqual({ schema: 'kmk.work/v1', end: '12' });
    expect(json.exitCode).toBe(8);
  });
});

describe('bugs', () => {
  let dir = '';
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'kmk-cli-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('are one line; the stack is in the file it names', async () => {
    const { exitCode, stderr } = await runCli(['fail', 'bug', '--state-dir', dir], { parts });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^error: this is a bug in kmk: x is not a function, details in \S+\n$/);
    const [log = ''] = readdirSync(dir);
    expect(stderr).toContain(join(dir, log));
    expect(readFileSync(join(dir, log), 'utf8')).toMatch(/TypeError: x is not a function\n\s+at /);
  });

  it('show their stack with -v', async () => {
    expect((await runCli(['fail', 'bug', '--state-dir', dir, '-v'], { parts })).stderr).toMatch(/\n\s+at /);
  });
});

describe('order of checks', () => {
  const wrongConfig = (): never => {
    throw new KmkError('KMK_CONFIG_INVALID', 'wrong config');
  };
  const noJava = (): never => {
    throw new KmkError('KMK_ENV_JAVA', 'no java');
  };

  it('is usage, config, --yes, environment, the rest', async () => {
    const all = sampleParts({ config: wrongConfig, lab: noJava });
    const lab = sampleParts({ lab: noJava });
    expect((await runCli(['group', 'wipe', '--bogus'], { parts: all })).exitCode).toBe(2);
    expect((await runCli(['group', 'wipe'], { parts: all })).exitCode).toBe(3);
    expect((await runCli(['group', 'wipe'], { parts: lab })).exitCode).toBe(7);
    expect((await runCli(['group', 'wipe', '--yes'], { parts: lab })).exitCode).toBe(4);
    expect((await runCli(['group', 'wipe', '--yes'], { parts })).exitCode).toBe(0);
  });

  it('takes a wrong config before a missing --yes, whatever the command looks at', async () => {
    expect((await runCli(['drop'], { parts: sampleParts({ config: wrongConfig }) })).exitCode).toBe(3);
    expect((await runCli(['drop'], { parts })).exitCode).toBe(7);
  });

  it('refuses a question that nobody announced, too', async () => {
    const { exitCode, stdout, stderr } = await runCli(['surprise'], { parts });
    expect({ exitCode, stdout }).toEqual({ exitCode: 7, stdout: '' });
    expect(stderr).toMatch(/^error: changing "shop" has to be confirmed, /);
    expect(await runCli(['surprise', '-y'], { parts })).toMatchObject({ exitCode: 0, stdout: 'changed\n' });
  });

  it('never asks with --dry-run, nor where the command says so', async () => {
    expect((await runCli(['group', 'wipe', '--dry-run'], { parts })).exitCode).toBe(0);
    expect((await runCli(['group', 'wipe', '--keep'], { parts })).exitCode).toBe(0);
  });

  it('refuses off a terminal and says what is missing', async () => {
    expect(await runCli(['group', 'wipe'], { parts })).toEqual({
      exitCode: 7,
      stdout: '',
      stderr: [
        'error: `kmk group wipe` has to be confirmed, and there is no terminal to ask on',
        'hint: Give `--yes` (or set KMK_YES=1) to go ahead, or `--dry-run` to see what would happen.\n',
      ].join('\n'),
    });
    expect((await runCli(['group', 'wipe'], { parts, env: { KMK_YES: '1' } })).stdout).toBe('wiped\n');
  });

  it('closes the application after success and failure', async () => {
    let closed = 0;
    const counting = { onClose: () => (closed += 1) };
    await runCli(['group', 'wipe', '--yes'], { parts: sampleParts(counting) });
    await runCli(['group', 'wipe', '--yes'], { parts: sampleParts({ ...counting, lab: noJava }) });
    expect(closed).toBe(2);
  });
});
