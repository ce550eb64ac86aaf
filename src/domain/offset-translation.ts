/** One (upstream, downstream) pair of a partition: the record at `upstream` is the record at `downstream`. */
export interface SyncPair {
  readonly upstream: bigint;
  readonly downstream: bigint;
}

/** A position on the other side and how many records may lie between it and the exact one (0: none). */
export interface Translation {
  readonly offset: bigint;
  readonly bound: bigint;
}

/**
 * MM2's own rule over the whole history of syncs, in the order they were written: the last-written sync at or before
 * `committed`, plus one when past it. Never beyond the exact position, because a partition is copied in order; null
 * before the first sync. `remoteEnd` closes the bound when no later sync does.
 */
export function translateForward(syncs: readonly SyncPair[], committed: bigint, remoteEnd: bigint): Translation | null {
  const index = syncs.findLastIndex((sync) => sync.upstream <= committed);
  const sync = syncs[index];
  if (sync === undefined) return null;
  if (sync.upstream === committed) return { offset: min(sync.downstream, remoteEnd), bound: 0n };
  const offset = min(sync.downstream + 1n, remoteEnd);
  // The first later-written sync past it names a record at or after the unread one: the exact position is not above it.
  const next = syncs.slice(index + 1).find((later) => later.upstream >= committed);
  const ceiling = min(next?.downstream ?? remoteEnd, remoteEnd);
  return { offset, bound: ceiling > offset ? ceiling - offset : 0n };
}

/**
 * From a position in the remote topic back to the original one: the sync with the greatest downstream offset at or
 * before it, plus one when past it. Safe, because every record below the position was copied from below the answer;
 * with a log that holds a record twice the lowest such answer counts. Null before the first sync.
 */
export function translateInverse(syncs: readonly SyncPair[], position: bigint): bigint | null {
  let best: SyncPair | null = null;
  for (const sync of syncs) {
    if (sync.downstream <= position && (best === null || sync.downstream >= best.downstream)) best = sync;
  }
  if (best === null) return null;
  return best.downstream === position ? best.upstream : best.upstream + 1n;
}

/** Offset after the last source record that has a copy, from the newest sync and the remote end; an estimate. */
export function estimateCopiedEnd(syncs: readonly SyncPair[], remoteEnd: bigint): bigint | null {
  const last = syncs.at(-1);
  if (last === undefined) return null;
  const after = remoteEnd - (last.downstream + 1n);
  return last.upstream + 1n + (after > 0n ? after : 0n);
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
