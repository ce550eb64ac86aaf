/** One (upstream, downstream) pair of a partition: the record at `upstream` is the record at `downstream`. */
export interface SyncPair {
  readonly upstream: bigint;
  readonly downstream: bigint;
  /** The run of the source task that wrote it, as far as its producer tells; absent where it cannot be told. */
  readonly generation?: string | null;
}

/** What the syncs of one generation betray about the logs: proofs by counting rest on neither. */
interface Irregular {
  /** Upstream offsets without a copy: transaction markers, compaction. */
  readonly holes: ReadonlySet<string>;
  /** Downstream offsets that hold no new record: markers of an exactly-once flow, records sent again after a lost answer. */
  readonly padding: ReadonlySet<string>;
  /** Two tasks at once: one was taken for dead and wrote on. */
  readonly mixed: ReadonlySet<string>;
  /** All generations. */
  readonly seen: ReadonlySet<string>;
}

const REGULAR: Irregular = { holes: new Set(), padding: new Set(), mixed: new Set(), seen: new Set() };

/** The syncs of one partition in the order they were written, and what proofs ask of them. */
export class Syncs {
  readonly pairs: readonly SyncPair[];
  /** More may have been written after them. */
  readonly partial: boolean;
  readonly #irregular: Irregular;
  readonly #copiedBefore: readonly (bigint | null)[];

  /** `begun`: what is known of the first of these pairs, which need not be looked at again. */
  constructor(
    pairs: readonly SyncPair[],
    { partial = false, begun = null }: { readonly partial?: boolean; readonly begun?: Syncs | null } = {},
  ) {
    this.pairs = pairs;
    this.partial = partial;
    this.#irregular = irregularities(pairs, begun === null ? REGULAR : begun.#irregular, begun?.pairs.length ?? 0);
    this.#copiedBefore = highestCopiedBefore(pairs, begun === null ? [] : begun.#copiedBefore);
  }

  /** These, and those that were written after them. */
  followedBy(more: readonly SyncPair[]): Syncs {
    return new Syncs([...this.pairs, ...more], { partial: this.partial, begun: this });
  }

  /**
   * The syncs since the flow began anew: nothing before `u` on the source is copied any more, and before `d` on the target
   * nothing was copied since, but clients may have written there. Where it began stands for the first of them: the record
   * before `u` counts as copied just before `d`.
   */
  since({ u, d }: { readonly u: bigint; readonly d: bigint }): Syncs {
    const first = { upstream: u - 1n, downstream: d - 1n, generation: null };
    return new Syncs([first, ...this.pairs.filter(({ upstream, downstream }) => upstream >= u && downstream >= d)]);
  }

  at(index: number): SyncPair | null {
    return this.pairs[index] ?? null;
  }

  get last(): SyncPair | null {
    return this.pairs.at(-1) ?? null;
  }

