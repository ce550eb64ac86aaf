import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';

const POLL_MS = 100;
/** Kafka's log lines are mostly shorter; a window that held too few is read again twice as large. */
const USUAL_LINE_BYTES = 400;
const CHUNK_BYTES = 256 * 1024;
const NEWLINE = 0x0a;

interface Tail {
  readonly lines: readonly string[];
  readonly end: number;
}

/** The last `count` lines, oldest first; none for a file that does not exist. */
export async function lastLines(path: string, count: number): Promise<readonly string[]> {
  return (await tailOf(path, count)).lines;
}

/**
 * Hands on the last `count` lines and then each line once it is whole, until the signal aborts. A file that does not
 * exist yet is waited for; one that became shorter is read from its start.
 */
export async function followLines(
  path: string,
  count: number,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const { lines, end } = await tailOf(path, count);
  lines.forEach(onLine);
  let position = end;
  let rest = Buffer.alloc(0);
  while (!signal.aborted) {
    const { bytes, size } = await readFrom(path, position);
    if (size < position) {
      position = 0;
      rest = Buffer.alloc(0);
      continue;
    }
    position += bytes.length;
    const text = Buffer.concat([rest, bytes]);
    const cut = text.lastIndexOf(NEWLINE) + 1;
    rest = text.subarray(cut);
    if (cut > 0)
      text
        .subarray(0, cut - 1)
        .toString('utf8')
        .split('\n')
        .forEach(onLine);
    if (bytes.length < CHUNK_BYTES) await delay(POLL_MS, signal);
  }
}

/** Whole lines only; `end` is the offset after the last of them. */
async function tailOf(path: string, count: number): Promise<Tail> {
  const found = await withFile(path, async (file) => {
    const { size } = await file.stat();
    for (let window = Math.max(1, count) * USUAL_LINE_BYTES; ; window *= 2) {
      const start = Math.max(0, size - window);
      const bytes = await readAt(file, start, size - start);
      const cut = bytes.lastIndexOf(NEWLINE) + 1;
      const lines = cut === 0 ? [] : bytes.toString('utf8', 0, cut - 1).split('\n');
      // The first line of a window in mid-file may be cut.
      const whole = start === 0 ? lines : lines.slice(1);
      if (whole.length >= count || start === 0) {
        return { lines: count === 0 ? [] : whole.slice(-count), end: start + cut };
      }
    }
  });
  return found ?? { lines: [], end: 0 };
}

async function readFrom(path: string, position: number): Promise<{ readonly bytes: Buffer; readonly size: number }> {
  const found = await withFile(path, async (file) => {
    const { size } = await file.stat();
    return { bytes: await readAt(file, position, Math.max(0, Math.min(CHUNK_BYTES, size - position))), size };
  });
  return found ?? { bytes: Buffer.alloc(0), size: position };
}

/** null where the file does not exist. */
async function withFile<T>(path: string, work: (file: FileHandle) => Promise<T>): Promise<T | null> {
  const file = await open(path, 'r').catch(() => null);
  if (file === null) return null;
  try {
    return await work(file);
  } finally {
    await file.close();
  }
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  return buffer.subarray(0, bytesRead);
}

function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
  });
}
