import type { DeployDocument } from '../../domain/documents.ts';
import type { RuntimeChoice, RuntimeName, Setup } from '../../domain/setup.ts';
import type { Toolbox } from '../ports/toolbox.ts';
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

/** Deploys and says what runs where. */
export async function deployProject(
  run: Run,
  request: DeployProjectRequest,
  signal: AbortSignal,
): Promise<DeployDocument> {
  const { tools, runId, journal } = run;
  const { setup, wait } = request;
  const runtime = await runtimeOf(tools, request.runtime, setup);
  const noUi = setup.ui.enabled && request.ui && runtime === 'local';
  if (noUi) tools.events.emit('note', { text: 'the local runtime has no web UI' });
  const ask = { setup, runtime, wait, ui: request.ui };
  const { lab, changed, durationMs, crossings } = await deploy(tools, ask, signal);
  const clusters = lab.layout.clusters.map(({ alias, clientBootstrap }) => ({
    alias,
    role: alias === lab.record.active ? ('active' as const) : ('standby' as const),
    bootstrap: clientBootstrap,
    clusterId: lab.record.clusterIds[alias] ?? null,
  }));
  const { project } = lab.record;
  return { schema: 'kmk.deploy/v1', runId, project, runtime, changed, durationMs, clusters, crossings, journal };
}

/** The runtime of what is deployed here for `auto`, else the one that the choice stands for. */
export async function runtimeOf(tools: Toolbox, choice: RuntimeChoice, setup: Setup): Promise<RuntimeName> {
  const record = choice === 'auto' ? await tools.store.loadLab().catch(() => null) : null;
  return record?.project === setup.name ? record.runtime : tools.chooseRuntime(choice, setup);
}
