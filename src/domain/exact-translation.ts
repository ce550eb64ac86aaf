import type { ContentWindow, Found, FoundBack } from './content-window.ts';
import type { CopiesAround } from './copies-around.ts';
import type { Proof } from './documents.ts';
import { highestPosition, translateForward, translateInverse } from './offset-translation.ts';
import type { SyncPair, Syncs } from './sync-history.ts';
import { max, min } from './sync-history.ts';

/** Upstream offsets that are read besides, for copies of two tasks at once. */
const MARGIN = 1000n;

/** Before everything on both sides: what stands for a sync where none was written at or before a position. */
const BEGINNING: SyncPair = { upstream: -1n, downstream: -1n };

/** What is known beside the syncs. */
export interface Evidence {
  /** End of the remote log; the watermark's `d` once the target was promoted. */
  readonly remoteEnd: bigint;
  /** False while the source is gone: then what was not copied is lost, and what was is all there is. */
  readonly sourceReachable: boolean;
  /** Parts of the partition that were compared record by record. */
  readonly windows: readonly ContentWindow[];
  /** Parts of the remote log around syncs (`copiesToRead`), where a task may have died in the middle of the partition. */
  readonly copies?: readonly CopiesAround[];
}

/** A translated position: exact where `bound` is 0 and the proof is not "conservative". */
export interface Answer {
  readonly offset: bigint;
  readonly bound: bigint;
  readonly proof: Proof;
  readonly exact: boolean;
}

/** A position on the source. `bound` is null where nothing is known to bound it. */
export interface BackAnswer extends Omit<Answer, 'bound'> {
  readonly bound: bigint | null;
}

/** A part of a partition whose comparison would help: from a sync up to a later one, or to the remote end. */
export interface Wanted {
  readonly from: SyncPair;
  readonly to: SyncPair | null;
  /** Where to begin on the source: what was sent again later may begin before `from`. */
  readonly sourceFrom: bigint;
}

export interface Translated {
  /** null before the first sync, unless contents prove it. */
  readonly answer: Answer | null;
  /** What to compare for a proof; null where there is one, or none can be had. */
  readonly wanted: Wanted | null;
}

/** As `Translated`, of a position on the source. */
export interface TranslatedBack {
  readonly answer: BackAnswer | null;
  readonly wanted: Wanted | null;
}

interface Candidate<A extends BackAnswer = Answer> extends Omit<BackAnswer, 'exact'> {
  readonly bound: A['bound'];
  /** The first unread record lies at or before this one. */
  readonly first: bigint;
}

/** The position on the target of a commit on the source. Never above the exact one. */
export function translateExactly(syncs: Syncs, committed: bigint, evidence: Evidence): Translated {
  const found = translateBySyncs(syncs, committed, evidence);
  const offset = found.answer === null ? null : lastCopyBefore(syncs, committed, evidence);
  if (offset === null) return found;
  const bound = max(highestPosition(syncs, committed, evidence.remoteEnd) - offset, 0n);
  return { answer: { offset, bound, proof: 'conservative', exact: false }, wanted: null };
}

/** Where a record behind the sync was copied by a task without any sync, and never again; null where nothing shows one. */
function lastCopyBefore(syncs: Syncs, committed: bigint, { copies = [] }: Evidence): bigint | null {
  const sync = syncs.at(syncs.usableAt(committed));
  if (sync === null || copies.length === 0) return null;
  const first = syncs.firstCopyFrom(sync.upstream);
  const found = copies.map((around) => around.lastCopyBefore(sync, first));
  return found.find((at) => at !== null) ?? null;
}

function translateBySyncs(syncs: Syncs, committed: bigint, evidence: Evidence): Translated {
  const index = syncs.usableAt(committed);
  const sync = syncs.at(index);
  if (sync === null) return fromBeginning(committed, evidence);
  const compared = evidence.windows.find((window) => reachesEnd(window, sync));
  if (compared !== undefined) return proved(ofContent(compared.forward(committed), evidence.remoteEnd));
  const end = endOfLog(syncs, index, committed, evidence);
  if (end !== null) return proved(end);
  const candidate = forwardCandidate(syncs, index, committed, evidence);
  const next = syncs.at(index + 1);
  if (candidate === null) {
    const answer = conservative(syncs, committed, evidence);
    const covered = next !== null && next.upstream >= committed && syncs.isOneRun(index);
    const enough = covered && isSettled(syncs, index + 1, next.upstream, evidence) !== false;
    return { answer, wanted: wanted(syncs, index, enough ? next : null, evidence) };
  }
  // Compared already, with a doubt left: more of it would not remove that.
  if (candidate.bound > 0n) return { answer: { ...candidate, exact: false }, wanted: null };
  const ceiling = highestPosition(syncs, committed, evidence.remoteEnd);
  const short: Answer = {
    ...{ offset: candidate.offset, proof: 'conservative', exact: false },
    bound: max(ceiling - candidate.offset, 0n),
  };
  // The first unread record: at the commit where that names one, else not above the next sync.
  const first = candidate.first;
  const from = next !== null && candidate.proof !== 'sync' ? index + 1 : index;
  return settle(syncs, index, from, first, { ...candidate, exact: true }, short, evidence);
}

