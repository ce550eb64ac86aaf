import { deployProject } from '../../app/deploy/deploy-project.ts';
import type { DeployDocument } from '../../domain/documents.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult } from '../define-command.ts';
import type { deployOptions } from '../definitions/lab.ts';
import { table } from '../table.ts';

/** Deploys and says what runs where. */
export async function run(
  { options }: CommandInput<typeof deployOptions>,
  context: CommandContext,
): Promise<CommandResult> {
  const app = await context.app();
  const { wait, ui } = options;
  const runtime = options.runtime ?? app.setup.runtime;
  const request = { setup: app.setup, runtime, wait, ui };
  const document = await app.run((run) => deployProject(run, request, context.signal));
  return { document, human: () => deployText(document) };
}

function deployText({ project, changed, durationMs, clusters }: DeployDocument): string {
  const rows = clusters.map(({ alias, role, bootstrap }) => [alias, role, bootstrap]);
  const seconds = (durationMs / 1000).toFixed(1);
  const line = changed ? `deployed "${project}" in ${seconds} s` : `"${project}" runs already, nothing changed`;
  return `${line}\n\n${table([{ title: 'CLUSTER' }, { title: 'ROLE' }, { title: 'BOOTSTRAP' }], rows)}`;
}
