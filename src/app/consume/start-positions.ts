import type { LogRange } from '../../domain/topic.ts';
import { partitionKey } from '../../domain/topic.ts';
import type { KafkaAdmin } from '../ports/kafka-admin.ts';
import type { ReadFrom } from '../ports/record-client.ts';

/** Where a reading without a group starts. */
export type StartPoint =
  | { readonly kind: 'beginning' }
  | { readonly kind: 'offset'; readonly offset: bigint }
  | { readonly kind: 'time'; readonly atMs: number };

/** Each partition's start within its log: an offset outside of it becomes the nearer end. */
export async function startPositions(
  admin: KafkaAdmin,
  topic: string,
  ranges: readonly LogRange[],
  start: StartPoint,
  signal: AbortSignal,
): Promise<readonly ReadFrom[]> {
  const found =
    start.kind === 'time'
      ? new Map((await admin.offsetsAtTime(topic, start.atMs, signal)).map((at) => [partitionKey(at), at.offset]))
      : null;
  return ranges.map((range) => {
    const wanted = start.kind === 'offset' ? start.offset : (found?.get(partitionKey(range)) ?? range.start);
    return { topic: range.topic, partition: range.partition, offset: within(range, wanted) };
  });
}

function within({ start, end }: LogRange, offset: bigint): bigint {
  if (offset < start) return start;
  return offset > end ? end : offset;
}
