import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Of kmk's own programs only the gate is a service. */
const GATE_MODULE = '/dist/gate/main.js';
const PS_OUTPUT_LIMIT = 64 * 1024 * 1024;

/** A JVM, or the shell that is about to become one, whose arguments carry a lab's mark. */
export interface MarkedProcess {
  readonly pid: number;
  readonly args: readonly string[];
}

/**
 * Every process that was started as a service with that mark, recorded or not: what is left when records are lost. Only
 * a program that kmk starts (java, node for the gate, or the shell before it), with the mark as an argument of its own, counts: a search
 * for the mark is not a service.
 */
export async function markedProcesses(mark: string): Promise<readonly MarkedProcess[]> {
  const all = process.platform === 'linux' ? await fromProc() : await fromPs();
  return all.filter(({ args }) => args.includes(mark) && isOurs(args));
}

function isOurs([program = '', first = '']: readonly string[]): boolean {
  const name = basename(program);
  return name === 'java' || name === 'sh' || (name === basename(process.execPath) && first.endsWith(GATE_MODULE));
}

async function fromProc(): Promise<readonly MarkedProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = pids.map(async (pid) => {
    // A process that has ended meanwhile has no arguments.
    const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return { pid, args: text.split('\0').slice(0, -1) };
  });
  return Promise.all(found);
}

async function fromPs(): Promise<readonly MarkedProcess[]> {
  const { stdout } = await run('ps', ['-axww', '-o', 'pid=,args='], { maxBuffer: PS_OUTPUT_LIMIT });
  return stdout.split('\n').flatMap((line) => {
    const [, pid, args] = /^\s*(\d+) (.*)$/.exec(line) ?? [];
    return pid === undefined || args === undefined ? [] : [{ pid: Number(pid), args: args.split(' ') }];
  });
}
