import type { PartitionOffsets, TranslationVerdict } from './documents.ts';
import type { SyncPair } from './offset-translation.ts';
import { highestPosition, translateForward } from './offset-translation.ts';

/** What is known of one group on one partition that a flow copies. Offsets are null where there is none. */
export interface KnownPosition {
  readonly topic: string;
  readonly remoteTopic: string;
  readonly partition: number;
  /** On the source; with the source gone, the upstream offset of the last checkpoint. */
  readonly committed: bigint | null;
  /** MM2's newest checkpoint: the position on the target, and the commit that it translates. */
  readonly checkpoint: bigint | null;
  readonly checkpointOf: bigint | null;
  readonly targetCommitted: bigint | null;
  readonly remoteStart: bigint;
  readonly remoteEnd: bigint;
  readonly syncs: readonly SyncPair[];
}

/**
 * Translates conservatively and judges what the target has. `best` is what may be committed there: the own translation
 * over the whole history of syncs; where that history begins too late (compaction of the syncs topic), MM2's checkpoint
 * for that commit or an earlier one. Never above the exact position: a checkpoint of a later commit is not used (the
 * group was rewound since), nor is what is committed on the target (nobody knows for which commit that was).
 */
export function judgePosition(known: KnownPosition): PartitionOffsets {
  const { committed, checkpoint, targetCommitted, remoteEnd, remoteStart } = known;
  const ceiling = committed === null ? null : max(highestPosition(known.syncs, committed, remoteEnd), remoteStart);
  const safe = safePosition(known);
  const best = safe === null ? null : max(safe, remoteStart);
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

function safePosition({ committed, checkpoint, checkpointOf, remoteEnd, syncs }: KnownPosition): bigint | null {
  if (committed === null) return null;
  const own = translateForward(syncs, committed, remoteEnd);
  if (own !== null) return own.offset;
  if (checkpoint === null || checkpointOf === null || checkpointOf > committed) return null;
  return checkpoint < remoteEnd ? checkpoint : remoteEnd;
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
