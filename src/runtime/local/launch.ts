import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { ProcessIdentity } from '../../util/process-identity.ts';
import { identify } from '../../util/process-identity.ts';

/**
 * The shell writes its own PID and start time and then becomes the JVM, so there is never a JVM without a record.
 * Start time: field 22 of /proc/PID/stat where there is one, else `ps -o lstart`.
 */
const RECORD_THEN_EXEC = `
record=$1; log=$2; shift 2
if [ -r /proc/$$/stat ]; then started=$(cut -d' ' -f22 /proc/$$/stat); else started=$(ps -o lstart= -p $$); fi
printf '%s %s\\n' "$$" "$started" > "$record.tmp" && mv "$record.tmp" "$record" || exit 74
exec "$@" >> "$log" 2>&1
`;

export interface LaunchRequest {
  readonly name: string;
  readonly command: readonly string[];
  readonly cwd: string;
  readonly logFile: string;
  readonly pidDir: string;
}

export interface RecordedProcess {
  readonly pid: number;
  readonly identity: ProcessIdentity;
}

/** Starts a process in its own session with its output in a file; it outlives kmk. Returns once it is recorded. */
export async function launch(request: LaunchRequest): Promise<void> {
  const record = pidFile(request.pidDir, request.name);
  await rm(record, { force: true });
  const child = execa('sh', ['-c', RECORD_THEN_EXEC, 'kmk', record, request.logFile, ...request.command], {
    cwd: request.cwd,
    detached: true,
    cleanup: false,
    stdio: 'ignore',
    reject: false,
  });
  child.unref();
  await awaitRecord(record);
}

/** The recorded process if it still is that process: same PID, same start time, and our mark among its arguments. */
export async function recorded(pidDir: string, name: string, mark: string): Promise<RecordedProcess | null> {
  const text = await readFile(pidFile(pidDir, name), 'utf8').catch(() => '');
  const [, pidText, startTime] = /^(\d+) (.+)\n/.exec(text) ?? [];
  if (pidText === undefined || startTime === undefined) return null;
  const pid = Number(pidText);
  const identity = await identify(pid);
  if (identity === null || identity.startTime !== startTime.trim() || !identity.args.includes(mark)) return null;
  return { pid, identity };
}

export function pidFile(pidDir: string, name: string): string {
  return join(pidDir, `${name}.pid`);
}

export async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFile(path, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
}

/** The shell needs a few milliseconds; 5 s is for a machine under heavy load. */
async function awaitRecord(path: string): Promise<void> {
  const deadline = Date.now() + 5000;
  while (Date.now() < deadline) {
    if ((await readFile(path, 'utf8').catch(() => '')).endsWith('\n')) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`the process did not record itself in ${path}`);
}
