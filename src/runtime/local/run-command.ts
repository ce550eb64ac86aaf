import { delimiter, dirname } from 'node:path';
import { Readable } from 'node:stream';
import { execa } from 'execa';
import type { ExecIo } from '../../app/ports/service-runtime.ts';

export interface CommandPlace {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** The java that the services run with: it comes first on PATH. */
  readonly java: string;
}

/** Runs a command for a person beside the services; its exit code, 1 when a signal ended it. */
export async function runCommand(
  [file = '', ...args]: readonly string[],
  { environment, input, onOutput, signal }: ExecIo,
  { cwd, env, java }: CommandPlace,
): Promise<number> {
  const path = java.includes('/') ? [dirname(java), env['PATH'] ?? ''].join(delimiter) : env['PATH'];
  const child = execa(file, args, {
    cwd,
    env: { ...env, PATH: path, ...environment },
    extendEnv: false,
    reject: false,
    buffer: false,
    encoding: 'buffer',
    stdin: input === null ? 'ignore' : 'pipe',
    cancelSignal: signal,
  });
  child.stdout.on('data', (chunk: Uint8Array) => onOutput('stdout', chunk));
  child.stderr.on('data', (chunk: Uint8Array) => onOutput('stderr', chunk));
  if (input !== null && child.stdin !== null) Readable.from(input).pipe(child.stdin);
  const result = await child;
  signal.throwIfAborted();
  return result.exitCode ?? 1;
}
