import type { PartitionOffsets, TranslationVerdict } from './documents.ts';
import type { SyncPair } from './offset-translation.ts';
import { translateForward } from './offset-translation.ts';

/** What is known of one group on one partition that a flow copies. Offsets are null where there is none. */
export interface KnownPosition {
  readonly topic: string;
  readonly remoteTopic: string;
  readonly partition: number;
  /** On the source; with the source gone, the upstream offset of the last checkpoint. */
  readonly committed: bigint | null;
  readonly checkpoint: bigint | null;
  readonly targetCommitted: bigint | null;
  readonly remoteStart: bigint;
  readonly remoteEnd: bigint;
  readonly syncs: readonly SyncPair[];
}

/**
 * Translates conservatively and judges what the target has. `best` is what may be committed there: the own translation
 * over the whole history of syncs, or MM2's value where that is nearer and inside the bound. Never above the exact
 * position. MM2's own values are under-estimates too, unless the source group was rewound after they were written.
 */
export function judgePosition(known: KnownPosition): PartitionOffsets {
  const { committed, checkpoint, targetCommitted, remoteEnd, remoteStart } = known;
  const own = committed === null ? null : translateForward(known.syncs, committed, remoteEnd);
  const ceiling = own === null ? null : own.offset + own.bound;
  const inside = (offset: bigint | null): offset is bigint =>
    offset !== null && offset <= remoteEnd && ceiling !== null && offset <= ceiling;
  const best =
    own === null ? null : [checkpoint, targetCommitted].filter(inside).reduce(max, max(own.offset, remoteStart));
  const bound = best === null || ceiling === null ? null : Number(ceiling > best ? ceiling - best : 0n);
  const judged = targetCommitted ?? checkpoint;
  const { verdict, reason } = judge(known, judged, best, ceiling);
  return {
    topic: known.topic,
    remoteTopic: known.remoteTopic,
    partition: known.partition,
    direction: 'forward',
    committed: text(committed),
    checkpoint: text(checkpoint),
    targetCommitted: text(targetCommitted),
    translated: text(checkpoint),
    exact: null,
    best: text(best),
    proof: best === null ? null : 'conservative',
    bound,
    verdict,
    behindBy: best === null || judged === null ? null : Number(best > judged ? best - judged : 0n),
    reason,
  };
}

function judge(
  known: KnownPosition,
  judged: bigint | null,
  best: bigint | null,
  ceiling: bigint | null,
): { readonly verdict: TranslationVerdict; readonly reason: string | null } {
  if (judged === null) {
    const reason = known.committed === null ? 'no commit on the source' : 'no commit and no checkpoint on the target';
    return { verdict: 'missing', reason };
  }
  if (best === null || ceiling === null) {
    const reason =
      known.committed === null ? 'no commit on the source to compare with' : 'no offset sync at or before the commit';
    return { verdict: 'untranslatable', reason };
  }
  if (judged > ceiling) {
    return { verdict: 'ahead', reason: `past every position that the syncs allow, the highest being ${ceiling}` };
  }
  if (judged <= best) return { verdict: 'behind', reason: null };
  return { verdict: 'untranslatable', reason: 'between the proved position and its bound' };
}

function text(offset: bigint | null): string | null {
  return offset === null ? null : offset.toString();
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
