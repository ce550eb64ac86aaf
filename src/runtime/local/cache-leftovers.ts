import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Longer than anything writes into a work folder of the cache without adding a file to it. */
const ABANDONED_MS = 30 * 60_000;

/** Removes work folders in the cache that a kmk which was killed left: half-fetched jars, training runs. */
export async function removeLeftovers(cacheDir: string): Promise<void> {
  const names = await readdir(cacheDir).catch(() => []);
  const work = names.filter((name) => /^(training-|libs\.part-)/.test(name)).map((name) => join(cacheDir, name));
  for (const path of work) {
    const found = await stat(path).catch(() => null);
    if (found !== null && Date.now() - found.mtimeMs > ABANDONED_MS) await rm(path, { recursive: true, force: true });
  }
}
