import type { PartitionOffsets, TranslationVerdict } from './documents.ts';
import type { ContentWindow } from './content-window.ts';
import type { CopiesAround } from './copies-around.ts';
import type { Answer, BackAnswer } from './exact-translation.ts';
import { translateExactly } from './exact-translation.ts';
import { highestPosition } from './offset-translation.ts';
import type { Syncs } from './sync-history.ts';
import { max, min } from './sync-history.ts';
import type { Recreated } from './topic-identity.ts';

/** What is known of one group on one partition that a flow copies. Offsets are null where there is none. */
export interface KnownPosition {
  readonly topic: string;
  readonly remoteTopic: string;
  readonly partition: number;
  /**
   * On the source; with the source gone, what a watch saw there last or the last checkpoint tells (`lastCommit`), or a
   * commit on the target that MM2 made since: a lower bound.
   */
  readonly committed: bigint | null;
  /** It is known from such a commit, which tells no more than that the group had come that far. */
  readonly atLeast: boolean;
  /** Epoch ms at which a watch saw it on the source, where that is how it is known. */
  readonly seenMs?: number;
  /** MM2's newest checkpoint: the position on the target, and the commit that it translates. */
  readonly checkpoint: bigint | null;
  readonly checkpointOf: bigint | null;
  readonly targetCommitted: bigint | null;
  readonly remoteStart: bigint;
  readonly remoteEnd: bigint;
  readonly syncs: Syncs;
  /** False while the source is gone: then what was not copied is lost, and what was is all there is. */
  readonly sourceReachable: boolean;
  /** What was compared record by record. */
  readonly windows: readonly ContentWindow[];
  /** What was read of the copies around the syncs. */
  readonly copies?: readonly CopiesAround[];
  /** Set where the syncs must not be used. */
  readonly voidBecause: Recreated | null;
}

/**
 * Translates and judges what the target has. `best` is what may be committed there: the own translation over the whole
 * history of syncs; where that history begins too late (compaction of the syncs topic), MM2's checkpoint for that commit
 * or an earlier one. Never above the exact position: a checkpoint of a later commit is not used (the group was rewound
 * since), nor is what is committed on the target (whose that is must be known first, see `readNewerCommits`).
 */
export function judgePosition(known: KnownPosition): PartitionOffsets {
  const { committed, checkpoint, targetCommitted, remoteStart } = known;
  const found = known.voidBecause === null ? answerFor(known) : null;
  // Records below the log start are gone: what is left begins there.
  const answer = found === null ? null : { ...found, offset: max(found.offset, remoteStart) };
  const best = answer?.offset ?? null;
  const judged = targetCommitted ?? checkpoint;
  const { verdict, reason } = judge(known, judged, answer);
  return {
    topic: known.topic,
    remoteTopic: known.remoteTopic,
    partition: known.partition,
    direction: 'forward',
    committed: text(committed),
    checkpoint: text(checkpoint),
    targetCommitted: text(targetCommitted),
    translated: text(checkpoint),
    exact: answer?.exact === true ? text(best) : null,
    best: text(best),
    proof: answer?.proof ?? null,
    bound: answer === null ? null : Number(answer.bound),
    verdict,
    behindBy: best === null || judged === null ? null : Number(best > judged ? best - judged : 0n),
    reason,
    ...(known.seenMs === undefined ? {} : { seenAt: new Date(known.seenMs).toISOString() }),
    ...sidesOf(known.voidBecause),
  };
}

function sidesOf(recreated: Recreated | null): Pick<PartitionOffsets, 'recreated'> {
  return recreated === null ? {} : { recreated: recreated.sides };
}

function answerFor(known: KnownPosition): Answer | null {
  const { committed, checkpoint, checkpointOf, remoteEnd, remoteStart, syncs } = known;
  if (committed === null) return null;
  const { answer: found } = translateExactly(syncs, committed, known);
  const answer = found !== null && known.atLeast ? unproved(known, found, committed) : found;
  if (answer !== null)
    return answer.offset >= remoteStart ? answer : { ...answer, bound: reached(answer, remoteStart) };
  if (checkpoint === null || checkpointOf === null || checkpointOf > committed) return null;
  // MM2's checkpoint would rest on one of them: behind it records may lie that were copied before and not again.
  if (syncs.pairs.some(({ upstream }) => upstream <= committed)) return null;
  const offset = min(checkpoint, remoteEnd);
  const ceiling = max(highestPosition(syncs, committed, remoteEnd), remoteStart);
  return { offset, bound: max(ceiling - max(offset, remoteStart), 0n), proof: 'conservative', exact: false };
}

/** The group may have come further: nothing proves its own position. */
function unproved({ syncs, remoteEnd }: KnownPosition, { offset }: Answer, committed: bigint): Answer {
  const ceiling = highestPosition(syncs, committed, remoteEnd);
  return { offset, bound: max(ceiling - offset, 0n), proof: 'conservative', exact: false };
}

