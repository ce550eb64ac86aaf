import { readFile, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { KmkError } from '../domain/errors.ts';

export const CONFIG_FILE = 'kmk.yaml';

/** The nearest kmk.yaml at or above a folder, absolute; null where there is none up to the root. */
export async function findConfigFile(cwd: string): Promise<string | null> {
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const candidate = join(folder, CONFIG_FILE);
    if (await isFile(candidate)) return candidate;
    if (folder === dirname(folder)) return null;
  }
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

/** A file as messages call it: relative to the current folder when it lies below, else as it is. */
export function shownPath(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return short === '' || short.startsWith('..') ? path : short;
}

/** The text of a file that the user named. Throws KMK_CONFIG_FILE when it can not be read, KMK_CONFIG_INVALID when it is no text. */
export async function readNamedFile(path: string, shown: string): Promise<string> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new KmkError('KMK_CONFIG_FILE', `${JSON.stringify(shown)} ${reason(error)}`, {
      context: { file: shown },
      hints: ['Check the path, or run `kmk init` to write a new file.'],
      cause: error,
    });
  });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new KmkError('KMK_CONFIG_INVALID', `${shown}: is not UTF-8 text`, { context: { file: shown }, cause: error });
  }
}

function reason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'does not exist';
  if (code === 'EISDIR') return 'is a folder, expected a file';
  return `can not be read (${code ?? 'unknown reason'})`;
}
