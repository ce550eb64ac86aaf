import { KmkError } from '../../domain/errors.ts';
import type { LabRecord } from '../../domain/lab/lab-record.ts';
import type { ClusterLayout, Layout, WorkerLayout } from '../../domain/lab/layout.ts';
import { clusterLayout, layoutOf, reverseOf, workerLayout } from '../../domain/lab/layout.ts';
import { flowNow, movedNow } from '../../domain/plan/part.ts';
import type { Flow } from '../../domain/setup.ts';
import type { ConnectApi } from '../ports/connect-api.ts';
import type { KafkaAdmin } from '../ports/kafka-admin.ts';
import type { ServiceRuntime } from '../ports/service-runtime.ts';
import type { Toolbox } from '../ports/toolbox.ts';

/** A deployed lab, opened: its record, its layout and the ports to reach it. */
export interface Lab {
  readonly tools: Toolbox;
  readonly record: LabRecord;
  readonly layout: Layout;
  readonly runtime: ServiceRuntime;
}

/** Opens the lab of this state directory. Throws KMK_NOT_DEPLOYED where there is none. */
export async function openLab(tools: Toolbox): Promise<Lab> {
  const lab = await findLab(tools);
  if (lab === null) throw notDeployed();
  return lab;
}

/** The lab of this state directory, or null. */
export async function findLab(tools: Toolbox): Promise<Lab | null> {
  const record = await tools.store.loadLab();
  return record === null ? null : labOf(tools, record);
}

export function labOf(tools: Toolbox, record: LabRecord, closed: readonly string[] = []): Lab {
  const addressing = record.runtime === 'local' ? 'local' : 'compose';
  return {
    tools,
    record,
    layout: layoutOf(record.setup, record.ports, addressing, closed, tools.stateMark()),
    runtime: tools.runtime({
      project: record.project,
      runtime: record.runtime,
      kafkaVersion: record.setup.kafka.version,
      setup: record.setup,
    }),
  };
}

/** Saves a changed record and gives the lab that goes with it. */
export async function saveRecord(lab: Lab, change: Partial<LabRecord>): Promise<Lab> {
  const record = { ...lab.record, ...change };
  await lab.tools.store.saveLab(record);
  return labOf(lab.tools, record, lab.layout.closed);
}

export function notDeployed(): KmkError {
  return new KmkError('KMK_NOT_DEPLOYED', 'nothing is deployed here', { hints: ['Run `kmk deploy` first.'] });
}

export async function adminOf(lab: Lab, alias: string): Promise<KafkaAdmin> {
  return lab.tools.admin(clusterLayout(lab.layout, alias));
}

/** REST API of the worker that runs the flows into `alias`. */
export function connectOf(lab: Lab, alias: string): ConnectApi {
  return lab.tools.connect(workerLayout(lab.layout, alias));
}

export function workerOf(lab: Lab, alias: string): WorkerLayout {
  return workerLayout(lab.layout, alias);
}

/** Flows of the setup, in file order, without what waves have moved. */
export function forwardFlows({ record }: Lab): readonly Flow[] {
  return record.setup.replication.flows.map((flow) => flowNow(flow, movedNow(record)));
}

/** Flows of the setup that end at the cluster, in file order. */
export function flowsInto(lab: Lab, alias: string): readonly Flow[] {
  return forwardFlows(lab).filter((flow) => flow.target === alias);
}

/**
 * The flow between the two clusters, in the direction asked for, made from the other one where need be; with what it
 * copies now that waves may have moved topics.
 */
export function flowBetween(lab: Lab, source: string, target: string): Flow | null {
  const flow = setupFlowBetween(lab, source, target);
  return flow === null ? null : flowNow(flow, movedNow(lab.record));
}

/** The same as the setup has it, whatever has moved. */
export function setupFlowBetween({ record }: Lab, source: string, target: string): Flow | null {
  const { flows } = record.setup.replication;
  const forward = flows.find((flow) => flow.source === source && flow.target === target);
  if (forward !== undefined) return forward;
  const backward = flows.find((flow) => flow.source === target && flow.target === source);
  return backward === undefined ? null : reverseOf(backward);
}

/** Where clients of a topic go: the cluster named, else where the topic has moved to, else the active one. */
export function clusterOfTopic(lab: Lab, name: string | undefined, topic: string): ClusterLayout {
  const moved = movedNow(lab.record);
  if (name !== undefined || moved === null) return resolveCluster(lab, name);
  const { policy } = lab.layout;
  // What was written before the move lies there under the copy's name.
  const own = policy.topicSource(topic) === moved.from ? (policy.upstreamTopic(topic) ?? topic) : topic;
  return resolveCluster(lab, moved.topics.includes(own) ? moved.to : undefined);
}

const ROLES = ['active', 'standby', 'source', 'target', 'secondary'] as const;

/**
 * The cluster meant by `--cluster`: an alias, or a role. `secondary`, `standby` and `target` are the other end of the
 * active cluster's flow. Throws KMK_USAGE for a name that is neither.
 */
export function resolveCluster(lab: Lab, name: string | undefined): ClusterLayout {
  const { active } = lab.record;
  const aliases = lab.layout.clusters.map((cluster) => cluster.alias);
  if (name !== undefined && aliases.includes(name)) return clusterLayout(lab.layout, name);
  if (name === undefined || name === 'active' || name === 'source') return clusterLayout(lab.layout, active);
  if ((ROLES as readonly string[]).includes(name)) return clusterLayout(lab.layout, standbyOf(lab));
  throw new KmkError('KMK_USAGE', `unknown cluster "${name}"`, {
    hints: [`Use one of ${[...aliases, ...ROLES].map((known) => `"${known}"`).join(', ')}.`],
  });
}

/** The cluster that takes over from the active one: the other end of its first flow. */
export function standbyOf(lab: Lab): string {
  const { active } = lab.record;
  const flow =
    forwardFlows(lab).find((candidate) => candidate.source === active) ??
    forwardFlows(lab).find((candidate) => candidate.target === active);
  if (flow === undefined) throw new KmkError('KMK_WRONG_STATE', `no flow starts or ends at "${active}"`);
  return flow.source === active ? flow.target : flow.source;
}