/** What is left of the bound above the log start. */
function reached({ offset, bound }: Answer, remoteStart: bigint): bigint {
  return max(offset + bound - remoteStart, 0n);
}

function judge(known: KnownPosition, judged: bigint | null, answer: Answer | null): Judgement {
  if (judged === null) {
    const onTarget = 'no commit and no checkpoint on the target';
    const why = answer === null ? `${onTarget}, and no offset sync at or before the commit` : onTarget;
    const reason = known.committed === null ? 'no commit on the source' : why;
    return { verdict: 'missing', reason: known.voidBecause?.reason ?? reason };
  }
  if (known.voidBecause !== null) return { verdict: 'untranslatable', reason: known.voidBecause.reason };
  if (answer === null) {
    const reason =
      known.committed === null ? 'no commit on the source to compare with' : 'no offset sync at or before the commit';
    return { verdict: 'untranslatable', reason };
  }
  return compare(judged, answer);
}

/** The same position with what is committed on the target now. */
export function withTargetCommitted(at: PartitionOffsets, targetCommitted: bigint | null): PartitionOffsets {
  const best = at.best === null ? null : BigInt(at.best);
  const judged = targetCommitted ?? (at.checkpoint === null ? null : BigInt(at.checkpoint));
  if (best === null || judged === null) return { ...at, targetCommitted: text(targetCommitted) };
  return {
    ...at,
    targetCommitted: text(targetCommitted),
    ...compare(judged, { offset: best, bound: at.bound === null ? null : BigInt(at.bound), exact: at.exact !== null }),
    behindBy: Number(best > judged ? best - judged : 0n),
  };
}

/** What is known of a position in the copy that is to be told as one in the original. */
export interface KnownCopyPosition extends Pick<KnownPosition, 'topic' | 'remoteTopic' | 'partition' | 'voidBecause'> {
  readonly position: bigint;
  /** What the group has on the source; null where it has none, or there is no group. */
  readonly sourceCommitted: bigint | null;
  /** null where the source does not answer. */
  readonly sourceStart: bigint | null;
  readonly answer: BackAnswer | null;
}

/**
 * A position of the copy, told in the original: `committed` is what was translated, `targetCommitted` what it is compared
 * with. Without a commit to compare with the verdict is of `best` itself.
 */
export function judgeBack(known: KnownCopyPosition): PartitionOffsets {
  const { topic, remoteTopic, partition, position, sourceCommitted, sourceStart, voidBecause } = known;
  const answer = voidBecause === null && known.answer !== null ? raised(known.answer, sourceStart ?? 0n) : null;
  const best = answer?.offset ?? null;
  const without = {
    verdict: 'untranslatable',
    reason: voidBecause?.reason ?? 'no offset sync at or before it',
  } as const;
  return {
    ...{ topic, remoteTopic, partition, direction: 'inverse' },
    ...{ committed: text(position), checkpoint: null, targetCommitted: text(sourceCommitted), translated: null },
    ...{ exact: answer?.exact === true ? text(best) : null, best: text(best), proof: answer?.proof ?? null },
    bound: answer === null || answer.bound === null ? null : Number(answer.bound),
    ...(answer === null ? without : compare(sourceCommitted ?? answer.offset, answer)),
    behindBy: best === null || sourceCommitted === null ? null : Number(max(best - sourceCommitted, 0n)),
    ...sidesOf(voidBecause),
  };
}

/** A position that no group has, judged by how well its translation is proved. */
export function judgeAlone(known: KnownPosition): PartitionOffsets {
  const at = judgePosition(known);
  if (at.best !== null) return { ...at, verdict: at.exact === null ? 'behind' : 'exact', reason: null };
  return { ...at, verdict: 'untranslatable', reason: known.voidBecause?.reason ?? 'no offset sync at or before it' };
}

/** Records below the log start are gone: what is left begins there. */
function raised(answer: BackAnswer, start: bigint): BackAnswer {
  if (answer.offset >= start) return answer;
  return {
    ...answer,
    offset: start,
    bound: answer.bound === null ? null : max(answer.offset + answer.bound - start, 0n),
  };
}

interface Judgement {
  readonly verdict: TranslationVerdict;
  readonly reason: string | null;
}

function compare(judged: bigint, answer: Pick<BackAnswer, 'offset' | 'bound' | 'exact'>): Judgement {
  const ceiling = answer.bound === null ? null : answer.offset + answer.bound;
  if (answer.exact && judged === answer.offset) return { verdict: 'exact', reason: null };
  if (ceiling !== null && judged > ceiling) {
    const what = answer.exact
      ? 'past the exact position'
      : 'past every position that the syncs allow, the highest being';
    return { verdict: 'ahead', reason: `${what} ${ceiling}` };
  }
  if (judged <= answer.offset) return { verdict: 'behind', reason: null };
  return { verdict: 'untranslatable', reason: 'between the proved position and its bound' };
}

function text(offset: bigint | null): string | null {
  return offset === null ? null : offset.toString();
}
