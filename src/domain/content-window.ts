import type { SyncPair } from './sync-history.ts';
import { max, min } from './sync-history.ts';

/** A position found by comparing records. `bound` is 0 where it is proved, else how many records it may be short. */
export interface Found {
  readonly offset: bigint;
  readonly bound: bigint;
}

/** As `Found`, where a copy that may be of any record leaves nothing to bound it: null is unknown. */
export interface FoundBack {
  readonly offset: bigint;
  readonly bound: bigint | null;
}

export interface WindowRange {
  readonly from: SyncPair;
  /** null: up to the remote end. */
  readonly to: SyncPair | null;
  /** First upstream offset that is fed. */
  readonly sourceFrom: bigint;
}

/** A downstream record: where it lies, and which source records it can be a copy of. */
interface Copy {
  readonly at: bigint;
  /** Upstream offsets between which its original lies, both included. */
  readonly low: bigint;
  readonly high: bigint;
  /** One original, and no other record with its contents. */
  readonly sure: boolean;
}

/** What was found once both sides were read. */
interface Matched {
  /** For each source record the lowest last copy of itself and all that follow; null where none was copied. */
  readonly lastFrom: readonly (bigint | null)[];
  /** Copies whose original is not certain, in the order of the log. */
  readonly doubtful: readonly Copy[];
  /** In the order of the log: the lowest original of this and all later copies, at worst and at best. */
  readonly lowestFrom: readonly Copy[];
  /** Offset after the last source record with a copy, at least and at most. */
  readonly pastLast: Pick<Copy, 'low' | 'high'>;
  /** False where records would have been copied out of order: then contents have misled, and prove nothing. */
  readonly inOrder: boolean;
}

/**
 * The part of a partition from one sync to a later one, or to the remote end, on both sides: source records by their
 * fingerprints, and which of them each downstream record is a copy of. Feed the source first, then the target, each in
 * the order of its log; then ask. Memory: some 200 bytes a record.
 */
export class ContentWindow {
  readonly from: SyncPair;
  /** null: up to the remote end. */
  readonly to: SyncPair | null;
  readonly remoteEnd: bigint;
  readonly #sourceFrom: bigint;
  readonly #offsets: bigint[] = [];
  /** Lowest and highest place of the source records with a fingerprint. */
  readonly #places = new Map<number, { readonly low: number; high: number }>();
  /** Places of records that are not the only ones with their contents. */
  readonly #alike = new Set<number>();
  /** Position, lowest and highest place; places are -1 for what matches nothing. */
  readonly #copies: { readonly at: bigint; readonly low: number; readonly high: number }[] = [];
  #matched: Matched | null = null;

  constructor({ from, to, sourceFrom }: WindowRange, remoteEnd: bigint) {
    this.from = from;
    this.to = to;
    this.#sourceFrom = sourceFrom;
    this.remoteEnd = remoteEnd;
  }

  addSource(offset: bigint, fingerprint: number): void {
    const place = this.#offsets.push(offset) - 1;
    const known = this.#places.get(fingerprint);
    if (known === undefined) {
      this.#places.set(fingerprint, { low: place, high: place });
      return;
    }
    known.high = place;
    this.#alike.add(known.low).add(place);
  }

  addRemote(at: bigint, fingerprint: number): void {
    const { low, high } = this.#places.get(fingerprint) ?? { low: -1, high: -1 };
    this.#copies.push({ at, low, high });
  }

  /** After the first copy each one is of a later record than the one before it: nothing was sent again in here. */
  isContinuation(): boolean {
    let previous = this.#firstPlace(this.from.upstream + 1n) - 1;
    for (const { at, low, high } of this.#copies) {
      if (at === this.from.downstream) continue;
      if (low !== high || low <= previous) return false;
      previous = low;
    }
    return true;
  }

  /** True where the source holds no record from `from` on and below `to`. */
  hasNoSource(from: bigint, to: bigint): boolean {
    const next = this.#offsets[this.#firstPlace(from)];
    return next === undefined || next >= to;
  }

