import { clusterLayout } from '../../domain/lab/layout.ts';
import { CANARY_TOPIC, HEARTBEATS_TOPIC } from '../../domain/replication-policy.ts';
import type { Flow } from '../../domain/setup.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';

/** How long a sync must stay readable one by one before compaction may drop it: the history that proofs rest on. */
const SYNC_HISTORY_MS = 7 * 24 * 3600 * 1000;
const CANARY_RETENTION_MS = 3600 * 1000;

/**
 * Creates what a flow needs before its connectors start. On the source the canary and `heartbeats`: topics that MM2
 * finds at its start need no refresh and no task restart. On the target the offset-syncs topic, so that its history
 * is kept (MM2 accepts an existing topic and would create it without).
 */
export async function createSourceTopics(lab: Lab, flow: Flow, signal: AbortSignal): Promise<void> {
  const admin = await adminOf(lab, flow.source);
  const { replicationFactor } = clusterLayout(lab.layout, flow.source);
  await Promise.all([
    admin.createTopic(
      { topic: HEARTBEATS_TOPIC, partitions: 1, replicationFactor, config: { 'cleanup.policy': 'compact' } },
      signal,
    ),
    admin.createTopic(
      {
        topic: CANARY_TOPIC,
        partitions: 1,
        replicationFactor,
        config: { 'retention.ms': String(CANARY_RETENTION_MS) },
      },
      signal,
    ),
  ]);
}

export async function createTargetTopics(lab: Lab, flow: Flow, signal: AbortSignal): Promise<void> {
  const admin = await adminOf(lab, flow.target);
  await admin.createTopic(
    {
      topic: lab.layout.policy.offsetSyncsTopic(flow.source),
      partitions: 1,
      replicationFactor: clusterLayout(lab.layout, flow.target).replicationFactor,
      config: { 'cleanup.policy': 'compact', 'min.compaction.lag.ms': String(SYNC_HISTORY_MS) },
    },
    signal,
  );
}
