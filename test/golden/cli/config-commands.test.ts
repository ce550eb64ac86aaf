import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PRESET_NAMES } from '../../../src/config/index.ts';
import { runCli } from '../../helpers/run-cli.ts';

let cwd = '';
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'kmk-init-'));
});
afterEach(() => rmSync(cwd, { recursive: true }));

describe('kmk init', () => {
  it('writes a file that kmk finds and reads back, and its schema', async () => {
    expect(await runCli(['init'], { cwd })).toEqual({
      exitCode: 0,
      stdout: 'wrote kmk.yaml\nwrote kmk.schema.json\n',
      stderr: '',
    });
    expect(readFileSync(join(cwd, 'kmk.yaml'), 'utf8')).toContain('\n  policy: default ');
    const valid = await runCli(['config', 'validate', '-o', 'json'], { cwd });
    expect(JSON.parse(valid.stdout)).toMatchObject({ valid: true, project: 'kmk', file: join(cwd, 'kmk.yaml') });
  });

  it.each(PRESET_NAMES)('preset %s is accepted', async (preset) => {
    expect((await runCli(['init', '--preset', preset, '-c', 'sub/x.yaml'], { cwd })).exitCode).toBe(0);
    expect(existsSync(join(cwd, 'sub/x.yaml'))).toBe(true);
  });

  it('never overwrites without --force', async () => {
    writeFileSync(join(cwd, 'kmk.yaml'), 'mine');
    expect(await runCli(['init'], { cwd })).toEqual({
      exitCode: 7,
      stdout: '',
      stderr:
        'error: "kmk.yaml" exists\nhint: Run `kmk init --force` to overwrite it, or name another file with `-c FILE`.\n',
    });
    expect(readFileSync(join(cwd, 'kmk.yaml'), 'utf8')).toBe('mine');
    expect(existsSync(join(cwd, 'kmk.schema.json'))).toBe(false);
    expect((await runCli(['init', '--force'], { cwd })).exitCode).toBe(0);
    expect(readFileSync(join(cwd, 'kmk.yaml'), 'utf8')).not.toBe('mine');
  });

  it('says so when the path can not be a file', async () => {
    mkdirSync(join(cwd, 'dir'));
    writeFileSync(join(cwd, 'file'), '');
    expect(await runCli(['init', '--force', '-c', 'dir'], { cwd })).toMatchObject({ exitCode: 3 });
    expect(await runCli(['init', '-c', 'file/kmk.yaml'], { cwd })).toMatchObject({ exitCode: 3 });
  });
});

describe('kmk config', () => {
  it('show names the origin of each value', async () => {
    writeFileSync(join(cwd, 'kmk.yaml'), 'version: 1\nui: { port: 8888 }\n');
    const { stdout, exitCode } = await runCli(['config', 'show', '-p', 'shop', '-o', 'json'], {
      cwd,
      env: { KMK_RUNTIME: 'local' },
    });
    expect(exitCode).toBe(0);
    const { schema, values } = JSON.parse(stdout) as { schema: string; values: { path: string }[] };
    expect(schema).toBe('kmk.config/v1');
    const byPath = Object.fromEntries(values.map((value) => [value.path, value]));
    expect(byPath).toMatchObject({
      name: { value: 'shop', origin: 'flag' },
      runtime: { value: 'local', origin: 'env' },
      'ui.port': { value: 8888, origin: 'file' },
      'ui.enabled': { value: true, origin: 'default' },
    });
    const human = await runCli(['config', 'show', '-p', 'shop'], { cwd });
    expect(human.stdout).toMatch(/^name +shop +flag$/m);
  });

  it('validate reports everything that is wrong, one line each', async () => {
    writeFileSync(join(cwd, 'kmk.yaml'), 'version: 1\nruntim: local\nui: { port: none }\n');
    const { stdout, stderr, exitCode } = await runCli(['config', 'validate'], { cwd });
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(stderr).toMatch(/^error: kmk\.yaml:2:1: .*runtim.*\nerror: kmk\.yaml:3:13: ui\.port: .*\n/);
  });

  it('takes a file that does not exist for an error, and none at all for the built-in lab', async () => {
    expect((await runCli(['config', 'validate', '-c', 'nope.yaml'], { cwd })).exitCode).toBe(3);
    expect((await runCli(['config', 'validate'], { cwd })).stdout).toMatch(/^the built-in lab config is valid/);
  });

  it('schema is the checked-in one', async () => {
    const { stdout } = await runCli(['config', 'schema', '-o', 'yaml'], { cwd });
    expect(JSON.parse(stdout)).toMatchObject({ title: 'kmk.yaml' });
  });
});
