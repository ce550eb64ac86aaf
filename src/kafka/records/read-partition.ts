import type { StoredRecord } from '../../app/ports/kafka-admin.ts';
import type { TopicPartition } from '../../domain/topic.ts';
import type { ClusterClient } from '../client/cluster-client.ts';
import { readPositions } from './partition-reader.ts';
import { partitionRange, READ_COMMITTED } from '../admin/log-offsets.ts';

/** All committed records of one partition, from `from` or the log start, up to the end found at the start. */
export async function readPartition(
  cluster: ClusterClient,
  at: TopicPartition,
  onRecord: (record: StoredRecord) => void,
  options: { readonly from?: bigint; readonly signal?: AbortSignal } = {},
): Promise<{ readonly next: bigint }> {
  const { from, signal } = options;
  const { start, end } = await cluster.retrying(signal, () => partitionRange(cluster, at, READ_COMMITTED));
  const offset = from === undefined || from < start ? start : from;
  const position = { topic: at.topic, partition: at.partition, offset, end };
  await readPositions(cluster, { positions: [position], isolation: READ_COMMITTED, onRecord, signal });
  return { next: position.offset };
}