/**
 * Where no sync is usable (MM2 keeps the newest one of a partition while ten are under way: the first may never be
 * written) only contents tell, of the whole copy. What leaves a doubt is no answer: the start is as good.
 */
function fromBeginning(committed: bigint, { windows, sourceReachable, remoteEnd }: Evidence): Translated {
  const compared = windows.find(({ from, to }) => to === null && isSame(from, BEGINNING));
  if (compared === undefined) {
    return { answer: null, wanted: sourceReachable ? { from: BEGINNING, to: null, sourceFrom: 0n } : null };
  }
  const answer = ofContent(compared.forward(committed), remoteEnd);
  return { answer: answer.exact ? answer : null, wanted: null };
}

/**
 * The original's offset of a position in the remote topic: the smallest one with a copy at or above it. Every record
 * below the answer has a copy below the position.
 */
export function translateBack(syncs: Syncs, position: bigint, evidence: Evidence): TranslatedBack {
  const { pairs, last } = syncs;
  const index = lastAtOrBelow(pairs, position);
  const sync = syncs.at(index);
  const guess = translateInverse(syncs, position);
  if (sync === null || last === null || guess === null) return { answer: null, wanted: null };
  const compared = evidence.windows.find((window) => reachesEnd(window, sync));
  if (compared !== undefined) {
    const found = compared.inverse(position);
    // Past the end the last copied record counts, and that may have been copied before the window.
    const highest = position >= evidence.remoteEnd ? (syncs.highestCopied() ?? -1n) + 1n : found.offset;
    const bound = found.bound === null ? null : max(found.bound, highest - found.offset);
    return proved(ofContentBack({ offset: found.offset, bound }));
  }
  const complete = last.downstream + 1n === evidence.remoteEnd && syncs.highestCopied() === last.upstream;
  if (position >= evidence.remoteEnd && complete) {
    return proved({ offset: last.upstream + 1n, bound: 0n, proof: 'end-of-log', exact: true });
  }
  // What was sent again after the position is read again after it.
  const floor = pairs.slice(index + 1).reduce((lowest, { upstream }) => min(lowest, upstream), guess);
  const candidate = backCandidate(syncs, index, position, evidence);
  const next = syncs.at(index + 1);
  if (candidate === null || candidate.bound !== 0n) {
    const upper = next === null ? max(guess, syncs.highestCopied() ?? guess) : max(guess, next.upstream);
    const answer: Answer = { offset: floor, bound: upper - floor, proof: 'conservative', exact: false };
    if (candidate !== null) return { answer, wanted: null };
    const enough =
      next !== null && syncs.isOneRun(index) && isSettled(syncs, index + 1, next.upstream, evidence) !== false;
    return { answer, wanted: wanted(syncs, index, enough ? next : null, evidence) };
  }
  const offset = min(candidate.offset, floor);
  const short: Answer = { offset, bound: candidate.offset - offset, proof: 'conservative', exact: false };
  const from = next !== null && candidate.proof !== 'sync' ? index + 1 : index;
  const exact: Answer = { offset: candidate.offset, bound: 0n, proof: candidate.proof, exact: true };
  return settle(syncs, index, from, candidate.first, exact, short, evidence);
}

function proved<A extends BackAnswer>(answer: A): { readonly answer: A; readonly wanted: null } {
  return { answer, wanted: null };
}

/** A proof holds once nothing at or before `first` was sent again; what is behind the last sync may have to be compared. */
function settle(
  syncs: Syncs,
  index: number,
  from: number,
  first: bigint,
  exact: Answer,
  short: Answer,
  evidence: Evidence,
): Translated {
  const settled = isSettled(syncs, from, first, evidence);
  if (settled === true) return proved(exact);
  const at = settled === null ? syncs.pairs.length - 1 : index;
  return { answer: short, wanted: wanted(syncs, at, null, evidence) };
}

/** Whether nothing at or before `first` was sent again after that sync; null where what lies behind the last may tell. */
function isSettled(syncs: Syncs, from: number, first: bigint, evidence: Evidence): boolean | null {
  return syncs.neverSentAgain(from, first) && tailIsClean(syncs, evidence);
}

