import type { GroupOffsets } from '../offsets-documents.ts';
import type { LogRange, TopicPartitionOffset } from '../topic.ts';
import { partitionKey, partitionOfKey } from '../topic.ts';

/** More positions are not kept: the file is written once a second. At some 40 bytes each it stays below a megabyte. */
export const MOST_POSITIONS = 20_000;

/** What a group had committed on the source when a watch looked. Offsets are decimal strings. */
export interface SampledGroup {
  /** Epoch ms before it was read. */
  readonly beganMs: number;
  /** End of the flow's checkpoints topic before that: checkpoints below are of commits that are no younger. */
  readonly checkpointsEnd: string;
  /** By `partitionKey` of the source partition. */
  readonly offsets: Readonly<Record<string, string>>;
  /** Epoch ms at which a lower commit was seen than before, for as long as MM2 may commit what it read before that. */
  readonly lowered: Readonly<Record<string, number>>;
}

/** What a watch has seen of a flow's source, for the time when nobody can ask it any more. */
export interface Samples {
  readonly schema: 'kmk.samples/v1';
  /** `source->target` */
  readonly flow: string;
  readonly epoch: number;
  /** Of both clusters, by alias. */
  readonly clusterIds: Readonly<Record<string, string>>;
  /** Of the source's topics, by name, as base64url. */
  readonly topicIds: Readonly<Record<string, string>>;
  readonly groups: Readonly<Record<string, SampledGroup>>;
  /** Ends of the source's logs by `partitionKey`; null before the first look. */
  readonly ends: { readonly atMs: number; readonly offsets: Readonly<Record<string, string>> } | null;
}

/** To whom samples belong: those of anything else are worth nothing. */
export type SamplesOf = Pick<Samples, 'flow' | 'epoch' | 'clusterIds'>;

/** What one round of a watch has read. */
export interface SampleRound {
  readonly of: SamplesOf;
  /** Read after the commits. */
  readonly topicIds: ReadonlyMap<string, string>;
  readonly checkpointsEnd: bigint;
  readonly groups: readonly {
    readonly group: string;
    readonly beganMs: number;
    readonly commits: readonly TopicPartitionOffset[];
  }[];
  /** How long MM2 may commit on the target what it read before a group went back. */
  readonly loweredMs: number;
  /** Groups that the source has; others are forgotten. */
  readonly existing: readonly string[];
  readonly ends: { readonly atMs: number; readonly ranges: readonly Omit<LogRange, 'start'>[] } | null;
}

/**
 * What is known after one more round. A commit counts only where its topic had the same id in the round before: so it is
 * of the topic that has this id, however the two readings fell. What is kept is bounded: the oldest groups go first.
 */
export function withRound(before: Samples | null, round: SampleRound): Samples {
  const known = before !== null && isOf(before, round.of) ? before : null;
  const topicIds = Object.fromEntries(round.topicIds);
  const same = (topic: string): boolean => known !== null && known.topicIds[topic] === topicIds[topic];
  const existing = new Set(round.existing);
  const groups = new Map<string, SampledGroup>();
  for (const [group, sampled] of Object.entries(known?.groups ?? {})) {
    if (existing.has(group)) groups.set(group, { ...sampled, offsets: onTopics(sampled.offsets, same) });
  }
  for (const { group, beganMs, commits } of round.groups) {
    const earlier = groups.get(group);
    const offsets: Record<string, string> = {};
    const lowered: Record<string, number> = {};
    for (const at of commits.filter(({ topic }) => same(topic))) {
      const key = partitionKey(at);
      offsets[key] = at.offset.toString();
      const fell = BigInt(earlier?.offsets[key] ?? 0) > at.offset ? beganMs : earlier?.lowered[key];
      if (fell !== undefined && beganMs - fell < round.loweredMs) lowered[key] = fell;
    }
    groups.set(group, { beganMs, checkpointsEnd: round.checkpointsEnd.toString(), offsets, lowered });
  }
  return {
    schema: 'kmk.samples/v1',
    ...round.of,
    topicIds,
    groups: bounded(groups),
    ends: round.ends === null ? (known?.ends ?? null) : endsOf(round.ends),
  };
}

function onTopics(offsets: SampledGroup['offsets'], keep: (topic: string) => boolean): SampledGroup['offsets'] {
  return Object.fromEntries(Object.entries(offsets).filter(([key]) => keep(partitionOfKey(key).topic)));
}

function bounded(groups: ReadonlyMap<string, SampledGroup>): Samples['groups'] {
  const newestFirst = [...groups].toSorted(([, a], [, b]) => b.beganMs - a.beganMs);
  let left = MOST_POSITIONS;
  return Object.fromEntries(
    newestFirst.filter(([, { offsets }]) => {
      const size = Object.keys(offsets).length;
      if (size > left) return false;
      left -= size;
      return true;
    }),
  );
}

function endsOf({ atMs, ranges }: NonNullable<SampleRound['ends']>): NonNullable<Samples['ends']> {
  return { atMs, offsets: Object.fromEntries(ranges.map((at) => [partitionKey(at), at.end.toString()])) };
}

/** Whether the samples are of these clusters in this epoch. */
export function isOf(samples: SamplesOf, { flow, epoch, clusterIds }: SamplesOf): boolean {
  const same = Object.entries(clusterIds).every(([alias, id]) => samples.clusterIds[alias] === id);
  return samples.flow === flow && samples.epoch === epoch && same;
}

/** How many positions are kept. */
export function countPositions({ groups }: Samples): number {
  return Object.values(groups).reduce((sum, { offsets }) => sum + Object.keys(offsets).length, 0);
}

/** Epoch ms of the youngest commit that was read; null without any. */
export function youngestMs({ groups }: Samples): number | null {
  const times = Object.values(groups).map(({ beganMs }) => beganMs);
  return times.length === 0 ? null : Math.max(...times);
}

/** When a watch saw the youngest of the commits that are known from one, ISO 8601 UTC; null where none is. */
export function lastSeenAt(groups: readonly GroupOffsets[]): string | null {
  const seen = groups.flatMap(({ partitions }) => partitions.map(({ seenAt }) => seenAt));
  return (
    seen
      .filter((at) => at !== undefined)
      .toSorted()
      .at(-1) ?? null
  );
}
