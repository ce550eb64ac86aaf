import { resolve } from 'node:path';
import { portsToRender } from '../../app/render/choose-ports.ts';
import { diffFiles, driftError } from '../../app/render/diff-files.ts';
import { filesToPrint, joinFiles, renderAll } from '../../app/render/render-files.ts';
import type { RenderedFile } from '../../app/ports/template-renderer.ts';
import { filesIn } from '../../composition/lab-files.ts';
import { SECRETS_FILE } from '../../domain/lab/properties.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult } from '../define-command.ts';
import type { renderArgs, renderOptions } from '../definitions/insight.ts';
import { humanCount } from '../human-amount.ts';

/** Prints, writes or compares. Files that differ are exit 6 with --check. */
export async function run(
  { args, options }: CommandInput<typeof renderOptions, typeof renderArgs>,
  context: CommandContext,
): Promise<CommandResult> {
  const { setup, tools } = await context.app();
  const what = args.what ?? 'all';
  const ports = await portsToRender(setup, await tools.store.loadLab());
  const files = renderAll(setup, ports, what, tools.renderer);
  if (options.check || options.diff) return compare(files, options, context);
  if (options.out !== undefined) return write(files, options.out, context);
  const shown = filesToPrint(files, what);
  // The last line break is the printer's.
  return { document: { schema: 'kmk.render/v1', what, files }, human: () => joinFiles(shown).replace(/\n$/, '') };
}

async function write(files: readonly RenderedFile[], out: string, context: CommandContext): Promise<CommandResult> {
  const dir = resolve(context.cwd, out);
  const target = filesIn(dir);
  await target.write(files);
  await target.secrets();
  const written = files.map(({ path }) => path);
  return {
    document: { schema: 'kmk.render/v1', out: dir, written, secrets: SECRETS_FILE },
    human: [...written.map((path) => `wrote ${path}`), `${humanCount(written.length, 'file')} in ${out}`].join('\n'),
  };
}

async function compare(
  files: readonly RenderedFile[],
  options: CommandInput<typeof renderOptions>['options'],
  context: CommandContext,
): Promise<CommandResult> {
  const dir = resolve(context.cwd, options.out ?? '.');
  const target = filesIn(dir);
  const drifts = await diffFiles(files, (path) => target.read(path));
  const document = { schema: 'kmk.render/v1', out: dir, checked: files.length, drifts };
  const error = options.check && drifts.length > 0 ? { error: driftError(drifts) } : {};
  const same = `${humanCount(files.length, 'file')} as rendered`;
  const list = drifts.map(({ path, state }) => `${state} ${path}`).join('\n');
  const diff = drifts.flatMap(({ lines }) => lines).join('\n');
  return { document, human: drifts.length === 0 ? same : options.diff ? diff : list, ...error };
}
