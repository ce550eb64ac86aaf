import { Gauge, Registry } from 'prom-client';
import type { WatchDocument } from '../domain/watch/document.ts';

interface Sample {
  readonly value: number | null;
  readonly labels?: Readonly<Record<string, string>>;
}

/** The page that Prometheus scrapes: one check as gauges. What could not be read has no series. */
export async function metricsPage(document: WatchDocument): Promise<{ readonly type: string; readonly text: string }> {
  const registry = new Registry();
  for (const [name, help, samples] of families(document)) {
    const labelNames = [...new Set(samples.flatMap(({ labels }) => Object.keys(labels ?? {})))];
    const gauge = new Gauge({ name, help, labelNames, registers: [registry] });
    for (const { value, labels } of samples) if (value !== null) gauge.set({ ...labels }, value);
  }
  return { type: registry.contentType, text: await registry.metrics() };
}

type Family = readonly [name: string, help: string, samples: readonly Sample[]];

function families(document: WatchDocument): readonly Family[] {
  const { flow, clusters, samples: kept, witnesses } = document;
  const of = { source: flow.source, target: flow.target };
  const byCluster = (value: (cluster: WatchDocument['clusters'][number]) => number): readonly Sample[] =>
    clusters.map((cluster) => ({ labels: { cluster: cluster.alias }, value: value(cluster) }));
  const states = ['healthy', 'suspect', 'held', 'dead', 'failed-over'] as const;
  return [
    [
      'kmk_cluster_up',
      'Whether a broker of the cluster answered (1) or none did (0)',
      byCluster(({ up }) => Number(up)),
    ],
    ['kmk_cluster_brokers_up', 'Brokers that the cluster says are alive', byCluster(({ brokersUp }) => brokersUp)],
    ['kmk_cluster_brokers', 'Brokers that the cluster should have', byCluster(({ brokers }) => brokers)],
    ['kmk_cluster_active', 'Which cluster clients work on', byCluster(({ role }) => Number(role === 'active'))],
    ['kmk_flow_lag_records', 'Records not copied yet', [{ labels: of, value: flow.lagRecords }]],
    [
      'kmk_flow_heartbeat_age_seconds',
      'Age of the last heartbeat that crossed',
      [{ labels: of, value: seconds(flow.heartbeatAgeMs) }],
    ],
    [
      'kmk_flow_checkpoint_age_seconds',
      'Age of the last checkpoint',
      [{ labels: of, value: seconds(flow.checkpointAgeMs) }],
    ],
    [
      'kmk_samples_age_seconds',
      "Age of the youngest of the groups' commits that the watch keeps for a failover",
      [{ labels: of, value: seconds(kept?.ageMs ?? null) }],
    ],
    ['kmk_samples_positions', 'Commits that the watch keeps', [{ labels: of, value: kept?.positions ?? null }]],
    [
      'kmk_samples_round_duration_seconds',
      'How long reading them took',
      [{ labels: of, value: seconds(kept?.roundMs ?? null) }],
    ],
    [
      'kmk_watch_state',
      'What the watch makes of the source',
      states.map((state) => ({ labels: { state }, value: Number(state === document.state) })),
    ],
    ['kmk_watch_armed', 'Whether the watch fails over by itself', [{ value: Number(document.armed) }]],
    ['kmk_watch_failed_checks', 'Failed checks in a row', [{ value: document.failedChecks }]],
    [
      'kmk_watch_needed_checks',
      'Failed checks in a row before the source counts as dead',
      [{ value: document.neededChecks }],
    ],
    ['kmk_watch_checks', 'Checks made since the watch began', [{ value: document.check }]],
    [
      'kmk_watch_last_check_timestamp_seconds',
      'When the last check began',
      [{ value: Date.parse(document.at) / 1000 }],
    ],
    ['kmk_watch_last_check_duration_seconds', 'How long the last check took', [{ value: document.durationMs / 1000 }]],
    [
      'kmk_watch_witness_sees_down',
      'Whether a witness sees the source down too',
      witnesses.map(({ url, view }) => ({ labels: { url }, value: Number(view === 'down') })),
    ],
    ['kmk_epoch', 'Counts changes of the active cluster', [{ value: document.epoch }]],
  ];
}

function seconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1000;
}
