import { setTimeout } from 'node:timers/promises';
import type Docker from 'dockerode';

/** Each frame of a container's output begins with its stream (one byte), three zeroes and its length (four bytes). */
const HEADER = 8;

/** Takes the output of a container without a terminal apart. Frames end anywhere, lines too. */
export class LogLines {
  readonly #onLine: (line: string, stream: 'stdout' | 'stderr') => void;
  readonly #rest = { stdout: '', stderr: '' };
  #pending = Buffer.alloc(0);

  constructor(onLine: (line: string, stream: 'stdout' | 'stderr') => void) {
    this.#onLine = onLine;
  }

  add(chunk: Buffer): void {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    while (this.#pending.length >= HEADER) {
      const length = this.#pending.readUInt32BE(4);
      if (this.#pending.length < HEADER + length) return;
      const stream = this.#pending[0] === 2 ? 'stderr' : 'stdout';
      this.#text(stream, this.#pending.toString('utf8', HEADER, HEADER + length));
      this.#pending = this.#pending.subarray(HEADER + length);
    }
  }

  /** A last line without an end is a line too. */
  end(): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      if (this.#rest[stream] !== '') this.#onLine(this.#rest[stream], stream);
      this.#rest[stream] = '';
    }
  }

  #text(stream: 'stdout' | 'stderr', text: string): void {
    const lines = (this.#rest[stream] + text).split('\n');
    this.#rest[stream] = lines.pop() ?? '';
    for (const line of lines) this.#onLine(line.replace(/\r$/, ''), stream);
  }
}

/** The last lines of a container, oldest first. */
export async function tailOf(container: Docker.Container, lines: number): Promise<readonly string[]> {
  const found: string[] = [];
  const reader = new LogLines((line) => found.push(line));
  reader.add(await container.logs({ follow: false, stdout: true, stderr: true, tail: lines }));
  reader.end();
  return found.slice(-lines);
}

/**
 * The last lines and every new one until the signal aborts or the container ends. True when there is nothing more to
 * come from it.
 */
export async function followOf(
  container: Docker.Container,
  from: { readonly lines: number; readonly since?: string },
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const reader = new LogLines(onLine);
  const stream = await container.logs({
    follow: true,
    stdout: true,
    stderr: true,
    tail: from.lines,
    since: from.since ?? '0',
    abortSignal: signal,
  });
  await new Promise<void>((resolve, reject) => {
    stream.on('data', (chunk: Buffer) => reader.add(chunk));
    stream.once('end', resolve);
    stream.once('error', (error: Error) => (signal.aborted ? resolve() : reject(error)));
    stream.once('close', resolve);
  });
  reader.end();
}

/** Waits between looks at a container; ends early, without an error, when the signal aborts. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal, ref: true }).catch(() => undefined);
}
