import fc from 'fast-check';
import type { SyncPair } from '../../src/domain/offset-translation.ts';

/** One partition as MirrorMaker 2 left it: the target's log, and the syncs that arrived, in the order of writing. */
export interface Mirrored {
  /** Upstream offset of the record at each downstream offset. */
  readonly log: readonly bigint[];
  readonly syncs: readonly SyncPair[];
  /** Offsets that a group can have committed: 0 to the end of the source's log, holes too. */
  readonly commits: readonly bigint[];
}

/** A source's log and a life of the source task in generations. */
export interface MirrorPlan {
  /** Distance of each record to the one before it: 1 is the next offset, more leaves a hole (marker, compaction). */
  readonly gaps: readonly number[];
  /** Each generation copies `copies` records and then dies; the next one starts `rewind` records earlier. */
  readonly generations: readonly { readonly copies: number; readonly rewind: number }[];
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
  let next = 0;
  const generation = (until: number): void => {
    let lastSynced: SyncPair | null = null;
    let previous: bigint | null = null;
    for (; next < until; next += 1) {
      const pair: SyncPair = { upstream: records[next]!, downstream: BigInt(log.length) };
      log.push(pair.upstream);
      const due = lastSynced !== null && pair.downstream - (lastSynced.downstream + 1n) >= BigInt(plan.lagMax);
      const forced = lastSynced === null || pair.upstream !== previous! + 1n;
      previous = pair.upstream;
      if (!forced && !(due && plan.sent[turn++ % plan.sent.length] === true)) continue;
      syncs.push(pair);
      lastSynced = pair;
    }
  };
  let furthest = 0;
  for (const { copies, rewind } of plan.generations) {
    generation(Math.min(next + copies, records.length));
    furthest = Math.max(furthest, next);
    next = Math.max(0, next - rewind);
  }
  if (plan.finished) generation(furthest);
  const end = Number(records.at(-1) ?? -1n) + 2;
  return { log, syncs, commits: Array.from({ length: end }, (_, offset) => BigInt(offset)) };
}

/** The greatest position such that every copied record at or after `committed` has a copy at or above it. */
export function exactPosition({ log }: Mirrored, committed: bigint): bigint {
  const lastCopy = new Map(log.map((upstream, at) => [upstream, BigInt(at)]));
  let exact = BigInt(log.length);
  for (const [upstream, at] of lastCopy) if (upstream >= committed && at < exact) exact = at;
  return exact;
}
