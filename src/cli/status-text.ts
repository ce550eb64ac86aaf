import type { ClusterStatus, FlowStatus, StatusDocument } from '../domain/documents.ts';
import { forecastText } from '../domain/forecast.ts';
import { strayText } from '../domain/stray-records.ts';
import { formatDuration } from '../util/duration.ts';
import type { Paint } from './paint.ts';
import type { Cell } from './table.ts';
import { table } from './table.ts';

/** The status document for people. */
export function statusText(status: StatusDocument, paint: Paint): string {
  if (status.state === 'absent') return `project "${status.project}": nothing is deployed here, run \`kmk deploy\``;
  const head = `project "${status.project}" on the ${status.runtime ?? ''} runtime: ${tone(status.state, paint)}, active "${status.active ?? ''}"`;
  const clusters = table(
    ['CLUSTER', 'ROLE', 'STATE', 'KAFKA', 'BROKERS', 'BOOTSTRAP'].map((title) => ({ title })),
    status.clusters.map((cluster) => clusterRow(cluster, paint)),
  );
  const flows = flowsTable(status.flows, paint);
  const services = table(
    ['SERVICE', 'STATE', 'ENDPOINT', 'LOG'].map((title) => ({ title })),
    status.services.map(({ name, state, endpoint, log }) => [name, cell(state, paint), endpoint, log]),
  );
  const errors = status.flows.flatMap((flow) =>
    flow.connectors.flatMap((connector) =>
      connector.tasks.flatMap((task) =>
        task.error === null ? [] : [`${connector.name} task ${task.id}: ${task.error}`],
      ),
    ),
  );
  const forecasts = (status.forecasts ?? []).map(
    (forecast) =>
      `a failover to "${forecast.to}" now: ${forecastText(forecast)} (known ${age(forecast.knowledgeAgeMs)} ago)`,
  );
  return [
    head,
    ...movedText(status),
    clusters,
    ...straysText(status, paint),
    flows,
    ...(forecasts.length > 0 ? [forecasts.join('\n')] : []),
    ...(errors.length > 0 ? [errors.join('\n')] : []),
    services,
  ].join('\n\n');
}

/** Where clients of what has moved work, a line for each cluster. */
function movedText({ moved = [] }: StatusDocument): readonly string[] {
  const homes = [...new Set(moved.map(({ to }) => to))];
  return homes.map((home) => {
    const topics = moved.filter(({ to }) => to === home).map(({ topic }) => topic);
    return `moved to "${home}", which is active for ${topics.length === 1 ? 'it' : 'them'}: ${topics.join(', ')}`;
  });
}

/** What was written where nobody should write, a line for each cluster. */
function straysText({ clusters }: StatusDocument, paint: Paint): readonly string[] {
  return clusters.flatMap(({ alias, strays }) =>
    strays === undefined
      ? []
      : [paint.bad(`${strayText(alias, strays.partitions, strays.records)}; no flow carries them`)],
  );
}

/** A row per flow. */
export function flowsTable(flows: readonly FlowStatus[], paint: Paint): string {
  return table(
    ['FLOW', 'STATE', 'LAG', 'LAG TIME', 'HEARTBEAT', 'CHECKPOINT', 'TASKS'].map((title) => ({ title })),
    flows.map((flow) => flowRow(flow, paint)),
  );
}

function clusterRow(cluster: ClusterStatus, paint: Paint): readonly Cell[] {
  const up = cluster.brokers.filter((broker) => broker.state === 'up').length;
  return [
    cluster.alias,
    cluster.role,
    cell(cluster.state, paint),
    cluster.kafkaVersion ?? '-',
    `${up}/${cluster.brokers.length} up`,
    cluster.bootstrap,
  ];
}

function flowRow(flow: FlowStatus, paint: Paint): readonly Cell[] {
  const tasks = flow.connectors.flatMap((connector) => connector.tasks);
  const running = tasks.filter((task) => task.state === 'RUNNING').length;
  return [
    `${flow.source}->${flow.target}`,
    cell(flow.state, paint),
    flow.lagRecords === null ? '-' : String(flow.lagRecords),
    age(flow.lagMs),
    age(flow.heartbeatAgeMs),
    age(flow.checkpointAgeMs),
    tasks.length === 0 ? '-' : `${running}/${tasks.length} running`,
  ];
}

function age(ms: number | null): string {
  if (ms === null) return '-';
  return ms < 1000 ? `${ms}ms` : formatDuration(Math.round(ms / 1000) * 1000);
}

function cell(state: string, paint: Paint): Cell {
  return { text: state, paint: (text) => text.replace(state, tone(state, paint)) };
}

function tone(state: string, paint: Paint): string {
  if (state === 'running') return paint.good(state);
  return ['stopped', 'paused', 'degraded', 'frozen', 'unknown', 'absent'].includes(state)
    ? paint.warn(state)
    : paint.bad(state);
}
