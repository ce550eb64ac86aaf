import type { WitnessView } from './detector.ts';

/**
 * `healthy`: the source answers. `suspect`: it did not, but not often enough. `held`: often enough, but something speaks
 * against a failover. `dead`: it is to be given up. `failed-over`: the standby was promoted and no failback has been.
 */
export type WatchState = 'healthy' | 'suspect' | 'held' | 'dead' | 'failed-over';

export interface WatchedCluster {
  readonly alias: string;
  readonly role: 'active' | 'standby';
  readonly clusterId: string | null;
  readonly up: boolean;
  /** Brokers that the cluster says are alive; 0 where it does not answer. */
  readonly brokersUp: number;
  readonly brokers: number;
}

export interface WatchedFlow {
  readonly source: string;
  readonly target: string;
  /** Records of users' topics not copied yet; null where it cannot be read. */
  readonly lagRecords: number | null;
  readonly heartbeatAgeMs: number | null;
  readonly checkpointAgeMs: number | null;
}

/** What the watch keeps of the source for a failover that cannot ask it. */
export interface Sampling {
  readonly groups: number;
  readonly positions: number;
  /** Age of the youngest commit that was read; null before the first. */
  readonly ageMs: number | null;
  /** How long the last round took, beside the checks. */
  readonly roundMs: number;
}

/** One check of `kmk watch`: a line of `-o jsonl`, and what `/status` answers. */
export interface WatchDocument {
  readonly schema: 'kmk.watch/v1';
  readonly project: string;
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly durationMs: number;
  /** How many checks this watch has made. */
  readonly check: number;
  readonly active: string;
  readonly epoch: number;
  /** A failover is carried out when the source is found dead. */
  readonly armed: boolean;
  readonly state: WatchState;
  readonly reason: string | null;
  readonly failedChecks: number;
  readonly neededChecks: number;
  /** First the active one. */
  readonly clusters: readonly WatchedCluster[];
  readonly flow: WatchedFlow;
  /** null before the first round. */
  readonly samples: Sampling | null;
  readonly witnesses: readonly { readonly url: string; readonly view: WitnessView }[];
  /** Run of the failover that this watch has carried out, and why the last one was refused. */
  readonly failover: { readonly runId: string | null; readonly refused: string | null };
}

/** A watch that has not finished a check for this long hangs: its own health says so. A check takes up to 4 s. */
export const STALE_CHECK_MS = 10_000;

/** Whether a failover could be carried out now; null, or what stands in the way. */
export function unreadiness(document: WatchDocument): string | null {
  const standby = document.clusters.find(({ role }) => role === 'standby');
  if (document.state === 'failed-over')
    return `"${document.active}" was promoted: there is no standby until a failback`;
  if (standby?.up !== true) return `"${standby?.alias ?? 'the standby'}" does not answer`;
  if (document.state === 'healthy' && document.flow.heartbeatAgeMs === null) return 'no heartbeat has crossed yet';
  return null;
}

/** How a witness that answered with this document sees the cluster; `unknown` where it watches another one, or is stale. */
export function viewOf(
  document: WatchDocument,
  cluster: { readonly clusterId: string | null; readonly at: number },
): WitnessView {
  const fresh = Math.abs(cluster.at - Date.parse(document.at)) < STALE_CHECK_MS;
  const seen = document.clusters.find(({ clusterId }) => clusterId !== null && clusterId === cluster.clusterId);
  if (!fresh || seen === undefined) return 'unknown';
  return seen.up ? 'up' : 'down';
}