function wanted(syncs: Syncs, index: number, to: SyncPair | null, { remoteEnd }: Evidence): Wanted | null {
  const [from, last] = [syncs.at(index), syncs.last];
  if (from === null || last === null) return null;
  if (to !== null) return { from, to, sourceFrom: from.upstream };
  // A task that wrote no sync went back by no more than what lies behind the last one, if it came as far as `from`.
  const silent = max(remoteEnd - last.downstream - 1n, 0n);
  const lowest = syncs.pairs
    .slice(index + 1)
    .reduce((least, _, after) => min(least, syncs.lowestBegin(index + 1 + after)), from.upstream);
  return { from, to, sourceFrom: max(lowest - silent - MARGIN, 0n) };
}

function forwardCandidate(syncs: Syncs, index: number, committed: bigint, { windows }: Evidence): Candidate | null {
  const [sync, next] = [syncs.at(index), syncs.at(index + 1)];
  if (sync === null) return null;
  if (sync.upstream === committed) return { offset: sync.downstream, bound: 0n, proof: 'sync', first: committed };
  if (next === null || next.upstream < committed) return null;
  const offset = sync.downstream + (committed - sync.upstream);
  if (syncs.isContiguous(index)) return { offset, bound: 0n, proof: 'contiguity', first: committed };
  const first = next.upstream;
  if (syncs.isAdjacent(index)) return { offset: next.downstream, bound: 0n, proof: 'contiguity', first };
  const window = windows.find((compared) => isBetween(compared, sync, next));
  return window === undefined ? null : { ...ofContent(window.forward(committed)), first };
}

function backCandidate(
  syncs: Syncs,
  index: number,
  position: bigint,
  { windows }: Evidence,
): Candidate<BackAnswer> | null {
  const [sync, next] = [syncs.at(index), syncs.at(index + 1)];
  if (sync === null) return null;
  if (sync.downstream === position) return { offset: sync.upstream, bound: 0n, proof: 'sync', first: sync.upstream };
  if (next === null || next.downstream < position) return null;
  const offset = sync.upstream + (position - sync.downstream);
  if (syncs.isContiguous(index)) return { offset, bound: 0n, proof: 'contiguity', first: offset };
  const window = windows.find((compared) => isBetween(compared, sync, next));
  return window === undefined ? null : { ...ofContentBack(window.inverse(position)), first: next.upstream };
}

/** Nothing at or after the commit has been copied, and everything before it has. */
function endOfLog(syncs: Syncs, index: number, committed: bigint, evidence: Evidence): Answer | null {
  const { last } = syncs;
  if (last === null || index !== syncs.pairs.length - 1 || last.upstream >= committed) return null;
  const highest = syncs.highestCopied() ?? last.upstream;
  if (last.downstream + 1n !== evidence.remoteEnd || highest >= committed) return null;
  const between = last.upstream + 1n;
  const copied =
    between === committed ||
    !evidence.sourceReachable ||
    evidence.windows.some((window) => isSame(window.from, last) && window.hasNoSource(between, committed));
  if (!copied) return null;
  return { offset: evidence.remoteEnd, bound: 0n, proof: 'end-of-log', exact: true };
}

/** Whether nothing was sent again between the last sync and the remote end; null where that was not compared. */
function tailIsClean({ last }: Syncs, { remoteEnd, windows }: Evidence): boolean | null {
  if (last === null || last.downstream + 1n >= remoteEnd) return true;
  const tail = windows.find((window) => window.to === null && isSame(window.from, last));
  return tail === undefined ? null : tail.isContinuation();
}

/** Compared from that sync, or from further back, to the remote end. */
function reachesEnd({ from, to }: ContentWindow, sync: SyncPair): boolean {
  // What the source has lost since the beginning would put later positions in doubt.
  if (isSame(from, BEGINNING)) return isSame(sync, BEGINNING);
  return to === null && from.downstream <= sync.downstream && from.upstream <= sync.upstream;
}

function isBetween({ from, to }: ContentWindow, sync: SyncPair, next: SyncPair): boolean {
  return to !== null && isSame(from, sync) && isSame(to, next);
}

function isSame(a: SyncPair, b: SyncPair): boolean {
  return a.upstream === b.upstream && a.downstream === b.downstream;
}

function ofContent({ offset, bound }: Found, highest = offset): Answer {
  const exact = bound === 0n;
  return { offset: min(offset, highest), bound, proof: exact ? 'content' : 'conservative', exact };
}

function ofContentBack({ offset, bound }: FoundBack): BackAnswer {
  const exact = bound === 0n;
  return { offset, bound, proof: exact ? 'content' : 'conservative', exact };
}

function conservative(syncs: Syncs, committed: bigint, { remoteEnd }: Evidence): Answer | null {
  const found = translateForward(syncs, committed, remoteEnd);
  return found === null ? null : { ...found, proof: 'conservative', exact: false };
}

function lastAtOrBelow(pairs: readonly SyncPair[], position: bigint): number {
  let best = -1;
  for (const [index, { downstream }] of pairs.entries()) {
    if (downstream <= position && downstream >= (pairs[best]?.downstream ?? 0n)) best = index;
  }
  return best;
}
