import type { DeployDocument } from '../../domain/documents.ts';
import { KmkError } from '../../domain/errors.ts';
import type { RuntimeChoice, Setup } from '../../domain/setup.ts';
import type { Run } from '../run.ts';
import { deploy } from './deploy.ts';

export interface DeployProjectRequest {
  readonly setup: Setup;
  readonly runtime: RuntimeChoice;
  /** Wait until a canary record and a heartbeat have crossed each flow. */
  readonly wait: boolean;
  /** Start the web UI where the runtime has one. */
  readonly ui: boolean;
}

/** Deploys and says what runs where. Throws KMK_ENV_RUNTIME for a runtime that is not there. */
export async function deployProject(
  run: Run,
  request: DeployProjectRequest,
  signal: AbortSignal,
): Promise<DeployDocument> {
  const { tools, runId, journal } = run;
  const { setup, wait } = request;
  if (setup.ui.enabled && request.ui) tools.events.emit('note', { text: 'the local runtime has no web UI' });
  const runtime = runtimeOf(request.runtime);
  const { lab, changed, durationMs, crossings } = await deploy(tools, { setup, runtime, wait }, signal);
  const clusters = lab.layout.clusters.map(({ alias, clientBootstrap }) => ({
    alias,
    role: alias === lab.record.active ? ('active' as const) : ('standby' as const),
    bootstrap: clientBootstrap,
    clusterId: lab.record.clusterIds[alias] ?? null,
  }));
  const { project } = lab.record;
  return { schema: 'kmk.deploy/v1', runId, project, runtime, changed, durationMs, clusters, crossings, journal };
}

/** The runtime that a choice stands for. Throws KMK_ENV_RUNTIME. */
export function runtimeOf(choice: RuntimeChoice): 'local' {
  if (choice !== 'docker') return 'local';
  throw new KmkError('KMK_ENV_RUNTIME', 'runtime "docker" cannot be started by this kmk', {
    hints: ['Run `kmk deploy --runtime local`, or `kmk render compose --out DIR` and start the file with Compose.'],
  });
}
