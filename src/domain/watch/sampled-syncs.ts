import type { OffsetSync } from '../offset-sync.ts';
import type { SyncPair } from '../sync-history.ts';
import { Syncs } from '../sync-history.ts';
import { partitionKey } from '../topic.ts';
import type { SamplesOf } from './samples.ts';

/** Of a partition with more than that nothing is kept: it has holes all over, and then the file would only grow. */
export const MOST_SYNCS = 10_000;
/** Of all partitions together, some 10 MB; of the largest ones nothing is kept then. */
export const MOST_SYNCS_IN_ALL = 200_000;

/** `[upstream, downstream, generation]` */
type StoredPair = readonly [string, string, string | null];

/** MM2's offset syncs as a watch has read them, where their topic dies with the source. */
export interface SampledSyncs extends SamplesOf {
  readonly schema: 'kmk.sampled-syncs/v1';
  /** Where to read on. */
  readonly next: string;
  /** By `partitionKey` of the source partition, in the order they were written; null where there were too many. */
  readonly partitions: Readonly<Record<string, readonly StoredPair[] | null>>;
}

/** A sync and the run of the source task that wrote it. */
export type ReadSync = OffsetSync & { readonly generation: string | null };

/** The syncs that were known and those that were read after them. */
export function withSyncs(
  before: SampledSyncs | null,
  of: SamplesOf,
  read: { readonly syncs: readonly ReadSync[]; readonly next: bigint },
): SampledSyncs {
  const partitions = new Map(Object.entries(before?.partitions ?? {}));
  const added = new Map<string, SyncPair[]>();
  for (const { topic, partition, upstreamOffset: upstream, downstreamOffset: downstream, generation } of read.syncs) {
    const key = partitionKey({ topic, partition });
    const pairs = added.get(key) ?? [];
    added.set(key, pairs);
    pairs.push({ upstream, downstream, generation });
  }
  for (const [key, pairs] of added) {
    const known = partitions.get(key);
    if (known === null) continue;
    const all = thinned([...(known ?? []).map(toPair), ...pairs]);
    partitions.set(key, all.length > MOST_SYNCS ? null : all.map(toStored));
  }
  bound(partitions);
  return {
    schema: 'kmk.sampled-syncs/v1',
    ...of,
    next: read.next.toString(),
    partitions: Object.fromEntries(partitions),
  };
}

function bound(partitions: Map<string, readonly StoredPair[] | null>): void {
  const sizes = [...partitions].map(([key, pairs]) => [key, pairs?.length ?? 0] as const);
  let size = sizes.reduce((sum, [, count]) => sum + count, 0);
  for (const [key, count] of sizes.toSorted(([, a], [, b]) => b - a)) {
    if (size <= MOST_SYNCS_IN_ALL) return;
    partitions.set(key, null);
    size -= count;
  }
}

/** What is known of each partition: the beginning of its history, as far as a watch came. */
export function sampledHistory({ partitions }: SampledSyncs): ReadonlyMap<string, Syncs> {
  return new Map(
    Object.entries(partitions).flatMap(([key, pairs]) =>
      pairs === null ? [] : [[key, new Syncs(pairs.map(toPair), { partial: true })] as const],
    ),
  );
}

/**
 * The same knowledge in fewer syncs: of three of one run that are as far apart above as below the one in the middle
 * follows from the others, as everything else in between does.
 */
export function thinned(pairs: readonly SyncPair[]): readonly SyncPair[] {
  const kept: SyncPair[] = [];
  for (const pair of pairs) {
    const [a, b] = [kept.at(-2), kept.at(-1)];
    if (a !== undefined && b !== undefined && isEven(a, b) && isEven(b, pair)) kept.pop();
    kept.push(pair);
  }
  return kept;
}

function isEven(a: SyncPair, b: SyncPair): boolean {
  const told = typeof a.generation === 'string' && a.generation === b.generation;
  return told && b.upstream > a.upstream && b.upstream - a.upstream === b.downstream - a.downstream;
}

function toPair([upstream, downstream, generation]: StoredPair): SyncPair {
  return { upstream: BigInt(upstream), downstream: BigInt(downstream), generation };
}

function toStored({ upstream, downstream, generation }: SyncPair): StoredPair {
  return [upstream.toString(), downstream.toString(), generation ?? null];
}
