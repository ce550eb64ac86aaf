import type { Syncs } from './sync-history.ts';

export type Side = 'source' | 'target';

/** A topic of which a side was deleted and created anew: offsets of before stand for other records, or for none. */
export interface Recreated {
  readonly sides: readonly Side[];
  /** Which topics on which clusters, in a sentence. */
  readonly reason: string;
}

/**
 * Whether the syncs show by themselves that the copy is not the log they were written for: they name records at or above
 * `end` (the copy's end, read after them), or one run of the task went on above and fell back below. A run that wrote
 * again after another had begun proves nothing: what it had in flight may be told late.
 */
export function copyIsAnother(syncs: Syncs, end: bigint): boolean {
  const { pairs } = syncs;
  if (pairs.some(({ downstream }) => downstream >= end)) return true;
  return pairs.some((b, index) => {
    const a = pairs[index - 1];
    if (a === undefined || b.upstream <= a.upstream || b.downstream >= a.downstream) return false;
    const [before, after] = [pairs.slice(0, index), pairs.slice(index)];
    if (a.generation === undefined || a.generation === null) return false;
    if (a.generation === b.generation) return true;
    const wroteOn = after.some(({ generation }) => generation === a.generation);
    return !wroteOn && !before.some(({ generation }) => generation === b.generation);
  });
}
