import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { KmkError } from '../../domain/errors.ts';

/** What the brokers of an empty lab and their logs take in the first minute, with room to say what is wrong. */
const NEEDED_BYTES = 64 * 1024 * 1024;
const BYTES_PER_MIB = 1024 * 1024;

/** Throws KMK_ENV_DISK where a lab in that directory (it need not exist yet) would soon stand still. */
export async function refuseFullDisk(dir: string): Promise<void> {
  const free = await freeBytes(dir);
  if (free === null || free >= NEEDED_BYTES) return;
  const amount = (bytes: number): string => `${Math.floor(bytes / BYTES_PER_MIB)} MiB`;
  throw new KmkError('KMK_ENV_DISK', `only ${amount(free)} are free at "${dir}", a lab needs ${amount(NEEDED_BYTES)}`, {
    hints: ['Free space, or choose another place with `--state-dir DIR`.'],
    context: { freeBytes: free },
  });
}

/** Bytes that this user may still write below the nearest folder that exists; null where the system does not tell. */
export async function freeBytes(dir: string): Promise<number | null> {
  for (let at = dir; ; at = dirname(at)) {
    const found = await statfs(at).catch(() => null);
    if (found !== null) return found.bsize * found.bavail;
    if (at === dirname(at)) return null;
  }
}
