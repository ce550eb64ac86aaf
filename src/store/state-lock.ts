import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KmkError } from '../domain/errors.ts';
import { identify } from '../util/process-identity.ts';

interface LockOwner {
  readonly pid: number;
  readonly startTime: string;
  readonly command: string;
}

/**
 * Takes `<state-dir>/lock` for this process. A lock whose owner no longer lives (by PID and start time) is taken over.
 * Throws KMK_LOCKED naming the owner otherwise.
 */
export async function takeStateLock(stateDir: string, command: string): Promise<AsyncDisposable> {
  await mkdir(stateDir, { recursive: true });
  const path = join(stateDir, 'lock');
  const startTime = (await identify(process.pid))?.startTime ?? '';
  const text = `${JSON.stringify({ pid: process.pid, startTime, command } satisfies LockOwner)}\n`;
  for (;;) {
    try {
      await writeFile(path, text, { flag: 'wx' });
      return { [Symbol.asyncDispose]: () => release(path, text) };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const owner = parseOwner(await readFile(path, 'utf8').catch(() => ''));
    if (owner !== null && (await identify(owner.pid))?.startTime === owner.startTime) throw locked(owner, stateDir);
    await rm(path, { force: true });
  }
}

async function release(path: string, text: string): Promise<void> {
  if ((await readFile(path, 'utf8').catch(() => '')) === text) await rm(path, { force: true });
}

function parseOwner(text: string): LockOwner | null {
  try {
    return JSON.parse(text) as LockOwner;
  } catch {
    return null;
  }
}

function locked(owner: LockOwner, stateDir: string): KmkError {
  return new KmkError('KMK_LOCKED', `\`kmk ${owner.command}\` (pid ${owner.pid}) works on "${stateDir}"`, {
    hints: ['Wait until it has finished, or stop it with Ctrl-C.'],
    context: { pid: owner.pid, command: owner.command },
  });
}
