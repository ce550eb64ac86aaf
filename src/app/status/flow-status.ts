import type { ConnectorStatus, FlowStatus } from '../../domain/documents.ts';
import { CONNECTOR_TYPES, connectorName } from '../../domain/lab/connect-config.ts';
import type { Flow } from '../../domain/setup.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf, connectOf } from '../lab/lab.ts';
import type { ConnectorReport } from '../ports/connect-api.ts';
import type { ServiceInfo } from '../ports/service-runtime.ts';
import { ageOfLast } from '../replicate/freshness.ts';
import type { PartitionLag } from '../replicate/positions.ts';
import { ofUsers, readLag, totalLag } from '../replicate/positions.ts';

/** State, lag and freshness of one flow. What cannot be read is null; nothing throws but the signal of the caller. */
export async function flowStatus(
  lab: Lab,
  flow: Flow,
  services: readonly ServiceInfo[],
  reachable: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<FlowStatus> {
  const { mode, policy } = lab.record.setup.replication;
  const { policy: names } = lab.layout;
  const kind = mode === 'connect' ? 'connect' : 'mm2';
  const engine = services.find((service) => service.kind === kind && service.cluster === flow.target);
  const both = reachable.has(flow.source) && reachable.has(flow.target);
  const readable = engine?.state === 'running' && reachable.has(flow.target);
  const [connectors, lags, heartbeatAgeMs, checkpointAgeMs] = await Promise.all([
    mode === 'connect' && engine?.state === 'running' ? connectorStatuses(lab, flow, signal).catch(() => []) : [],
    readable && both ? readLag(lab, flow, signal).catch(() => null) : null,
    reachable.has(flow.target) ? ageOfLast(lab, flow.target, names.remoteHeartbeatsTopic(flow.source), signal) : null,
    reachable.has(flow.target) ? ageOfLast(lab, flow.target, names.checkpointsTopic(flow.source), signal) : null,
  ]);
  return {
    source: flow.source,
    target: flow.target,
    state: flowState(engine, mode, connectors),
    policy,
    mode,
    lagRecords: lags === null ? null : totalLag(lags),
    lagMs: lags === null ? null : await lagMs(lab, flow, lags, signal).catch(() => null),
    heartbeatAgeMs,
    checkpointAgeMs,
    connectors,
  };
}

function flowState(
  engine: ServiceInfo | undefined,
  mode: string,
  connectors: readonly ConnectorStatus[],
): FlowStatus['state'] {
  if (engine === undefined) return 'absent';
  if (engine.state === 'stopped') return 'stopped';
  if (engine.state !== 'running') return 'faulted';
  if (mode === 'dedicated') return 'running';
  const source = connectors.find((connector) => connector.type === 'source');
  if (source === undefined) return connectors.length === 0 ? 'unknown' : 'absent';
  const states = connectors.flatMap((connector) => [connector.state, ...connector.tasks.map((task) => task.state)]);
  if (states.includes('FAILED')) return 'faulted';
  if (source.state === 'STOPPED') return 'stopped';
  if (source.state === 'PAUSED') return 'paused';
  return source.state === 'RUNNING' && source.tasks.length > 0 ? 'running' : 'unknown';
}

/** The flow's connectors in the order source, checkpoint, heartbeat; those that do not exist are left out. */
export async function connectorStatuses(
  lab: Lab,
  flow: Flow,
  signal: AbortSignal,
): Promise<readonly ConnectorStatus[]> {
  const connect = connectOf(lab, flow.target);
  const found = await Promise.all(
    CONNECTOR_TYPES.map(async (type) => ({ type, report: await connect.report(connectorName(flow, type), signal) })),
  );
  return found.flatMap(({ type, report }) => (report === null ? [] : [toStatus(type, report)]));
}

function toStatus(type: ConnectorStatus['type'], report: ConnectorReport): ConnectorStatus {
  return {
    name: report.name,
    type,
    state: report.state,
    tasks: report.tasks.map((task) => ({ id: task.id, state: task.state, error: task.trace?.split('\n')[0] ?? null })),
  };
}

/** How old the oldest record is that has not been copied; 0 when everything has. */
async function lagMs(lab: Lab, flow: Flow, lags: readonly PartitionLag[], signal: AbortSignal): Promise<number> {
  const source = await adminOf(lab, flow.source);
  const behind = ofUsers(lags).filter(({ lag }) => lag > 0n);
  const ages = await Promise.all(
    behind.map(async (at) => {
      let age = 0;
      const now = lab.tools.clock.now();
      const stop = AbortSignal.any([signal]);
      await source.readPartition(at, (record) => (age = Math.max(age, now - record.timestampMs)), {
        from: at.position,
        to: at.position + 1n,
        signal: stop,
      });
      return age;
    }),
  );
  return Math.max(0, ...ages);
}
