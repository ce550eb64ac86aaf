import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { KmkError } from '../domain/errors.ts';
import type { CommandContext } from './command-context.ts';

/** Lines of a file, or of standard input for `-`. A file that cannot be read is KMK_CONFIG_FILE (exit 3) at once. */
export async function openLines(
  path: string,
  context: Pick<CommandContext, 'io' | 'cwd'>,
): Promise<AsyncIterable<readonly string[]>> {
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

/**
 * Lines as UTF-8, as many at a time as the stream gives, without their line breaks; a last line needs none. Unlike
 * readline's iterator it misses nothing of a stream that ends before the first line is asked for.
 */
export async function* linesOf(stream: Readable): AsyncGenerator<readonly string[], void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream as AsyncIterable<Uint8Array | string>) {
    const text = rest + (typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true }));
    const lines = text.split('\n');
    rest = lines.pop() ?? '';
    if (lines.length > 0) yield lines.map(withoutReturn);
  }
  rest += decoder.decode();
  if (rest !== '') yield [withoutReturn(rest)];
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
