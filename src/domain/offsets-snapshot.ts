import type { GroupType } from './consumer-group.ts';
import { KmkError } from './errors.ts';
import type { CommittedOffset, TopicPartition, TopicPartitionOffset } from './topic.ts';
import { isTopicName, partitionKey } from './topic.ts';

export const SNAPSHOT_SCHEMA = 'kmk.offsets-snapshot/v1';

/** Committed positions of groups on one cluster at one moment: what `kmk offsets restore` puts back. */
export interface OffsetsSnapshot {
  readonly schema: typeof SNAPSHOT_SCHEMA;
  readonly project: string;
  readonly cluster: string;
  readonly clusterId: string;
  /** ISO 8601 UTC. */
  readonly takenAt: string;
  /** Ids of the topics that positions are on, by name: in a topic of another id they mean nothing. */
  readonly topicIds: Readonly<Record<string, string>>;
  readonly groups: readonly SnapshotGroup[];
}

export interface SnapshotGroup {
  readonly group: string;
  /** False for a group that was about to be made: putting it back means removing it. */
  readonly exists: boolean;
  readonly type: GroupType;
  readonly positions: readonly SnapshotPosition[];
}

export interface SnapshotPosition extends TopicPartition {
  /** Decimal. */
  readonly offset: string;
  /** null where the committer told none. */
  readonly leaderEpoch: number | null;
  readonly metadata: string;
}

/** What has to be done to a group so that it stands as it stood. */
export interface GroupRestore {
  readonly group: string;
  readonly put: readonly (CommittedOffset & { readonly previous: bigint | null })[];
  /** Positions that did not exist then. */
  readonly remove: readonly TopicPartitionOffset[];
  /** True where the group itself did not exist then. */
  readonly removeGroup: boolean;
  /** What cannot be put back, and why. */
  readonly left: readonly (TopicPartitionOffset & { readonly reason: string })[];
}

export function snapshotPosition({
  topic,
  partition,
  offset,
  leaderEpoch,
  metadata,
}: CommittedOffset): SnapshotPosition {
  return { topic, partition, offset: offset.toString(), leaderEpoch: leaderEpoch ?? null, metadata: metadata ?? '' };
}

/** `voidTopic` gives the reason why positions of a topic must not be put back, null where they may. */
export function groupRestore(
  kept: SnapshotGroup,
  now: readonly CommittedOffset[],
  voidTopic: (topic: string) => string | null,
): GroupRestore {
  const current = new Map(now.map((at) => [partitionKey(at), at]));
  const known = new Set(kept.positions.map(partitionKey));
  const differ = kept.positions.map(committedOffset).filter((at) => !isSame(at, current.get(partitionKey(at))));
  const left = differ.flatMap(({ topic, partition, offset }) => {
    const reason = voidTopic(topic);
    return reason === null ? [] : [{ topic, partition, offset, reason }];
  });
  return {
    group: kept.group,
    put: differ
      .filter(({ topic }) => voidTopic(topic) === null)
      .map((at) => ({ ...at, previous: current.get(partitionKey(at))?.offset ?? null })),
    remove: now
      .filter((at) => !known.has(partitionKey(at)))
      .map(({ topic, partition, offset }) => ({ topic, partition, offset })),
    removeGroup: !kept.exists,
    left,
  };
}

function committedOffset({ topic, partition, offset, leaderEpoch, metadata }: SnapshotPosition): CommittedOffset {
  return {
    ...{ topic, partition, offset: BigInt(offset) },
    ...(leaderEpoch !== null && { leaderEpoch }),
    ...(metadata !== '' && { metadata }),
  };
}

function isSame(a: CommittedOffset, b: CommittedOffset | undefined): boolean {
  if (b === undefined) return false;
  return a.offset === b.offset && a.leaderEpoch === b.leaderEpoch && (a.metadata ?? '') === (b.metadata ?? '');
}

/** Reads a saved snapshot. Throws KMK_CONFIG_INVALID where it is none, or a position in it is no position. */
export function parseSnapshot(text: string, name: string): OffsetsSnapshot {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid(name, 'is not JSON');
  }
  if (!isObject(value) || typeof value['schema'] !== 'string') throw invalid(name, 'is not a snapshot of offsets');
  if (value['schema'] !== SNAPSHOT_SCHEMA) throw invalid(name, `is a "${value['schema']}", not a "${SNAPSHOT_SCHEMA}"`);
  const { project, cluster, clusterId, takenAt, topicIds, groups } = value;
  const whole = [project, cluster, clusterId, takenAt].every((field) => typeof field === 'string' && field !== '');
  if (!whole || !isObject(topicIds) || !Array.isArray(groups)) throw invalid(name, 'lacks a field');
  const seen = new Set<string>();
  for (const group of groups) {
    const wrong = groupProblem(group);
    if (wrong !== null) throw invalid(name, wrong);
    const { group: id } = group as SnapshotGroup;
    if (seen.has(id)) throw invalid(name, `names group "${id}" twice`);
    seen.add(id);
  }
  return value as unknown as OffsetsSnapshot;
}

function groupProblem(group: unknown): string | null {
  if (!isObject(group) || typeof group['group'] !== 'string') return 'holds a group without a name';
  const { group: id, exists, positions } = group;
  if (typeof exists !== 'boolean' || !Array.isArray(positions)) return `lacks a field of group "${id}"`;
  const seen = new Set<string>();
  for (const at of positions) {
    if (!isPosition(at)) return `holds a position of group "${id}" that is none: ${JSON.stringify(at)}`;
    const key = partitionKey(at);
    if (seen.has(key)) return `names ${at.topic}-${at.partition} of group "${id}" twice`;
    seen.add(key);
  }
  return null;
}

/** Offsets are int64 in Kafka, partitions and leader epochs int32. */
function isPosition(at: unknown): at is SnapshotPosition {
  if (!isObject(at)) return false;
  const { topic, partition, offset, leaderEpoch, metadata } = at;
  return (
    typeof topic === 'string' &&
    isTopicName(topic) &&
    isInt32(partition) &&
    typeof offset === 'string' &&
    /^\d{1,19}$/.test(offset) &&
    BigInt(offset) < 2n ** 63n &&
    (leaderEpoch === null || isInt32(leaderEpoch)) &&
    typeof metadata === 'string'
  );
}

function isInt32(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) < 2 ** 31;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(name: string, problem: string): KmkError {
  return new KmkError('KMK_CONFIG_INVALID', `snapshot "${name}" ${problem}`, {
    hints: ['Make one with `kmk offsets snapshot`.'],
    context: { file: name },
  });
}
