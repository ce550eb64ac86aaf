import { readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { KmkError } from '../../domain/errors.ts';
import { START_MARK } from '../../domain/lab/service-spec.ts';
import type { ProcessIdentity } from '../../util/process-identity.ts';
import { identify } from '../../util/process-identity.ts';
import { exists } from './exists.ts';

/**
 * The shell writes its own PID and start time, takes its ticket and then becomes the JVM: there is never a JVM without
 * a record, and a shell that was overtaken by a sweep (its kmk was killed right after the start) finds no ticket and
 * ends. Removing the ticket is what decides: either the shell does it or the sweep.
 * Start time: field 22 of /proc/PID/stat where there is one, else `ps -o lstart`.
 */
const RECORD_THEN_EXEC = `
record=$1; ticket=$2; log=$3; shift 3
if [ -r /proc/$$/stat ]; then started=$(cut -d' ' -f22 /proc/$$/stat); else started=$(ps -o lstart= -p $$); fi
printf '%s %s\\n' "$$" "$started" > "$record.tmp" && mv "$record.tmp" "$record" || exit 74
rm "$ticket" || exit 75
echo "${START_MARK} with pid $$" >> "$log"
exec "$@" >> "$log" 2>&1
`;
const EXIT_NOT_WRITTEN = 74;
const TICKET_SUFFIX = '.launch';

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

/**
 * Starts a process in its own session with its output in a file; it outlives kmk. Returns once it is recorded. Earlier
 * launches of that name must have been revoked. Throws KMK_ENV_DISK when it cannot be recorded.
 */
export async function launch(request: LaunchRequest): Promise<void> {
  const record = pidFile(request.pidDir, request.name);
  const ticket = join(request.pidDir, `${request.name}.${process.pid}${TICKET_SUFFIX}`);
  await rm(record, { force: true });
  await writeFile(ticket, '');
  const child = execa('sh', ['-c', RECORD_THEN_EXEC, 'kmk', record, ticket, request.logFile, ...request.command], {
    cwd: request.cwd,
    detached: true,
    cleanup: false,
    stdio: 'ignore',
    reject: false,
  });
  child.unref();
  await awaitRecord(record, ticket, child);
}

/** Takes back the right to start of every launch (of that name) that has not recorded itself yet. */
export async function revokeLaunches(pidDir: string, name?: string): Promise<void> {
  const files = await readdir(pidDir).catch(() => []);
  const tickets = files.filter(
    (file) => file.endsWith(TICKET_SUFFIX) && (name === undefined || file.replace(/\.\d+\.launch$/, '') === name),
  );
  await Promise.all(tickets.map((file) => rm(join(pidDir, file), { force: true })));
}

/** The recorded process if it still is that process: same PID, same start time, and our mark among its arguments. */
export async function recorded(pidDir: string, name: string, mark: string): Promise<RecordedProcess | null> {
  const text = await readFile(pidFile(pidDir, name), 'utf8').catch(() => '');
  const [, pidText, startTime] = /^(\d+) (.+)\n/.exec(text) ?? [];
  if (pidText === undefined || startTime === undefined) return null;
  const pid = Number(pidText);
  const identity = await settled(pid);
  if (identity === null || identity.startTime !== startTime.trim() || !identity.args.includes(mark)) return null;
  return { pid, identity };
}

const EXEC_LOOKS = 20;

/** While a process changes its image (the shell becoming the JVM) its arguments read as empty for a moment. */
async function settled(pid: number): Promise<ProcessIdentity | null> {
  for (let look = 0; ; look += 1) {
    const identity = await identify(pid);
    if (identity === null || identity.args !== '' || look === EXEC_LOOKS) return identity;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export function pidFile(pidDir: string, name: string): string {
  return join(pidDir, `${name}.pid`);
}

/** Appears whole or not at all, also when kmk is killed while it writes. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  const aside = `${path}.${process.pid}.tmp`;
  await writeFile(aside, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  await rename(aside, path);
}

/** The shell needs a few milliseconds; this is for a machine under heavy load. */
const RECORD_LIMIT_MS = 30_000;
const RECORD_POLL_MS = 5;

async function awaitRecord(
  record: string,
  ticket: string,
  child: PromiseLike<{ readonly exitCode?: number }>,
): Promise<void> {
  const end: { result: { readonly exitCode?: number } | null } = { result: null };
  void child.then((result) => (end.result = result));
  const deadline = Date.now() + RECORD_LIMIT_MS;
  const isRecorded = async (): Promise<boolean> => (await exists(record)) && !(await exists(ticket));
  while (Date.now() < deadline) {
    const over = end.result;
    // Asked after the look at the process: one that recorded itself and then ended was started.
    if (await isRecorded()) return;
    if (over !== null) throw notRecorded(record, over.exitCode);
    await new Promise((resolve) => setTimeout(resolve, RECORD_POLL_MS));
  }
  throw notRecorded(record, undefined);
}

function notRecorded(record: string, exitCode: number | undefined): Error {
  if (exitCode !== EXIT_NOT_WRITTEN)
    return new Error(`a process did not record itself in ${record} (${exitCode ?? 'no'} exit code)`);
  return new KmkError('KMK_ENV_DISK', `the process record "${record}" could not be written`, {
    hints: ['Free space or fix the permissions, or choose another place with `--state-dir DIR`.'],
  });
}
