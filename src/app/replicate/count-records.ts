import type { TopicPartition } from '../../domain/topic.ts';
import type { KafkaAdmin } from '../ports/kafka-admin.ts';
import type { StoredRecord } from '../ports/stored-record.ts';

/** A part of a partition's log: offsets from `from` on and below `to`. */
export interface LogSpan extends TopicPartition {
  readonly from: bigint;
  readonly to: bigint;
}

/**
 * How many committed records lie in a part of a log: fewer than its offsets where it holds markers of transactions,
 * aborted records or compaction's holes. Reads it all, and keeps none. `counts` may leave records out.
 */
export async function countRecords(
  admin: KafkaAdmin,
  { from, to, ...at }: LogSpan,
  signal: AbortSignal,
  counts: (record: StoredRecord) => boolean = () => true,
): Promise<bigint> {
  let records = 0n;
  const count = (record: StoredRecord): void => {
    if (counts(record)) records += 1n;
  };
  if (from < to) await admin.readPartition(at, count, { from, to, signal });
  return records;
}
