import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { KmkError } from '../../domain/errors.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult } from '../define-command.ts';
import type { initOptions } from '../definitions/init.ts';

/** Writes kmk.yaml and the schema beside it. Throws KMK_EXISTS for an existing kmk.yaml without --force. */
export async function run(
  { options }: CommandInput<typeof initOptions>,
  context: CommandContext,
): Promise<CommandResult> {
  const { CONFIG_FILE, configJsonSchemaText, initFile, SCHEMA_FILE } = await import('../../config/index.ts');
  const file = resolve(context.cwd, context.globals.config ?? CONFIG_FILE);
  const schema = join(dirname(file), SCHEMA_FILE);
  await mkdir(dirname(file), { recursive: true });
  await writeNew(file, initFile(options.preset), options.force, context.cwd);
  await writeFile(schema, configJsonSchemaText());
  return {
    document: { schema: 'kmk.init/v1', preset: options.preset, file, files: [file, schema] },
    human: `wrote ${shownIn(context.cwd, file)} and ${shownIn(context.cwd, schema)}`,
  };
}

async function writeNew(file: string, text: string, force: boolean, cwd: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: force ? 'w' : 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new KmkError('KMK_EXISTS', `"${shownIn(cwd, file)}" exists`, {
      hints: ['Run `kmk init --force` to overwrite it, or name another file with `-c FILE`.'],
      context: { file },
    });
  }
}

/** A path below the current folder is shown relative to it. */
function shownIn(cwd: string, file: string): string {
  const path = relative(cwd, file);
  return path.startsWith('..') ? file : path;
}
