import { heartbeatOptions } from '../../domain/lab/flow-options.ts';
import { clusterLayout } from '../../domain/lab/layout.ts';
import type { Flow } from '../../domain/setup.ts';
import type { LogRange } from '../../domain/topic.ts';
import type { WatchedCluster, WatchedFlow } from '../../domain/watch/document.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import { ofUsers, readLag, totalLag } from '../replicate/positions.ts';
import { ageOfLast, timeOfLast } from '../replicate/freshness.ts';

/** A broker that is not there refuses within 0.1 s; one that is frozen is given up after 3 s. */
const SILENT_MS = 1000;

export interface Observation {
  readonly source: WatchedCluster;
  readonly target: WatchedCluster;
  readonly flow: WatchedFlow;
  /** Ends of users' topics on the source, as they were when its lag was read; null where it was not. */
  readonly ends: readonly Omit<LogRange, 'start'>[] | null;
  /** When the newest heartbeat that has crossed was taken, epoch ms; null where none can be read. */
  readonly heartbeatAt: number | null;
  /** The source was asked in vain for longer than a refusal takes. */
  readonly silent: boolean;
}

/** One look at both sites of a flow. What does not answer is a finding; only the caller's signal throws. */
export async function observe(lab: Lab, flow: Flow, limit: AbortSignal): Promise<Observation> {
  const { policy } = lab.layout;
  const startedAt = lab.tools.clock.now();
  const [{ source, silent }, target, heartbeatAt, checkpointAgeMs] = await Promise.all([
    look(lab, flow.source, 'active', limit).then((source) => ({
      source,
      silent: !source.up && lab.tools.clock.now() - startedAt >= SILENT_MS,
    })),
    look(lab, flow.target, 'standby', limit),
    timeOfLast(lab, flow.target, policy.remoteHeartbeatsTopic(flow.source), limit),
    ageOfLast(lab, flow.target, policy.checkpointsTopic(flow.source), limit),
  ]);
  const lags = source.up && target.up ? await readLag(lab, flow, limit).catch(() => null) : null;
  const lagRecords = lags === null ? null : totalLag(lags);
  const heartbeatAgeMs = heartbeatAt === null ? null : Math.max(0, lab.tools.clock.now() - heartbeatAt);
  return {
    source,
    target,
    heartbeatAt,
    silent,
    ends: lags === null ? null : ofUsers(lags),
    flow: { source: flow.source, target: flow.target, lagRecords, heartbeatAgeMs, checkpointAgeMs },
  };
}

async function look(
  lab: Lab,
  alias: string,
  role: WatchedCluster['role'],
  signal: AbortSignal,
): Promise<WatchedCluster> {
  const brokers = clusterLayout(lab.layout, alias).brokers.length;
  const known = { alias, role, brokers };
  try {
    const { clusterId, brokers: alive } = await (await adminOf(lab, alias)).describeCluster(signal);
    return { ...known, clusterId, up: true, brokersUp: alive.length };
  } catch {
    return { ...known, clusterId: lab.record.clusterIds[alias] ?? null, up: false, brokersUp: 0 };
  }
}

/** Beyond this age a heartbeat is no sign of life: two intervals, and the time that crossing takes (0.25 s polls). */
export function heartbeatLimitMs(lab: Lab, flow: Flow): number {
  const options = heartbeatOptions(lab.layout, flow, clusterLayout(lab.layout, flow.source));
  return 2000 * Number(options['emit.heartbeats.interval.seconds']) + 500;
}
