import { KmkError } from '../../domain/errors.ts';
import type { CommittedOffset, TopicPartition } from '../../domain/topic.ts';
import { partitionKey } from '../../domain/topic.ts';
import { check } from '../client/failures.ts';
import type { BrokerLink } from '../client/link.ts';
import { groupBy } from '../group-by.ts';
import { OFFSET_COMMIT } from '../wire/api/offset-commit.ts';
import { OFFSET_DELETE } from '../wire/api/offset-delete.ts';
import { OFFSET_FETCH } from '../wire/api/offset-fetch.ts';
import { errorName } from '../wire/errors.ts';
import type { Coordinators } from './coordinators.ts';
import { checkGroup } from './groups.ts';
import { unknownTopic } from './topics.ts';

/** First version of OffsetFetch that asks for several groups at once. */
const BATCHED_FROM = 8;
/** What a group without members commits with (KIP-211). */
const NO_GENERATION = -1;
/** What a commit says that knows no leader epoch (KIP-320). */
const NO_EPOCH = -1;

/** Committed offsets of a group; none for a group that does not exist. */
export async function groupOffsets(
  coordinators: Coordinators,
  group: string,
  signal?: AbortSignal,
): Promise<readonly CommittedOffset[]> {
  return coordinators.with(group, signal, (link) => fetchOffsets(link, group));
}

/** As `groupOffsets`, from a coordinator that is known. */
export async function fetchOffsets(link: BrokerLink, group: string): Promise<readonly CommittedOffset[]> {
  const batched = link.version(OFFSET_FETCH) >= BATCHED_FROM;
  const response = await link.request(
    OFFSET_FETCH,
    batched ? { groups: [{ groupId: group, topics: null }] } : { groupId: group, topics: null },
  );
  const { errorCode, topics } = response.groups[0] ?? response;
  if (errorName(errorCode) === 'GROUP_ID_NOT_FOUND') return [];
  check(errorCode, `read the offsets of group "${group}"`, null, { group });
  return topics.flatMap(({ name: topic, partitions }) =>
    partitions
      .filter(({ committedOffset }) => committedOffset >= 0n)
      .map((stored): CommittedOffset => {
        const {
          partitionIndex: partition,
          committedOffset: offset,
          committedLeaderEpoch,
          metadata,
          errorCode,
        } = stored;
        const what = `read the offset of group "${group}" on ${topic}-${partition}`;
        check(errorCode, what, null, { group, topic, partition });
        return {
          ...{ topic, partition, offset },
          ...(committedLeaderEpoch >= 0 && { leaderEpoch: committedLeaderEpoch }),
          ...(metadata !== null && metadata !== '' && { metadata }),
        };
      }),
  );
}

/**
 * Commits without a generation, which brokers accept for groups without members only, then reads back.
 * Throws KMK_GROUP_ACTIVE, KMK_TOPIC_UNKNOWN, or KMK_KAFKA_REQUEST when what is stored differs.
 */
export async function commitOffsets(
  coordinators: Coordinators,
  group: string,
  offsets: readonly CommittedOffset[],
  signal?: AbortSignal,
): Promise<void> {
  if (offsets.length === 0) return;
  await coordinators.with(group, signal, async (link) => {
    const { topics } = await link.request(OFFSET_COMMIT, {
      groupId: group,
      generationIdOrMemberEpoch: NO_GENERATION,
      topics: [...groupBy(offsets, (at) => at.topic)].map(([name, partitions]) => ({
        name,
        partitions: partitions.map(({ partition, offset, leaderEpoch = NO_EPOCH, metadata = '' }) => ({
          ...{ partitionIndex: partition, committedOffset: offset },
          ...{ committedLeaderEpoch: leaderEpoch, committedMetadata: metadata },
        })),
      })),
    });
    for (const { name, partitions } of topics) {
      for (const { errorCode } of partitions) {
        if (errorName(errorCode) === 'UNKNOWN_TOPIC_OR_PARTITION') throw unknownTopic(name);
        checkGroup(errorCode, group, `commit offsets of group "${group}"`);
      }
    }
    verifyStored(group, offsets, await fetchOffsets(link, group));
  });
}

function verifyStored(group: string, wanted: readonly CommittedOffset[], all: readonly CommittedOffset[]): void {
  const storedAt = new Map(all.map((at) => [partitionKey(at), at]));
  for (const at of wanted) {
    const found = storedAt.get(partitionKey(at));
    if (found?.offset === at.offset && (found.metadata ?? '') === (at.metadata ?? '')) continue;
    const { topic, partition } = at;
    const text = `offset ${at.offset} of group "${group}" on ${topic}-${partition} was acknowledged`;
    const stored = found === undefined ? 'none' : found.offset === at.offset ? 'other metadata' : String(found.offset);
    throw new KmkError('KMK_KAFKA_REQUEST', `${text} but ${stored} is stored`, {
      context: { group, topic, partition, error: 'COMMIT_NOT_STORED' },
    });
  }
}

/** Forgets commits. Throws KMK_GROUP_ACTIVE while members subscribe to the topic, KMK_GROUP_UNKNOWN. */
export async function deleteGroupOffsets(
  coordinators: Coordinators,
  group: string,
  partitions: readonly TopicPartition[],
  signal?: AbortSignal,
): Promise<void> {
  if (partitions.length === 0) return;
  await coordinators.with(group, signal, async (link) => {
    const what = `delete offsets of group "${group}"`;
    const response = await link.request(OFFSET_DELETE, {
      groupId: group,
      topics: [...groupBy(partitions, (at) => at.topic)].map(([name, named]) => ({
        name,
        partitions: named.map(({ partition }) => ({ partitionIndex: partition })),
      })),
    });
    checkGroup(response.errorCode, group, what);
    for (const topic of response.topics) {
      for (const { errorCode } of topic.partitions) {
        if (errorName(errorCode) === 'UNKNOWN_TOPIC_OR_PARTITION') throw unknownTopic(topic.name);
        checkGroup(errorCode, group, what);
      }
    }
  });
}
