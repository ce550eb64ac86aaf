import type { Decoded } from './mm2-struct.ts';
import { decodeStruct } from './mm2-struct.ts';
import type { Syncs } from './sync-history.ts';

/** A group's commit as its coordinator keeps it in `__consumer_offsets` (OffsetCommitKey, OffsetCommitValue). */
export interface StoredCommit {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

/** Keys of these versions are commits, higher ones are groups and their members. */
const HIGHEST_COMMIT_KEY = 1;

/** Decodes a record of `__consumer_offsets`; null for one that is no commit. The offset is first in values of every version. */
export function decodeStoredCommit(key: Uint8Array | null, value: Uint8Array | null): Decoded<StoredCommit | null> {
  return decodeStruct(key, value, (keyReader, valueReader) => {
    if (keyReader.int16() > HIGHEST_COMMIT_KEY) return null;
    const [group, topic, partition] = [keyReader.string(), keyReader.string(), keyReader.int32()];
    valueReader.int16();
    return { group, topic, partition, offset: valueReader.int64() };
  });
}

/** The partition of `__consumer_offsets` that holds a group: GroupCoordinator.partitionFor, by Java's String.hashCode. */
export function coordinatorPartition(group: string, partitions: number): number {
  let hash = 0;
  for (let index = 0; index < group.length; index += 1) hash = (Math.imul(hash, 31) + group.charCodeAt(index)) | 0;
  // Utils.abs: the least integer has no positive counterpart.
  return (hash === -0x80000000 ? 0 : Math.abs(hash)) % partitions;
}

/**
 * The least commit on the source that MM2 can have meant by a commit on the target. It translates with a sync at or
 * before the commit: to its copy where they are equal, else to one past it (OffsetSyncStore.translateDownstream). Null
 * where no sync fits: then MM2 did not make it.
 */
export function upstreamOfCommit({ pairs, last, partial }: Syncs, committed: bigint): bigint | null {
  // It may be of a sync that nobody knows: those name records behind the last one.
  if (partial && (last === null || committed > last.downstream)) return null;
  const meant = pairs
    .filter(({ downstream }) => committed === downstream || committed === downstream + 1n)
    .map(({ upstream, downstream }) => upstream + (committed - downstream));
  return meant.reduce<bigint | null>((least, one) => (least === null || one < least ? one : least), null);
}