  /**
   * The greatest position at or above which every copied record from `committed` on has a copy; with a bound where a
   * record before it may be a copy of one of them, too.
   */
  forward(committed: bigint): Found {
    const { lastFrom, doubtful, inOrder } = this.#match();
    const upper = lastFrom[this.#firstPlace(committed)] ?? this.#end();
    const { upstream, downstream } = this.from;
    const first = committed > upstream ? downstream + 1n : downstream;
    const lower = inOrder ? (doubtful.find(({ high }) => high >= committed)?.at ?? upper) : first;
    return lower < upper ? { offset: lower, bound: upper - lower } : { offset: upper, bound: 0n };
  }

  /** The smallest upstream offset with a copy at or above `position`; past the last copied record where there is none. */
  inverse(position: bigint): FoundBack {
    const { lowestFrom, pastLast, inOrder } = this.#match();
    const lowest = lowestFrom.find(({ at }) => at >= position) ?? pastLast;
    const beyond = this.to?.upstream ?? lowest.high;
    const upper = min(lowest.high, beyond);
    // Below what was read of the source nothing is known but that it is below.
    const low = lowest.low < this.#sourceFrom ? max(this.#sourceFrom - 1n, 0n) : lowest.low;
    const lower = inOrder ? min(low, beyond) : min(this.from.upstream, upper);
    return { offset: lower, bound: upper >= HIGHEST ? null : upper - lower };
  }

  #match(): Matched {
    this.#matched ??= this.#compute();
    return this.#matched;
  }

  #compute(): Matched {
    const copies = this.#originals();
    const last = new Map<bigint, bigint>();
    for (const { at, low, sure } of copies) if (sure) last.set(low, at);
    const lastFrom: (bigint | null)[] = new Array<bigint | null>(this.#offsets.length).fill(null);
    let lowestLast: bigint | null = null;
    for (let place = this.#offsets.length - 1; place >= 0; place -= 1) {
      const at = last.get(this.#offsetAt(place)) ?? null;
      if (at !== null) lowestLast = lowestLast === null ? at : min(lowestLast, at);
      lastFrom[place] = lowestLast;
    }
    const lowestFrom: Copy[] = [];
    const pastLast = { low: this.from.upstream + 1n, high: this.from.upstream + 1n };
    for (const copy of copies.toReversed()) {
      const next = lowestFrom.at(-1) ?? copy;
      lowestFrom.push({ ...copy, low: min(copy.low, next.low), high: min(copy.high, next.high) });
    }
    // In the order of the log: what matches nothing may be of the record after all before it.
    for (const copy of copies) {
      if (copy.sure) pastLast.low = max(pastLast.low, copy.low + 1n);
      pastLast.high = copy.high < HIGHEST ? max(pastLast.high, copy.high + 1n) : pastLast.high + 1n;
    }
    const doubtful = copies.filter(({ sure }) => !sure);
    return { lastFrom, doubtful, lowestFrom: lowestFrom.reverse(), pastLast, inOrder: this.#isInOrder() };
  }

  /** MM2 copies record after record and goes back at times; it never passes one over. */
  #isInOrder(): boolean {
    let previous = this.#firstPlace(this.from.upstream + 1n) - 1;
    for (const { at, low, high } of this.#copies) {
      if (low !== high || low < 0 || at === this.from.downstream) continue;
      if (low > previous + 1 && !this.#mayBeSkipped(previous + 1, low)) return false;
      previous = low;
    }
    return true;
  }

  /** What cannot be told apart may have been copied in between. */
  #mayBeSkipped(from: number, to: number): boolean {
    for (let place = from; place < to; place += 1) if (!this.#alike.has(place)) return false;
    return true;
  }

  /**
   * Which original each copy can be of. One that matches nothing is of a record that is gone from the source, and may be
   * of any: its neighbours say nothing where two tasks wrote at once.
   */
  #originals(): readonly Copy[] {
    return this.#copies.map(({ at, low, high }): Copy => {
      const sure = low === high && low >= 0;
      if (at === this.from.downstream) return { at, low: this.from.upstream, high: this.from.upstream, sure };
      if (low < 0) return { at, low: 0n, high: HIGHEST, sure: false };
      return { at, low: this.#offsetAt(low), high: this.#offsetAt(high), sure };
    });
  }

  /** First source record at or after the offset. */
  #firstPlace(upstream: bigint): number {
    let [low, high] = [0, this.#offsets.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#offsetAt(middle) < upstream) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #offsetAt(place: number): bigint {
    return this.#offsets[place] ?? HIGHEST;
  }

  #end(): bigint {
    return this.to?.downstream ?? this.remoteEnd;
  }
}

/** Above every offset of Kafka (int64). */
const HIGHEST = 2n ** 63n;
