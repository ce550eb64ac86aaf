import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { KmkError } from '../domain/errors.ts';
import type { CommandContext } from './command-context.ts';

/** Lines of a file, or of standard input for `-`. A file that cannot be read is KMK_CONFIG_FILE (exit 3) at once. */
export async function openLines(
  path: string,
  context: Pick<CommandContext, 'io' | 'cwd'>,
): Promise<AsyncIterable<readonly Uint8Array[]>> {
  if (path === '-') return linesOf(context.io.stdin);
  try {
    const file = await open(resolve(context.cwd, path));
    if ((await file.stat()).isDirectory()) {
      await file.close();
      throw Object.assign(new Error('a directory'), { code: 'EISDIR' });
    }
    return linesOf(file.createReadStream());
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    const reasons: Readonly<Record<string, string>> = {
      ENOENT: 'does not exist',
      EISDIR: 'is a directory',
      EACCES: 'may not be read',
    };
    throw new KmkError('KMK_CONFIG_FILE', `file "${path}" ${reasons[code] ?? `can not be read: ${code}`}`, {
      context: { path },
      cause: error,
    });
  }
}

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const encoder = new TextEncoder();

/**
 * Lines, byte for byte, as many at a time as the stream gives, without their line breaks (LF or CR LF); a last line needs
 * none. Unlike readline's iterator it misses nothing of a stream that ends before the first line is asked for.
 */
export async function* linesOf(stream: Readable): AsyncGenerator<readonly Uint8Array[], void> {
  // The pieces of a line that is not complete: a long one is joined once.
  let rest: Uint8Array[] = [];
  for await (const chunk of stream as AsyncIterable<Uint8Array | string>) {
    const bytes = typeof chunk === 'string' ? encoder.encode(chunk) : chunk;
    const lines: Uint8Array[] = [];
    let from = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
      lines.push(withoutReturn(joined([...rest, bytes.subarray(from, end)])));
      rest = [];
      from = end + 1;
    }
    if (from < bytes.length) rest.push(bytes.subarray(from));
    if (lines.length > 0) yield lines;
  }
  if (rest.length > 0) yield [withoutReturn(joined(rest))];
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [only] = pieces;
  return only !== undefined && pieces.length === 1 ? only : Buffer.concat(pieces);
}

function withoutReturn(line: Uint8Array): Uint8Array {
  return line.at(-1) === RETURN ? line.subarray(0, -1) : line;
}
