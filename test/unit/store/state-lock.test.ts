import { spawn } from 'node:child_process';
import { mkdtemp, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { takeStateLock } from '../../../src/store/state-lock.ts';
import { identify } from '../../../src/util/process-identity.ts';

let dir: string;
beforeEach(async () => {
  dir = await realpath(await mkdtemp(join(tmpdir(), 'kmk-lock-')));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const owner = (pid: number, startTime: string): string => JSON.stringify({ pid, startTime, command: 'failover' });

async function deadPid(): Promise<number> {
  const child = spawn('true');
  await new Promise((resolve) => child.on('exit', resolve));
  return child.pid ?? 0;
}

describe('the lock of a state directory', () => {
  test('makes the directory, is there while it is held, and is gone afterwards', async () => {
    const state = join(dir, 'a', 'b');
    const lock = await takeStateLock(state, 'deploy');
    expect(await readdir(state)).toEqual(['lock']);
    await lock[Symbol.asyncDispose]();
    expect(await readdir(state)).toEqual([]);
  });

  test('held by a live process: refused with its pid and command', async () => {
    await using lock = await takeStateLock(dir, 'deploy');
    await expect(takeStateLock(dir, 'failback')).rejects.toMatchObject({
      code: 'KMK_LOCKED',
      message: `\`kmk deploy\` (pid ${process.pid}) works on "${dir}"`,
    });
    expect(lock).toBeDefined();
  });

  test('of a dead process, of a reused pid, or damaged: taken over', async () => {
    const startTime = (await identify(process.pid))?.startTime ?? '';
    const stale = [owner(await deadPid(), startTime), owner(process.pid, '1'), 'null', '{"pid":"x"}', 'half a li'];
    for (const text of stale) {
      await symlink(text, join(dir, 'lock'));
      await (await takeStateLock(dir, 'deploy'))[Symbol.asyncDispose]();
    }
    for (const text of [...stale, '']) {
      await writeFile(join(dir, 'lock'), text);
      await (await takeStateLock(dir, 'deploy'))[Symbol.asyncDispose]();
    }
    expect(await readdir(dir)).toEqual([]);
  });

  test('of many that find it stale at once, one gets it', async () => {
    for (let round = 0; round < 20; round += 1) {
      await symlink(owner(process.pid, '1'), join(dir, 'lock'));
      // A few turns apart: the slower ones look while the faster ones remove and take.
      const taker = async (turns: number): Promise<AsyncDisposable> => {
        for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        return takeStateLock(dir, 'deploy');
      };
      const taken = await Promise.allSettled(Array.from({ length: 12 }, (_, index) => taker(index * (round % 5))));
      const won = taken.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
      expect(won).toHaveLength(1);
      await Promise.all(won.map((lock) => lock[Symbol.asyncDispose]()));
      expect(await readdir(dir)).toEqual([]);
    }
  });

  test('a path that takes no folder is an environment error, at once', async () => {
    await writeFile(join(dir, 'file'), '');
    for (const path of [join(dir, 'file'), join(dir, 'file', 'x'), '/proc/kmk/x']) {
      await expect(takeStateLock(path, 'deploy')).rejects.toMatchObject({ code: 'KMK_ENV_DISK' });
    }
  });
});
