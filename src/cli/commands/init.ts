import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { KmkError } from '../../domain/errors.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult } from '../define-command.ts';
import type { initOptions } from '../definitions/init.ts';

/**
 * Writes kmk.yaml and, unless there is one, the schema beside it. Throws KMK_EXISTS for an existing kmk.yaml without
 * --force, KMK_CONFIG_FILE for a path that can not be a file.
 */
export async function run(
  { options }: CommandInput<typeof initOptions>,
  context: CommandContext,
): Promise<CommandResult> {
  const { CONFIG_FILE, configJsonSchemaText, initFile, SCHEMA_FILE } = await import('../../config/index.ts');
  const file = resolve(context.cwd, context.globals.config ?? CONFIG_FILE);
  const schema = join(dirname(file), SCHEMA_FILE);
  const name = shownIn(context.cwd, file);
  if (!(await writeNew(file, initFile(options.preset), options.force, name))) {
    throw new KmkError('KMK_EXISTS', `"${name}" exists`, {
      hints: ['Run `kmk init --force` to overwrite it, or name another file with `-c FILE`.'],
      context: { file },
    });
  }
  const files = (await writeNew(schema, configJsonSchemaText(), options.force, name)) ? [file, schema] : [file];
  return {
    document: { schema: 'kmk.init/v1', preset: options.preset, file, files },
    human: files.map((path) => `wrote ${shownIn(context.cwd, path)}`).join('\n'),
  };
}

/** False when the file exists and `force` is not set. */
async function writeNew(path: string, text: string, force: boolean, name: string): Promise<boolean> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { flag: force ? 'w' : 'wx' });
    return true;
  } catch (error) {
    const { code = '', syscall } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && syscall === 'open') return false;
    if (!['EEXIST', 'EISDIR', 'ENOTDIR', 'ENAMETOOLONG'].includes(code)) throw error;
    throw new KmkError('KMK_CONFIG_FILE', `"${name}" can not be written: ${code}`, { cause: error });
  }
}

/** A path below the current folder is shown relative to it. */
function shownIn(cwd: string, file: string): string {
  const path = relative(cwd, file);
  return path.startsWith('..') ? file : path;
}
