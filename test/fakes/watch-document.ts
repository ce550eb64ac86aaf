import type { WatchDocument } from '../../src/domain/watch/document.ts';

/** A check of a healthy lab. */
export function watchDocument(change: Partial<WatchDocument> = {}): WatchDocument {
  const cluster = { up: true, brokersUp: 1, brokers: 1 };
  return {
    ...{ schema: 'kmk.watch/v1', project: 'shop', at: '2026-01-02T03:04:05.000Z', durationMs: 12, check: 7 },
    ...{ active: 'primary', epoch: 1, armed: true, state: 'healthy', reason: null, failedChecks: 0, neededChecks: 5 },
    clusters: [
      { ...cluster, alias: 'primary', role: 'active', clusterId: 'id-primary' },
      { ...cluster, alias: 'dr', role: 'standby', clusterId: 'id-dr' },
    ],
    flow: { source: 'primary', target: 'dr', lagRecords: 3, heartbeatAgeMs: 800, checkpointAgeMs: null },
    samples: { groups: 2, positions: 6, ageMs: 400, roundMs: 12 },
    witnesses: [],
    failover: { runId: null, refused: null },
    ...change,
  };
}
