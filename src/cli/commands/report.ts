import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pickRun } from '../../app/report/pick-run.ts';
import { openFile } from '../../composition/open-file.ts';
import { formatReport, readReport, writeHtmlReport } from '../../composition/reports.ts';
import { KmkError } from '../../domain/errors.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult } from '../define-command.ts';
import type { reportArgs, reportOptions } from '../definitions/insight.ts';

/** Makes the report anew each time; the journal is all it needs. */
export async function run(
  { args, options }: CommandInput<typeof reportOptions, typeof reportArgs>,
  context: CommandContext,
): Promise<CommandResult> {
  const { tools } = await context.app();
  const runId = await pickRun(tools.store, args.run);
  const { out, open } = options;
  // `-o json` alone asks for the report in JSON, not for the place of an HTML file.
  const format = options.format ?? (context.output === 'human' || out !== undefined || open ? 'html' : 'json');
  if (format !== 'html' && out === undefined) {
    const model = await readReport(tools, runId);
    if (format === 'json' && context.output !== 'human') return { document: model };
    return { human: (await formatReport(model, format)).replace(/\n$/, '') };
  }
  if (out === undefined) await writeHtmlReport(tools, runId);
  const path =
    out === undefined
      ? tools.store.reportPath(runId)
      : await writeTo(resolve(context.cwd, out), await formatReport(await readReport(tools, runId), format), out);
  if (open) await openFile(path);
  return { document: { schema: 'kmk.report-file/v1', runId, format, path }, human: path };
}

async function writeTo(path: string, text: string, shown: string): Promise<string> {
  try {
    await writeFile(path, text);
    return path;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['ENOENT', 'EISDIR', 'ENOTDIR'].includes(code)) throw error;
    throw new KmkError('KMK_CONFIG_FILE', `"${shown}" can not be written: ${code}`, {
      hints: ['Name a file in a folder that exists.'],
      cause: error,
    });
  }
}
