import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KmkError } from '../domain/errors.ts';
import { kmkVersion } from '../composition/version.ts';

const DISK_MESSAGES: Readonly<Record<string, string>> = {
  ENOSPC: 'no space left on the disk',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'no permission to write',
  EPERM: 'no permission to write',
  EROFS: 'the file system is read-only',
};

/**
 * A disk problem below anything kmk did, as KMK_ENV_DISK; undefined for other errors. Only errors that name a file
 * count: EACCES of a socket has another cause.
 */
export function diskError(error: unknown): KmkError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, path } = error as NodeJS.ErrnoException;
  const text = code === undefined ? undefined : DISK_MESSAGES[code];
  if (text === undefined || (path === undefined && code !== 'ENOSPC' && code !== 'EDQUOT'))
    return diskError(error.cause);
  const message = path === undefined ? text : `${text}: "${path}"`;
  return new KmkError('KMK_ENV_DISK', message, {
    hints: ['Free space or fix the permissions, or choose another place with `--state-dir DIR`.'],
    cause: error,
  });
}

/** An error nobody expected: one line for the user; the stack goes to a file. */
export function bugError(error: unknown, argv: readonly string[], logDir: string, now: Date): KmkError {
  const report = `kmk ${kmkVersion()}, node ${process.version}, ${process.platform} ${process.arch}\nkmk ${argv.join(' ')}\n${stackOf(error)}\n`;
  const log = writeCrashLog(report, logDir, now);
  const message = error instanceof Error ? error.message : String(error);
  const where = log === null ? '' : `, details in ${log}`;
  return new KmkError('KMK_BUG', `this is a bug in kmk: ${message.split('\n')[0] ?? ''}${where}`, {
    context: { version: kmkVersion(), node: process.version, log },
    cause: error,
  });
}

/** The stack with those of its causes. */
export function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? error.message;
  return error.cause === undefined ? own : `${own}\ncaused by: ${stackOf(error.cause)}`;
}

/** Writes to the folder if it exists, else to the system's temporary one; null when neither takes it. */
function writeCrashLog(report: string, logDir: string, now: Date): string | null {
  const name = `crash-${now.toISOString().replaceAll(':', '-')}.log`;
  const places = [
    { dir: logDir, name },
    { dir: tmpdir(), name: `kmk-${name}` },
  ];
  for (const place of places) {
    try {
      const path = join(place.dir, place.name);
      writeFileSync(path, report, { mode: 0o600 });
      return path;
    } catch {
      // The next place may be writable; without one the line on stderr has to do.
    }
  }
  return null;
}
