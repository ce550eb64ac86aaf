import type { ReadOptions } from '../../app/ports/kafka-admin.ts';
import type { StoredRecord } from '../../app/ports/stored-record.ts';
import type { TopicPartition } from '../../domain/topic.ts';
import type { ClusterClient } from '../client/cluster-client.ts';
import { readPositions } from './partition-reader.ts';
import { partitionRange, READ_COMMITTED, READ_UNCOMMITTED } from '../admin/log-offsets.ts';

/** Records of one partition, from `from` or the log start, up to `to` or the end found at the start. */
export async function readPartition(
  cluster: ClusterClient,
  at: TopicPartition,
  onRecord: (record: StoredRecord) => void,
  options: ReadOptions = {},
): Promise<{ readonly next: bigint }> {
  const { from, to, signal } = options;
  const isolation = options.uncommitted === true ? READ_UNCOMMITTED : READ_COMMITTED;
  const { start, end: found } = await cluster.retrying(signal, () => partitionRange(cluster, at, isolation));
  const offset = from === undefined || from < start ? start : from;
  const end = to === undefined || to > found ? found : to;
  const position = { topic: at.topic, partition: at.partition, offset, end };
  await readPositions(cluster, { positions: [position], isolation, onRecord, signal });
  return { next: position.offset };
}
