import { deploy } from '../../app/deploy/deploy.ts';
import { KmkError } from '../../domain/errors.ts';
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
  const choice = options.runtime ?? app.setup.runtime;
  if (choice === 'docker') {
    throw new KmkError('KMK_ENV_RUNTIME', 'runtime "docker" cannot be started by this kmk', {
      hints: ['Run `kmk deploy --runtime local`, or `kmk render compose --out DIR` and start the file with Compose.'],
    });
  }
  return app.run(async ({ tools, runId, journal }) => {
    if (app.setup.ui.enabled && options.ui) {
      tools.events.emit('note', { text: 'the local runtime has no web UI' });
    }
    const request = { setup: app.setup, runtime: 'local', wait: options.wait } as const;
    const { lab, changed, durationMs, crossings } = await deploy(tools, request, context.signal);
    const clusters = lab.layout.clusters.map(({ alias, clientBootstrap }) => ({
      alias,
      role: alias === lab.record.active ? 'active' : 'standby',
      bootstrap: clientBootstrap,
      clusterId: lab.record.clusterIds[alias] ?? null,
    }));
    const { project, runtime } = lab.record;
    return {
      document: { schema: 'kmk.deploy/v1', runId, project, runtime, changed, durationMs, clusters, crossings, journal },
      human: () => {
        const rows = clusters.map(({ alias, role, bootstrap }) => [alias, role, bootstrap]);
        const seconds = (durationMs / 1000).toFixed(1);
        const line = changed ? `deployed "${project}" in ${seconds} s` : `"${project}" runs already, nothing changed`;
        return `${line}\n\n${table([{ title: 'CLUSTER' }, { title: 'ROLE' }, { title: 'BOOTSTRAP' }], rows)}`;
      },
    };
  });
}
