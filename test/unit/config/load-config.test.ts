import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/index.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kmk-config-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('loadConfig', () => {
  it('takes the nearest kmk.yaml upwards', async () => {
    const deep = join(folder, 'a', 'b');
    await mkdir(join(deep, 'kmk.yaml'), { recursive: true });
    await writeFile(join(folder, 'kmk.yaml'), 'version: 1\nname: outer\n');
    expect(await loadConfig({ cwd: deep, env: {} })).toMatchObject({
      file: join(folder, 'kmk.yaml'),
      setup: { name: 'outer' },
    });
    await writeFile(join(folder, 'a', 'kmk.yaml'), 'version: 1\nname: inner\n');
    expect(await loadConfig({ cwd: deep, env: {} })).toMatchObject({ setup: { name: 'inner' } });
  });

  it('falls back to the built-in lab', async () => {
    const { file, setup, effective } = await loadConfig({ cwd: folder, env: {}, flags: { name: 'mine' } });
    expect({ file, name: setup.name }).toEqual({ file: null, name: 'mine' });
    expect(effective.find(({ path }) => path === 'runtime')?.origin).toBe('default');
  });

  it('names the file as the user knows it', async () => {
    await writeFile(join(folder, 'x.yaml'), 'version: 1\nname: A\n');
    await expect(loadConfig({ file: 'x.yaml', cwd: folder, env: {} })).rejects.toThrow(/^x\.yaml:2:7: name: got "A"/);
  });

  it.each([
    ['absent.yaml', /^"absent\.yaml" does not exist$/],
    ['.', /is a folder, expected a file$/],
  ])('refuses %s as a file', async (file, message) => {
    const loading = loadConfig({ file, cwd: folder, env: {} });
    await expect(loading).rejects.toMatchObject({
      code: 'KMK_CONFIG_FILE',
      kind: 'config',
      message: expect.stringMatching(message) as string,
    });
  });

  it('refuses what is no text', async () => {
    await writeFile(join(folder, 'x.yaml'), Buffer.from([0xff, 0xfe, 0x00, 0xc3]));
    await expect(loadConfig({ file: 'x.yaml', cwd: folder, env: {} })).rejects.toMatchObject({
      code: 'KMK_CONFIG_INVALID',
    });
  });
});
