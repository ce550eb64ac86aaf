import { KmkError } from '../../domain/errors.ts';
import type { ClusterLayout } from '../../domain/lab/layout.ts';
import { isFenced } from '../failover/fence.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';

/** Partitions of a topic that a producer makes by writing to it. */
const DEFAULT_PARTITIONS = 3;

export interface EnsuredTopic {
  readonly partitions: number;
  readonly created: boolean;
}

/**
 * The topic, created with 3 partitions and min(3, brokers) replicas where it is missing: brokers of a lab create none
 * by themselves. A fenced cluster gets no topic that nobody may write to: KMK_WRITE_REFUSED.
 */
export async function ensureTopic(
  lab: Lab,
  cluster: ClusterLayout,
  topic: string,
  signal: AbortSignal,
): Promise<EnsuredTopic> {
  const admin = await adminOf(lab, cluster.alias);
  const ranges = await admin.logRanges([topic], signal);
  if (ranges.length > 0) return { partitions: ranges.length, created: false };
  if (await isFenced(lab, cluster.alias, signal, [topic])) {
    throw new KmkError('KMK_WRITE_REFUSED', `cluster "${cluster.alias}" is fenced and has no topic "${topic}"`, {
      hints: ['Run `kmk status` to see which cluster takes writes.'],
      context: { topic, cluster: cluster.alias },
    });
  }
  const { replicationFactor } = cluster;
  const created = await admin.createTopic({ topic, partitions: DEFAULT_PARTITIONS, replicationFactor }, signal);
  if (created) {
    lab.tools.events.emit('topic.created', { cluster: cluster.alias, topic, partitions: DEFAULT_PARTITIONS });
  }
  return { partitions: (await admin.logRanges([topic], signal)).length, created };
}

/** Throws KMK_USAGE unless the topic has the partition. */
export function requirePartition(topic: string, partition: number | null, partitions: number): void {
  if (partition === null || partition < partitions) return;
  throw new KmkError('KMK_USAGE', `topic "${topic}" has no partition ${partition}`, {
    hints: [`It has ${partitions}: 0 to ${partitions - 1}.`],
    context: { topic, partition, partitions },
  });
}
