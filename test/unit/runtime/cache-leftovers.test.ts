import { mkdir, mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { removeLeftovers } from '../../../src/runtime/local/cache-leftovers.ts';

test('only abandoned work folders go; a cache that is not there is none to clean', async () => {
  const cache = await mkdtemp(join(tmpdir(), 'kmk-cache-'));
  const names = ['libs', 'libs.part-1', 'training-a', 'libs.part-2', 'training-b', 'fast-start-c'];
  await Promise.all(names.map((name) => mkdir(join(cache, name))));
  const hourAgo = new Date(Date.now() - 3_600_000);
  for (const name of ['libs', 'libs.part-1', 'training-a', 'fast-start-c'])
    await utimes(join(cache, name), hourAgo, hourAgo);
  await removeLeftovers(cache);
  expect((await readdir(cache)).toSorted()).toEqual(['fast-start-c', 'libs', 'libs.part-2', 'training-b']);
  await rm(cache, { recursive: true });
  await removeLeftovers(cache);
});
