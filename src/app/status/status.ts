import type { ClusterStatus, ServiceStatus, StatusDocument } from '../../domain/documents.ts';
import { movedNow } from '../../domain/plan/part.ts';
import type { ClusterLayout } from '../../domain/lab/layout.ts';
import { strayCount } from '../../domain/stray-records.ts';
import { closedSides, closedStandbys } from '../failover/stray-records.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf, findLab, forwardFlows, flowBetween } from '../lab/lab.ts';
import type { ClusterDescription } from '../ports/kafka-admin.ts';
import type { ServiceInfo } from '../ports/service-runtime.ts';
import type { Toolbox } from '../ports/toolbox.ts';
import { flowStatus } from './flow-status.ts';
import { readForecast } from './forecast.ts';

/** What one look may take in all: a frozen broker must not hold up the answer (testing: 5 s). */
const LOOK_LIMIT_MS = 4000;
/** Partitions with strays that the document names. */
const MOST_PARTITIONS = 100;

/** The state of the lab, whatever of it answers. Nothing deployed is an answer too. */
export async function readStatus(tools: Toolbox, project: string, signal: AbortSignal): Promise<StatusDocument> {
  const lab = await findLab(tools);
  if (lab === null) return absent(project);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(LOOK_LIMIT_MS)]);
  const services = await lab.runtime.list();
  const reachable = new Set(
    lab.layout.clusters.filter((cluster) => mayAnswer(cluster, services)).map((cluster) => cluster.alias),
  );
  const flows = [...forwardFlows(lab)];
  const { promotion } = lab.record;
  const moved = movedNow(lab.record);
  const back = promotion ?? moved;
  if (back !== null) {
    const reverse = flowBetween(lab, back.to, back.from);
    if (reverse !== null) flows.push(reverse);
  }
  const statuses = flows.map((flow) => ({ flow, status: flowStatus(lab, flow, services, reachable, limit) }));
  const movable = promotion === null ? statuses.filter(({ flow }) => flow.source === lab.record.active) : [];
  const [clusters, flowStatuses, forecasts] = await Promise.all([
    Promise.all(lab.layout.clusters.map((cluster) => clusterStatus(lab, cluster, services, limit))),
    Promise.all(statuses.map(({ status }) => status)),
    Promise.all(movable.map(({ flow, status }) => readForecast(lab, flow, reachable, status, limit))),
  ]);
  signal.throwIfAborted();
  return {
    schema: 'kmk.status/v1',
    project: lab.record.project,
    runtime: lab.record.runtime,
    state: overallState(lab, services, clusters, flowStatuses),
    active: lab.record.active,
    clusters,
    flows: flowStatuses,
    services: services.map(serviceStatus),
    forecasts,
    ...(moved === null ? {} : { moved: moved.topics.map((topic) => ({ topic, from: moved.from, to: moved.to })) }),
  };
}

function absent(project: string): StatusDocument {
  return {
    schema: 'kmk.status/v1',
    project,
    runtime: null,
    state: 'absent',
    active: null,
    clusters: [],
    flows: [],
    services: [],
  };
}

/** A cluster none of whose processes runs is not asked: the answer is known, and a frozen one would take seconds. */
function mayAnswer(cluster: ClusterLayout, services: readonly ServiceInfo[]): boolean {
  if (cluster.cluster.kind === 'existing') return true;
  return services.some(
    (service) => service.kind === 'broker' && service.cluster === cluster.alias && service.state === 'running',
  );
}

async function clusterStatus(
  lab: Lab,
  cluster: ClusterLayout,
  services: readonly ServiceInfo[],
  signal: AbortSignal,
): Promise<ClusterStatus> {
  const role = cluster.alias === lab.record.active ? 'active' : 'standby';
  const common = { alias: cluster.alias, role, bootstrap: cluster.clientBootstrap } as const;
  const asked = mayAnswer(cluster, services) ? await ask(lab, cluster, signal) : null;
  const up = new Set(asked?.description.brokers.map((broker) => broker.id));
  const brokers = cluster.brokers.map((broker) => ({
    id: broker.id,
    host: '127.0.0.1',
    port: broker.client,
    state: up.has(broker.id) ? ('up' as const) : ('down' as const),
  }));
  const stopped = !services.some(
    (service) => service.cluster === cluster.alias && service.kind === 'broker' && service.state !== 'stopped',
  );
  const allUp = brokers.every((broker) => broker.state === 'up');
  const state = asked === null ? (stopped ? 'stopped' : 'unreachable') : allUp ? 'running' : 'degraded';
  return {
    ...common,
    state,
    clusterId: asked?.description.clusterId ?? lab.record.clusterIds[cluster.alias] ?? null,
    kafkaVersion: asked?.version ?? null,
    brokers,
    ...(await straysOn(lab, cluster.alias, asked !== null, signal)),
  };
}

/** Nothing where the cluster is open, untouched, or did not say in time. */
async function straysOn(
  lab: Lab,
  alias: string,
  answers: boolean,
  signal: AbortSignal,
): Promise<Pick<ClusterStatus, 'strays'>> {
  if (!answers || !closedStandbys(lab).includes(alias)) return {};
  const [side] = await closedSides(lab, signal, [alias]).catch(() => []);
  const parts = side?.parts ?? [];
  if (parts.length === 0) return {};
  const worst = parts.toSorted((a, b) => b.records - a.records);
  return { strays: { records: strayCount(parts), partitions: worst.slice(0, MOST_PARTITIONS) } };
}

async function ask(
  lab: Lab,
  cluster: ClusterLayout,
  signal: AbortSignal,
): Promise<{ readonly description: ClusterDescription; readonly version: string | null } | null> {
  try {
    const admin = await adminOf(lab, cluster.alias);
    const [description, version] = await Promise.all([admin.describeCluster(signal), admin.brokerVersion(signal)]);
    return { description, version };
  } catch {
    // Not answering is what status is there to say.
    return null;
  }
}

function serviceStatus(service: ServiceInfo): ServiceStatus {
  const { name, kind, state, endpoint, log } = service;
  return { name, kind, state, endpoint, log };
}

function overallState(
  lab: Lab,
  services: readonly ServiceInfo[],
  clusters: readonly ClusterStatus[],
  flows: readonly { readonly state: string }[],
): StatusDocument['state'] {
  if (!services.some((service) => service.state === 'running' || service.state === 'frozen')) return 'stopped';
  const forward = flows.slice(0, forwardFlows(lab).length);
  const whole =
    lab.record.complete &&
    lab.record.promotion === null &&
    clusters.every((cluster) => cluster.state === 'running') &&
    forward.every((flow) => flow.state === 'running');
  return whole ? 'running' : 'degraded';
}
