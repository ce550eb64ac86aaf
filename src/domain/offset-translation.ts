import type { SyncPair, Syncs } from './sync-history.ts';
import { max, min } from './sync-history.ts';

/** A position on the other side and how many records may lie between it and the exact one (0: none). */
export interface Translation {
  readonly offset: bigint;
  readonly bound: bigint;
}

/**
 * A position on the target, never beyond the exact one, from the syncs in the order they were written: that of the
 * last-written sync at or before `committed`, plus one when past it. Null before the first sync.
 *
 * MM2 stops there, and skips records when it is cut off while it re-sends: of A B C | B the record C has no copy after
 * the second B. So a sync only counts when everything that had been copied before it was copied again after it.
 * Rests on what OffsetSyncWriter always syncs: the first record of a task's life, and one after a hole.
 */
export function translateForward(syncs: Syncs, committed: bigint, remoteEnd: bigint): Translation | null {
  const sync = syncs.at(syncs.usableAt(committed));
  if (sync === null) return null;
  const offset = min(sync.upstream === committed ? sync.downstream : sync.downstream + 1n, remoteEnd);
  const ceiling = highestPosition(syncs, committed, remoteEnd);
  return { offset, bound: ceiling > offset ? ceiling - offset : 0n };
}

/**
 * No exact position of `committed` lies above this: the last copy of the lowest record at or after it that is known to
 * have one, else the remote end. Of syncs that name the same record the last-written one is its last copy.
 */
export function highestPosition(history: Syncs, committed: bigint, remoteEnd: bigint): bigint {
  const { pairs: syncs, last } = history;
  // What lies behind the last one may be anything, sent again too, and have syncs that nobody knows.
  if (history.partial && last !== null && last.downstream + 1n < remoteEnd) return remoteEnd;
  let lowest: SyncPair | null = null;
  // Written before the last sync below `committed`: that record may have been sent again without a sync of its own.
  for (const sync of syncs.slice(syncs.findLastIndex(({ upstream }) => upstream < committed) + 1)) {
    if (lowest === null || sync.upstream <= lowest.upstream) lowest = sync;
  }
  return lowest === null ? remoteEnd : min(lowest.downstream, remoteEnd);
}

/**
 * From a position in the remote topic back to the original one: the sync with the greatest downstream offset at or
 * before it, plus one when past it. Every record below the answer has a copy below the position, because a partition
 * is copied in order; where a log holds records twice, some of them are read again. Null before the first sync.
 */
export function translateInverse({ pairs: syncs }: Syncs, position: bigint): bigint | null {
  let best: SyncPair | null = null;
  for (const sync of syncs) {
    if (sync.downstream <= position && (best === null || sync.downstream >= best.downstream)) best = sync;
  }
  if (best === null) return null;
  return best.downstream === position ? best.upstream : best.upstream + 1n;
}

/**
 * Offset after the last source record that has a copy: from the last-written sync and the remote end, and never below
 * what any sync names. An estimate: control records in the target's log count as copies.
 */
export function estimateCopiedEnd({ pairs: syncs }: Syncs, remoteEnd: bigint): bigint | null {
  const last = syncs.at(-1);
  if (last === undefined) return null;
  const after = max(remoteEnd - (last.downstream + 1n), 0n);
  return syncs.reduce((end, { upstream }) => max(end, upstream + 1n), last.upstream + 1n + after);
}
