import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { testLab } from './lab.ts';

const run = promisify(execFile);
const TOOL_TIMEOUT_MS = 60_000;

function javaArguments(mainClass: string, args: readonly string[]): string[] {
  return ['-Xmx256m', '-cp', join(testLab().libs, '*'), mainClass, ...args];
}

/** Runs one of Kafka's own tools and returns what it printed: a witness that kmk did not write. */
export async function kafkaTool(mainClass: string, ...args: string[]): Promise<string> {
  const { stdout } = await run('java', javaArguments(`org.apache.kafka.tools.${mainClass}`, args), {
    timeout: TOOL_TIMEOUT_MS,
  });
  return stdout;
}

/** Starts one of Kafka's own tools; the caller kills it. */
export function startKafkaTool(mainClass: string, ...args: string[]): ChildProcess {
  return spawn('java', javaArguments(`org.apache.kafka.tools.${mainClass}`, args), { stdio: 'ignore' });
}

/** Runs kcat; `input` goes to its stdin. */
export async function kcat(args: readonly string[], input = ''): Promise<string> {
  const running = run('kcat', args, { timeout: TOOL_TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024 });
  // A call that reads no input may be over before there is any.
  running.child.stdin?.on('error', () => undefined).end(input);
  return (await running).stdout;
}

/** Repeats `probe` until it returns something other than undefined; throws after the deadline. */
export async function eventually<T>(
  what: string,
  probe: () => Promise<T | undefined>,
  deadlineMs = 30_000,
): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`${what} did not happen within ${deadlineMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
