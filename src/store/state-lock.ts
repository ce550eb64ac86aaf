import { mkdir, readFile, readlink, rm, stat, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { KmkError } from '../domain/errors.ts';
import { identify } from '../util/process-identity.ts';

interface LockOwner {
  readonly pid: number;
  readonly startTime: string;
  readonly command: string;
}

/** How long two processes that find the same stale lock wait for each other; removing one takes milliseconds. */
const TAKEOVER_PAUSE_MS = 10;

/**
 * Takes `<state-dir>/lock` for this process. A lock whose owner no longer lives (by PID and start time) is taken over.
 * Throws KMK_LOCKED naming the owner otherwise, KMK_ENV_DISK where the state directory cannot be made.
 */
export async function takeStateLock(stateDir: string, command: string): Promise<AsyncDisposable> {
  await makeFolder(stateDir);
  return takeLock(join(stateDir, 'lock'), { command, whenHeld: 'refuse' });
}

/** Who holds `<state-dir>/lock`, and whether that process still lives; null where nobody does. */
export async function lockHolder(stateDir: string): Promise<(LockOwner & { readonly alive: boolean }) | null> {
  const owner = parseOwner((await read(join(stateDir, 'lock'))) ?? '');
  if (owner === null) return null;
  return { ...owner, alive: (await identify(owner.pid))?.startTime === owner.startTime };
}

/** Takes the lock file for this process; while its owner lives it waits or throws KMK_LOCKED. */
export async function takeLock(
  path: string,
  { command, whenHeld }: { readonly command: string; readonly whenHeld: 'refuse' | 'wait' },
): Promise<AsyncDisposable> {
  const startTime = (await identify(process.pid))?.startTime ?? '';
  const text = JSON.stringify({ pid: process.pid, startTime, command } satisfies LockOwner);
  return acquire(path, text, (owner) => {
    if (whenHeld === 'refuse') throw locked(owner, dirname(path));
    return pause();
  });
}

/**
 * The lock is a symbolic link whose target is its owner: it appears whole, only once, and also on a full disk. A stale
 * one is removed under a second lock, because of two that find it stale the slower must not remove the faster's.
 */
async function acquire(
  path: string,
  text: string,
  whenHeld: (owner: LockOwner) => Promise<void>,
): Promise<AsyncDisposable> {
  for (;;) {
    try {
      await symlink(text, path);
      return { [Symbol.asyncDispose]: () => release(path, text) };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const found = await read(path);
    if (found === null) continue;
    const owner = parseOwner(found);
    if (owner !== null && (await identify(owner.pid))?.startTime === owner.startTime) {
      await whenHeld(owner);
      continue;
    }
    const guard = await acquire(`${path}.takeover`, text, pause);
    try {
      if ((await read(path)) === found) await rm(path, { force: true });
    } finally {
      await guard[Symbol.asyncDispose]();
    }
  }
}

async function release(path: string, text: string): Promise<void> {
  if ((await read(path)) === text) await rm(path, { force: true });
}

/** What the lock says, null where there is none. A plain file is read as well: older ones were files. */
async function read(path: string): Promise<string | null> {
  return readlink(path).catch(() => readFile(path, 'utf8').catch(() => null));
}

function parseOwner(text: string): LockOwner | null {
  try {
    const owner = JSON.parse(text) as Partial<LockOwner> | null;
    const { pid, startTime, command } = owner ?? {};
    const whole = Number.isInteger(pid) && typeof startTime === 'string' && typeof command === 'string';
    return whole ? (owner as LockOwner) : null;
  } catch {
    return null;
  }
}

async function makeFolder(stateDir: string): Promise<void> {
  try {
    await makeFolders(stateDir);
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    throw new KmkError('KMK_ENV_DISK', `the state directory "${stateDir}" cannot be made (${reason})`, {
      hints: ['Fix the permissions or the path, or choose another place with `--state-dir DIR`.'],
      cause: error,
    });
  }
}

/** As `mkdir` with `recursive`, which loops for ever where a folder that exists takes no new ones (/proc). */
async function makeFolders(dir: string): Promise<void> {
  try {
    await mkdir(dir);
  } catch (error) {
    const found = await stat(dir).catch(() => null);
    if (found?.isDirectory() === true) return;
    const parent = dirname(dir);
    const orphan = found === null && parent !== dir && (await stat(parent).catch(() => null)) === null;
    if (!orphan) throw error;
    await makeFolders(parent);
    await mkdir(dir);
  }
}

async function pause(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, TAKEOVER_PAUSE_MS));
}

function locked(owner: LockOwner, stateDir: string): KmkError {
  return new KmkError('KMK_LOCKED', `\`kmk ${owner.command}\` (pid ${owner.pid}) works on "${stateDir}"`, {
    hints: ['Wait until it has finished, or stop it with Ctrl-C.'],
    context: { pid: owner.pid, command: owner.command },
  });
}
