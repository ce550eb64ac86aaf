import type { GroupOffsets, PartitionOffsets } from '../../domain/documents.ts';
import { partitionKey } from '../../domain/topic.ts';

/**
 * The groups as the move left them. Consumers are let in before the result is read: where a group has read on since, its
 * own progress is no fault of the move, and what the move committed is told instead.
 */
export function asCommitted(planned: readonly GroupOffsets[], after: readonly GroupOffsets[]): readonly GroupOffsets[] {
  return after.map((group) => {
    const before = planned.find((candidate) => candidate.group === group.group);
    const moved = new Map(before?.partitions.map((at) => [keyOf(at), at]));
    return { ...group, partitions: group.partitions.map((at) => leftAt(moved.get(keyOf(at)), at)) };
  });
}

function leftAt(planned: PartitionOffsets | undefined, now: PartitionOffsets): PartitionOffsets {
  const best = planned?.best ?? null;
  if (planned === undefined || best === null || now.targetCommitted === null) return now;
  if (BigInt(now.targetCommitted) <= BigInt(best)) return now;
  return {
    ...planned,
    targetCommitted: best,
    verdict: planned.exact === best ? 'exact' : 'behind',
    behindBy: 0,
    reason: `the group has read on to ${now.targetCommitted} since`,
  };
}

function keyOf({ remoteTopic, partition }: PartitionOffsets): string {
  return partitionKey({ topic: remoteTopic, partition });
}
