import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What tells one process from another that got the same PID later. */
export interface ProcessIdentity {
  /** Clock ticks since boot (Linux, field 22 of /proc/PID/stat) or the text of `ps -o lstart`. */
  readonly startTime: string;
  /** `T` is stopped by a signal, `Z` has ended and was not reaped. */
  readonly state: string;
  readonly args: string;
}

/** The process with that PID, or null where there is none. A zombie counts as none. */
export async function identify(pid: number): Promise<ProcessIdentity | null> {
  const found = process.platform === 'linux' ? await fromProc(pid) : await fromPs(pid);
  return found === null || found.state.startsWith('Z') ? null : found;
}

async function fromProc(pid: number): Promise<ProcessIdentity | null> {
  try {
    const [stat, cmdline] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile(`/proc/${pid}/cmdline`, 'utf8'),
    ]);
    // The second field is the command in brackets and may hold spaces and brackets: count from the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', startTime: fields[19] ?? '', args: cmdline.replaceAll('\0', ' ').trim() };
  } catch {
    return null;
  }
}

async function fromPs(pid: number): Promise<ProcessIdentity | null> {
  try {
    const column = async (name: string): Promise<string> =>
      (await run('ps', ['-ww', '-o', `${name}=`, '-p', String(pid)])).stdout.trim();
    return { startTime: await column('lstart'), state: await column('state'), args: await column('args') };
  } catch {
    return null;
  }
}
