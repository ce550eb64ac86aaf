import type { LogRange, TopicPartitionOffset } from '../../domain/topic.ts';
import { partitionKey } from '../../domain/topic.ts';

/** A commit beside the log it points into; `end` and `lag` are null where the partition is gone. */
export interface CommitLag extends TopicPartitionOffset {
  readonly end: bigint | null;
  /** Records from the commit to the end; never negative. */
  readonly lag: number | null;
}

/** Sorted by topic and partition. A commit below the log start lags by what is still there. */
export function commitLags(
  commits: readonly TopicPartitionOffset[],
  ranges: ReadonlyMap<string, LogRange>,
): readonly CommitLag[] {
  return commits
    .map((commit): CommitLag => {
      const range = ranges.get(partitionKey(commit));
      if (range === undefined) return { ...commit, end: null, lag: null };
      const from = commit.offset > range.start ? commit.offset : range.start;
      return { ...commit, end: range.end, lag: Number(range.end > from ? range.end - from : 0n) };
    })
    .toSorted((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1));
}

export function totalOf(lags: readonly CommitLag[]): number {
  return lags.reduce((sum, { lag }) => sum + (lag ?? 0), 0);
}

/** Ranges by `partitionKey`. */
export function rangesByPartition(ranges: readonly LogRange[]): ReadonlyMap<string, LogRange> {
  return new Map(ranges.map((range) => [partitionKey(range), range]));
}
