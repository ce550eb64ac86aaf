import type { SyncPair, Syncs } from './sync-history.ts';
import { max, min } from './sync-history.ts';

/**
 * The most records that a task is taken to copy without any sync being written, per partition. MM2 sends ten syncs at a
 * time and keeps the newest of each partition meanwhile: a life that long without one has not been seen.
 */
const MOST_SILENT = 10_000n;

/** Positions that are read besides, for copies of a task that was taken for dead and wrote on. */
const MARGIN = 1000n;

/** The most positions that are read before the first sync of a run: a task goes back by what it has not flushed. */
const MOST_BEFORE = 160_000n;

/** Where a remote log starts and ends. */
export interface RemoteLog {
  readonly remoteStart: bigint;
  readonly remoteEnd: bigint;
}

/** A part of a remote partition: from the first offset up to the one that is left out. */
export interface CopiesRange {
  readonly from: bigint;
  readonly to: bigint;
}

/**
 * What to read of the remote log to learn whether the records behind a commit were copied before the sync that its
 * translation rests on, by a task that died without a sync. Null where no such task can have been: its records lie between
 * the syncs of two runs, or before the first sync; or where they are so few that the run with that sync has copied them
 * all again, from the last sync before them on. Commits whose syncs are of one run ask for the same range, as a rule.
 */
export function copiesToRead(syncs: Syncs, committed: bigint, log: RemoteLog): CopiesRange | null {
  const index = syncs.usableAt(committed);
  const [sync, begun] = [syncs.at(index), syncs.beginOfRun(index)];
  if (sync === null || begun === null) return null;
  const lowest = max(begun.downstream - 2n * MOST_SILENT, log.remoteStart);
  const { from, room, highest } = silentRoom(syncs, index, lowest);
  if (from === null) return null;
  // What follows the last sync of a task that died lies behind that sync, however far back its successor began.
  const reached = syncs.firstOfRunFrom(index, highest);
  if (reached !== null && sync.downstream - reached.downstream >= room) return null;
  const first = max(firstCopies(syncs, index, from), max(begun.downstream - MOST_BEFORE, log.remoteStart));
  const again = begun.downstream - first;
  const to = min(max(begun.downstream + 2n * room, sync.downstream + again), log.remoteEnd);
  return to <= first ? null : { from: first, to };
}

/** The same offsets without an overlap: what lies in one of the ranges lies whole in one of the joined. */
export function joinRanges(ranges: readonly CopiesRange[]): readonly CopiesRange[] {
  const joined: { from: bigint; to: bigint }[] = [];
  for (const { from, to } of ranges.toSorted((a, b) => (a.from < b.from ? -1 : 1))) {
    const last = joined.at(-1);
    if (last === undefined || from > last.to) joined.push({ from, to });
    else last.to = max(last.to, to);
  }
  return joined;
}

/**
 * From where on it is known which records were copied before others, at and above `from`: the first copies of the sync's
 * own record, and of all that tasks have sent again since. Where runs cannot be told apart each sync would be one.
 */
function firstCopies(syncs: Syncs, index: number, from: bigint): bigint {
  const firstOf = (upstream: bigint): bigint => syncs.firstCopyFrom(upstream) ?? from;
  let first = min(from, firstOf(syncs.at(index)?.upstream ?? 0n));
  for (let at = index; at > 0 && (syncs.at(at)?.downstream ?? -1n) > first; at -= 1) {
    const told = (syncs.at(at)?.generation ?? null) !== null;
    if (told && !syncs.isOneRun(at - 1)) first = min(first, firstOf(syncs.lowestBegin(at)));
  }
  return first;
}

/**
 * How many positions above `lowest` may hold what tasks have copied of which no sync tells, the first of them, and the
 * highest upstream offset of a sync that they may follow.
 */
function silentRoom(
  syncs: Syncs,
  index: number,
  lowest: bigint,
): { readonly from: bigint | null; readonly room: bigint; readonly highest: bigint } {
  let [from, room, highest]: [bigint | null, bigint, bigint] = [null, 0n, -1n];
  for (const [at, { downstream }] of syncs.pairs.slice(0, index + 1).entries()) {
    if (syncs.isOneRun(at - 1)) continue;
    const start = max((syncs.at(at - 1)?.downstream ?? -1n) + 1n, lowest);
    if (downstream <= start) continue;
    room += downstream - start;
    highest = max(highest, syncs.at(at - 1)?.upstream ?? -1n);
    from = from === null ? start : min(from, start);
  }
  return { from, room: min(room, MOST_SILENT) + MARGIN, highest };
}

/** The records of a remote partition around a sync, by their fingerprints. Feed them in the order of the log. */
export class CopiesAround implements CopiesRange {
  readonly from: bigint;
  readonly to: bigint;
  /** Fingerprints at their positions. */
  readonly #log = new Map<bigint, number>();
  /** First and last position of a fingerprint. */
  readonly #copies = new Map<number, { readonly first: bigint; last: bigint }>();

  constructor({ from, to }: CopiesRange) {
    this.from = from;
    this.to = to;
  }

  add(at: bigint, fingerprint: number): void {
    this.#log.set(at, fingerprint);
    const known = this.#copies.get(fingerprint);
    if (known === undefined) this.#copies.set(fingerprint, { first: at, last: at });
    else known.last = at;
  }

  /**
   * The lowest position that holds the last copy of a record behind that of the sync, below the sync; null where there is
   * none. A partition is copied in order: what was first copied after the first copy of the sync's record lies behind it
   * on the source. Where a task copied such records and died, and its successor has not come that far, this is the only
   * place to read them. `firstCopy`: where that first copy lies at the earliest, as far as syncs tell; before this range
   * all of it counts as copied after it.
   */
  lastCopyBefore({ downstream }: SyncPair, firstCopy: bigint | null): bigint | null {
    const own = this.#copies.get(this.#log.get(downstream) ?? -1);
    if (own === undefined) return null;
    const ownFirst = firstCopy !== null && firstCopy < this.from ? this.from - 1n : own.first;
    if (ownFirst === downstream) return null;
    let lowest: bigint | null = null;
    for (const { first, last } of this.#copies.values()) {
      if (first > ownFirst && last < downstream) lowest = lowest === null ? last : min(lowest, last);
    }
    return lowest;
  }
}