  /** The highest upstream offset that the syncs know of or imply; null without any. */
  highestCopied(): bigint | null {
    const { last } = this;
    if (last === null) return null;
    return max(this.#copiedBefore[this.pairs.length - 1] ?? last.upstream, last.upstream);
  }

  /**
   * The last-written sync at or before `committed` after which everything at or after `committed` that had been copied
   * before was copied again: of A B C | B the record C has no copy after the second B. -1 where there is none.
   */
  usableAt(committed: bigint): number {
    for (let index = this.pairs.length - 1; index >= 0; index -= 1) {
      const sync = this.pairs[index];
      if (sync === undefined) break;
      if (sync.upstream > committed) continue;
      const before = this.#copiedBefore[index] ?? null;
      if (before !== null && before >= committed && before > this.#copiedAgain(index)) continue;
      return index;
    }
    return -1;
  }

  /** How far the records from that sync on were copied without a gap: by its own task, and by those that began later. */
  #copiedAgain(index: number): bigint {
    const sync = this.pairs[index];
    if (sync === undefined) return -1n;
    const runs = new Map<string, { readonly from: bigint; to: bigint }>();
    for (const { upstream, generation } of this.pairs.slice(index)) {
      const run = runs.get(generation ?? '');
      if (run === undefined) runs.set(generation ?? '', { from: upstream, to: upstream });
      else run.to = max(run.to, upstream);
    }
    let reached = sync.upstream;
    for (const { from, to } of [...runs.values()].toSorted((a, b) => (a.from < b.from ? -1 : 1))) {
      if (from > reached + 1n) break;
      reached = max(reached, to);
    }
    return reached;
  }

  /** The first sync that is known of the run of the task that wrote this one; itself where the run cannot be told. */
  beginOfRun(index: number): SyncPair | null {
    const sync = this.at(index);
    if (sync === null) return null;
    return this.pairs.find((pair) => pair === sync || sameGeneration(pair, sync)) ?? sync;
  }

  /**
   * The lowest upstream offset that a task may have begun at of whose life this is the first sync that is known; the sync's
   * own where it is not the first. MM2 may never write a task's first syncs: then it went back by no more than what was
   * copied since the last sync of the task before it.
   */
  lowestBegin(index: number): bigint {
    const [before, sync] = [this.at(index - 1), this.at(index)];
    const own = sync?.upstream ?? 0n;
    return before === null || sync === null || this.isOneRun(index - 1)
      ? own
      : own - max(sync.downstream - before.downstream, 0n);
  }

  /** Where the record at `upstream`, or what follows, was first copied, at the earliest; null where no sync comes as far. */
  firstCopyFrom(upstream: bigint): bigint | null {
    const index = this.pairs.findIndex((pair) => pair.upstream >= upstream);
    const pair = this.at(index);
    if (pair === null || pair.upstream === upstream) return pair?.downstream ?? null;
    return (this.at(index - 1)?.downstream ?? pair.downstream - 1n) + 1n;
  }

  /** The first known sync at or above `upstream` of the run that wrote the sync at `index`, up to that; null where none is. */
  firstOfRunFrom(index: number, upstream: bigint): SyncPair | null {
    const sync = this.at(index);
    if (sync === null) return null;
    const own = (pair: SyncPair): boolean => pair === sync || sameGeneration(pair, sync);
    return this.pairs.slice(0, index + 1).find((pair) => own(pair) && pair.upstream >= upstream) ?? null;
  }

  /** One task copied from this sync to the next, in order. */
  isOneRun(index: number): boolean {
    const [a, b] = [this.at(index), this.at(index + 1)];
    return a !== null && b !== null && sameGeneration(a, b) && b.upstream > a.upstream;
  }

  /**
   * Nothing is missing and nothing was sent twice between this sync and the next: both of one generation, as far apart
   * above as below. Where the generation has holes or padding elsewhere, the two could make up for each other in here:
   * then only neighbours count.
   */
  isContiguous(index: number): boolean {
    const [a, b] = [this.at(index), this.at(index + 1)];
    if (a === null || b === null || !sameGeneration(a, b)) return false;
    const [up, down] = [b.upstream - a.upstream, b.downstream - a.downstream];
    if (up !== down || up <= 0n) return false;
    const { holes, padding, mixed } = this.#irregular;
    const regular = [holes, padding, mixed].every((found) => !found.has(a.generation ?? ''));
    return regular || up === 1n;
  }

  /** No position lies between this sync and the next: whatever was not read below is read from the next one on. */
  isAdjacent(index: number): boolean {
    const [a, b] = [this.at(index), this.at(index + 1)];
    return a !== null && b !== null && this.isOneRun(index) && b.downstream - a.downstream === 1n;
  }

  /**
   * Nothing at or before `upstream` was sent again after the sync at `from`: every later sync lies above, and the target
   * never grew by more than the source, at a change of generation by just as much: what it grew by less is a hole, which
   * could hide a record that was sent again.
   */
  neverSentAgain(from: number, upstream: bigint): boolean {
    for (let index = from; index + 1 < this.pairs.length; index += 1) {
      const [a, b] = [this.at(index), this.at(index + 1)];
      if (a === null || b === null) return false;
      if (b.upstream <= upstream) return false;
      const [up, down] = [b.upstream - a.upstream, b.downstream - a.downstream];
      if (down <= 0n || down > up) return false;
      if (sameGeneration(a, b)) continue;
      const { holes } = this.#irregular;
      if (up !== down) return false;
      // A hole and a record that was sent again could make up for each other: then only neighbours count.
      if ((holes.has(a.generation ?? '') || holes.has(b.generation ?? '')) && up !== 1n) return false;
    }
    return true;
  }
}

function sameGeneration(a: SyncPair, b: SyncPair): boolean {
  return a.generation !== undefined && a.generation !== null && a.generation === b.generation;
}

/** What the pairs from that index on betray, and what those before it were known to. */
function irregularities(pairs: readonly SyncPair[], before: Irregular, from: number): Irregular {
  const [holes, padding] = [new Set(before.holes), new Set(before.padding)];
  const [mixed, seen] = [new Set(before.mixed), new Set(before.seen)];
  for (let index = from; index < pairs.length; index += 1) {
    const [a, b] = [pairs[index - 1], pairs[index]];
    if (b === undefined) break;
    if (a !== undefined && !sameGeneration(a, b) && seen.has(b.generation ?? '')) {
      mixed.add(a.generation ?? '').add(b.generation ?? '');
    }
    seen.add(b.generation ?? '');
    if (a === undefined || !sameGeneration(a, b)) continue;
    const [up, down] = [b.upstream - a.upstream, b.downstream - a.downstream];
    if (up > down) holes.add(b.generation ?? '');
    if (down > up) padding.add(b.generation ?? '');
  }
  return { holes, padding, mixed, seen };
}

/**
 * For each sync the highest upstream offset that may have been copied before it; null for the first. Between two syncs
 * of one task the records follow each other without a hole, so each position between them is one more offset. `known` are
 * the answers for the first of them.
 */
function highestCopiedBefore(
  syncs: readonly SyncPair[],
  known: readonly (bigint | null)[],
): readonly (bigint | null)[] {
  const answers = [...known];
  let highest = known.at(-1) ?? null;
  for (let index = known.length; index < syncs.length; index += 1) {
    const [previous, sync] = [syncs[index - 1], syncs[index]];
    if (previous !== undefined && sync !== undefined) {
      const between = max(sync.downstream - previous.downstream - 1n, 0n);
      highest = max(highest ?? previous.upstream, previous.upstream + between);
    }
    answers.push(highest);
  }
  return answers;
}

export function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

export function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
