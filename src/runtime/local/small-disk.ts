import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { KmkError } from '../../domain/errors.ts';

/** Takes the room that is left; the broker looks at directories alone. */
const FILLER = 'kmk-filler';
const BUSY_LIMIT_MS = 10_000;
const BUSY_POLL_MS = 50;
/** What the table of mounts calls them: others that somebody mounted in the lab's folder are not kmk's. */
const SOURCE = 'kmk-disk';
const BLOCK = Buffer.alloc(1024 * 1024);

/**
 * Gives the folder a disk of its own, in memory, unless it has one. It lasts until `removeDisks`, also while nothing
 * uses it. Throws KMK_ENV_RUNTIME where this user may not mount.
 */
export async function ensureDisk(directory: string, sizeMb: number): Promise<void> {
  await mkdir(directory, { recursive: true });
  if ((await disksBelow(directory)).length > 0) return;
  const refuse = (why: string): KmkError =>
    new KmkError('KMK_ENV_RUNTIME', `a disk of ${sizeMb} MiB for a broker cannot be made: ${why}`, {
      hints: ['Take the Docker runtime (`kmk deploy --runtime docker`), or set `faults: { diskMb: 0 }` in kmk.yaml.'],
      context: { directory },
    });
  if (process.platform !== 'linux' || process.getuid?.() !== 0) throw refuse('only root on Linux may mount one');
  const options = `size=${sizeMb}m,mode=0700`;
  const mount = await execa('mount', ['-t', 'tmpfs', '-o', options, SOURCE, directory], { reject: false });
  if (mount.failed) throw refuse(mount.stderr.split('\n')[0] ?? 'mount failed');
}

/** Unmounts every such disk below the folder. The last threads of a killed JVM hold it for a moment longer. */
export async function removeDisks(directory: string): Promise<void> {
  const deadline = Date.now() + BUSY_LIMIT_MS;
  for (const mounted of await disksBelow(directory)) {
    while ((await execa('umount', [mounted], { reject: Date.now() > deadline })).failed) {
      await new Promise((resolve) => setTimeout(resolve, BUSY_POLL_MS));
    }
  }
}

/** Writes until nothing more fits. */
export async function fillDisk(directory: string): Promise<void> {
  const file = await open(join(directory, FILLER), 'w', 0o600);
  try {
    for (let size = BLOCK.length; size >= 1;) {
      try {
        const { bytesWritten } = await file.write(BLOCK, 0, size);
        if (bytesWritten < size) size = Math.max(1, bytesWritten);
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
        size = Math.floor(size / 16);
      }
    }
  } finally {
    await file.close();
  }
}

export async function freeDisk(directory: string): Promise<void> {
  await rm(join(directory, FILLER), { force: true });
}

/** Where such a disk is mounted, at the folder or below it; none on systems without /proc. */
async function disksBelow(directory: string): Promise<readonly string[]> {
  const table = await readFile('/proc/self/mounts', 'utf8').catch(() => '');
  const ours = table
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([source]) => source === SOURCE);
  // Blanks and backslashes are written as octal numbers.
  const at = ours.map(([, path = '']) => path.replaceAll(/\\(\d{3})/g, octal));
  return at.filter((path) => path === directory || path.startsWith(`${directory}/`));
}

function octal(_: string, digits: string): string {
  return String.fromCharCode(Number.parseInt(digits, 8));
}
