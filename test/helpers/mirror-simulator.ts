import fc from 'fast-check';
import type { SyncPair } from '../../src/domain/sync-history.ts';

/** One partition as MirrorMaker 2 left it: the target's log, and the syncs that arrived, in the order of writing. */
export interface Mirrored {
  /** Upstream offsets of the source's records. */
  readonly records: readonly bigint[];
  /** Upstream offset of the record at each downstream offset. */
  readonly log: readonly bigint[];
  readonly syncs: readonly SyncPair[];
  /** Offsets that a group can have committed: 0 to the end of the source's log, holes too. */
  readonly commits: readonly bigint[];
  /** Two tasks were to write at once. */
  readonly overlapping: boolean;
}

export interface Generation {
  readonly copies: number;
  readonly rewind: number;
  /** How many records its predecessor, cut off but not dead, still copies between its own first ones. */
  readonly overlap?: number;
  /** Its producer of syncs died before any was written. */
  readonly mute?: boolean;
}

/** A source's log and a life of the source task in generations. */
export interface MirrorPlan {
  /** Distance of each record to the one before it: 1 is the next offset, more leaves a hole (marker, compaction). */
  readonly gaps: readonly number[];
  /** Each generation copies `copies` records and then dies; the next one starts `rewind` records earlier. */
  readonly generations: readonly Generation[];
  /** offset.lag.max: 0 syncs every record, more every so many. */
  readonly lagMax: number;
  /** Whether the n-th sync that OffsetSyncWriter only sends when it is time is sent; used round and round. */
  readonly sent: readonly boolean[];
  /** The last generations go on until everything that was ever copied has been copied again. */
  readonly finished: boolean;
}

export const mirrorPlan: fc.Arbitrary<MirrorPlan> = fc.record({
  gaps: fc.array(fc.oneof({ weight: 4, arbitrary: fc.constant(1) }, fc.integer({ min: 2, max: 6 })), {
    minLength: 1,
    maxLength: 25,
  }),
  generations: fc.array(fc.record({ copies: fc.nat(12), rewind: fc.nat(8) }), { minLength: 1, maxLength: 6 }),
  lagMax: fc.nat(5),
  sent: fc.array(fc.boolean(), { minLength: 1, maxLength: 20 }),
  finished: fc.boolean(),
});

/** Lives with two tasks at once, and with a last task that wrote no sync. */
export const wildPlan: fc.Arbitrary<MirrorPlan> = fc
  .record({
    plan: mirrorPlan,
    overlaps: fc.array(fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(4)), { minLength: 6, maxLength: 6 }),
    mute: fc.boolean(),
  })
  .map(({ plan, overlaps, mute }) => ({
    ...plan,
    generations: plan.generations.map((generation, at) =>
      mute && !plan.finished && at > 0 && at === plan.generations.length - 1
        ? { ...generation, mute }
        : { ...generation, overlap: overlaps[at] ?? 0 },
    ),
  }));

/**
 * Lives as a busy MM2 leaves them, one task at a time: any may die without a sync, and of those that are due only some are
 * written, the first of a task's life and those after holes too.
 */
export const silentPlan: fc.Arbitrary<{ readonly plan: MirrorPlan; readonly written: readonly boolean[] }> = fc
  .record({
    plan: mirrorPlan,
    mute: fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
    written: fc.array(fc.oneof({ weight: 2, arbitrary: fc.constant(true) }, fc.boolean()), {
      minLength: 1,
      maxLength: 20,
    }),
  })
  .map(({ plan, mute, written }) => ({
    plan: { ...plan, generations: plan.generations.map((of, at) => ({ ...of, mute: mute[at] ?? false })) },
    written,
  }));

/** One run of the source task: where it is, and what OffsetSyncWriter knows. */
class Task {
  next: number;
  readonly #name: string;
  readonly #mute: boolean;
  #lastSynced: SyncPair | null = null;
  #previous: bigint | null = null;

  constructor(name: string, next: number, mute: boolean) {
    this.#name = name;
    this.next = next;
    this.#mute = mute;
  }

  /** Copies the next record; gives a sync when one is written. */
  copy(records: readonly bigint[], log: bigint[], lagMax: number, isSent: () => boolean): SyncPair | null {
    const upstream = records[this.next]!;
    this.next += 1;
    const pair: SyncPair = { upstream, downstream: BigInt(log.length), generation: this.#name };
    log.push(upstream);
    const last = this.#lastSynced;
    const due = last !== null && pair.downstream - (last.downstream + 1n) >= BigInt(lagMax);
    const forced = last === null || upstream !== this.#previous! + 1n;
    this.#previous = upstream;
    if (!forced && !(due && isSent())) return null;
    this.#lastSynced = pair;
    return this.#mute ? null : pair;
  }
}

/**
 * Plays a plan by the rules of MirrorSourceTask and OffsetSyncWriter (mm2 2.1): records in order, each generation from a
 * position at or before the last copied record; a sync for the first record of a generation and after a hole at once,
 * for the others once the lag is reached, or when a flush comes by.
 */
export function mirror(plan: MirrorPlan): Mirrored {
  const records: bigint[] = [];
  for (const gap of plan.gaps) records.push((records.at(-1) ?? -1n) + BigInt(gap));
  const log: bigint[] = [];
  const syncs: SyncPair[] = [];
  let turn = 0;
  const isSent = (): boolean => plan.sent[turn++ % plan.sent.length] === true;
  // What two tasks write at once is only told apart by syncs of both.
  const step = (task: Task, always = false): void => {
    const sync = task.copy(records, log, always ? 0 : plan.lagMax, always ? () => true : isSent);
    if (sync !== null) syncs.push(sync);
  };
  let next = 0;
  let furthest = 0;
  let before: Task | null = null;
  const run = (name: string, until: number, overlap: number, mute: boolean): void => {
    const task = new Task(name, next, mute);
    let left = overlap;
    while (task.next < until) {
      step(task);
      if (before !== null && left > 0 && before.next < records.length) {
        left -= 1;
        step(before, true);
        furthest = Math.max(furthest, before.next);
      }
    }
    next = task.next;
    before = task;
  };
  for (const [at, { copies, rewind, overlap = 0, mute = false }] of plan.generations.entries()) {
    run(`g${at}`, Math.min(next + copies, records.length), overlap, mute);
    furthest = Math.max(furthest, next);
    next = Math.max(0, next - rewind);
  }
  if (plan.finished) run('last', furthest, 0, false);
  const end = Number(records.at(-1) ?? -1n) + 2;
  const overlapping = plan.generations.some(({ overlap = 0 }) => overlap > 0);
  return { records, log, syncs, overlapping, commits: Array.from({ length: end }, (_, offset) => BigInt(offset)) };
}

/** The greatest position such that every copied record at or after `committed` has a copy at or above it. */
export function exactPosition({ log }: Mirrored, committed: bigint): bigint {
  const lastCopy = new Map(log.map((upstream, at) => [upstream, BigInt(at)]));
  let exact = BigInt(log.length);
  for (const [upstream, at] of lastCopy) if (upstream >= committed && at < exact) exact = at;
  return exact;
}

/** The smallest upstream offset with a copy at or above `position`, else the one after the last copied record. */
export function exactInverse({ log }: Mirrored, position: bigint): bigint {
  const above = log.slice(Number(position));
  const pick = above.length > 0 ? above : log;
  const found = pick.reduce((best, upstream) => (above.length > 0 === upstream < best ? upstream : best));
  return above.length > 0 ? found : found + 1n;
}
