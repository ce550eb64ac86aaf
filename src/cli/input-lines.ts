import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { KmkError } from '../domain/errors.ts';
import type { CommandContext } from './command-context.ts';

/** Lines of a file, or of standard input for `-`. A file that cannot be read is KMK_CONFIG_FILE (exit 3) at once. */
export async function openLines(
  path: string,
  context: Pick<CommandContext, 'io' | 'cwd'>,
): Promise<AsyncIterable<string>> {
  if (path === '-') return createInterface({ input: context.io.stdin, crlfDelay: Infinity });
  try {
    const file = await open(resolve(context.cwd, path));
    if ((await file.stat()).isDirectory()) {
      await file.close();
      throw Object.assign(new Error('a directory'), { code: 'EISDIR' });
    }
    return createInterface({ input: file.createReadStream(), crlfDelay: Infinity });
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
