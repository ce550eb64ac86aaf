import type { LogRange, TopicPartition, TopicPartitionOffset } from '../../domain/topic.ts';
import { partitionKey } from '../../domain/topic.ts';
import type { ClusterClient } from '../client/cluster-client.ts';
import { check, refusal } from '../client/failures.ts';
import type { BrokerLink } from '../client/link.ts';
import { LIST_OFFSETS } from '../wire/api/list-offsets.ts';
import { errorName } from '../wire/errors.ts';
import { groupBy } from '../group-by.ts';
import { unknownTopic } from './topics.ts';

/** Special timestamps of ListOffsets. */
const LATEST = -1n;
const EARLIEST = -2n;

export const READ_UNCOMMITTED = 0;
export const READ_COMMITTED = 1;
export type Isolation = typeof READ_UNCOMMITTED | typeof READ_COMMITTED;

const LEADER_NOT_AVAILABLE = 5;

/** Partitions by the node id of their leader. */
export type ByLeader = ReadonlyMap<number, readonly TopicPartition[]>;

/**
 * Leaders of all partitions of the topics; unknown topics are left out. Throws KMK_KAFKA_REQUEST with the passing error
 * LEADER_NOT_AVAILABLE when a partition has none.
 */
export async function leadersOf(cluster: ClusterClient, topics: readonly string[]): Promise<ByLeader> {
  if (topics.length === 0) return new Map();
  const found: { leaderId: number; at: TopicPartition }[] = [];
  const metadata = await cluster.metadata(topics);
  for (const { name, errorCode, partitions } of metadata.topics) {
    const topic = name ?? '';
    if (errorName(errorCode) === 'UNKNOWN_TOPIC_OR_PARTITION') continue;
    check(errorCode, `find topic "${topic}"`, null, { topic });
    for (const { partitionIndex: partition, leaderId } of partitions) {
      if (leaderId < 0) throw refusal(LEADER_NOT_AVAILABLE, `reach ${topic}-${partition}`, null, { topic, partition });
      found.push({ leaderId, at: { topic, partition } });
    }
  }
  const byLeader = groupBy(found, ({ leaderId }) => leaderId);
  return new Map([...byLeader].map(([leaderId, led]) => [leaderId, led.map(({ at }) => at)]));
}

/** Start and end of every partition of the topics, two requests per leader; the end as a reader of that isolation sees it. */
export async function logRanges(
  cluster: ClusterClient,
  topics: readonly string[],
  signal?: AbortSignal,
  isolation: Isolation = READ_UNCOMMITTED,
): Promise<readonly LogRange[]> {
  return cluster.retrying(signal, async () => {
    const leaders = await leadersOf(cluster, topics);
    const [starts, ends] = await Promise.all([
      offsetsAt(cluster, leaders, EARLIEST, READ_UNCOMMITTED),
      offsetsAt(cluster, leaders, LATEST, isolation),
    ]);
    const startOf = new Map(starts.map((at) => [partitionKey(at), at.offset]));
    return ends.map(({ topic, partition, offset: end }) => {
      return { topic, partition, start: startOf.get(partitionKey({ topic, partition })) ?? 0n, end };
    });
  });
}

/** Start and end of one partition; the end as a reader of that isolation sees it. Throws KMK_TOPIC_UNKNOWN. */
export async function partitionRange(cluster: ClusterClient, at: TopicPartition, isolation: Isolation) {
  const leaders = await leadersOf(cluster, [at.topic]);
  const leader = [...leaders].find(([, led]) => led.some(({ partition }) => partition === at.partition));
  if (leader === undefined) throw unknownTopic(at.topic);
  const one: ByLeader = new Map([[leader[0], [at]]]);
  const [[start], [end]] = await Promise.all([
    offsetsAt(cluster, one, EARLIEST, READ_UNCOMMITTED),
    offsetsAt(cluster, one, LATEST, isolation),
  ]);
  return { start: start?.offset ?? 0n, end: end?.offset ?? 0n };
}

/** First offset of each partition with a timestamp at or after `timestampMs`, else the log end. */
export async function offsetsAtTime(
  cluster: ClusterClient,
  topic: string,
  timestampMs: number,
  signal?: AbortSignal,
): Promise<readonly TopicPartitionOffset[]> {
  return cluster.retrying(signal, async () => {
    const leaders = await leadersOf(cluster, [topic]);
    if (leaders.size === 0) throw unknownTopic(topic);
    const [ends, found] = await Promise.all([
      offsetsAt(cluster, leaders, LATEST, READ_UNCOMMITTED),
      offsetsAt(cluster, leaders, BigInt(Math.max(0, Math.ceil(timestampMs))), READ_UNCOMMITTED),
    ]);
    const foundAt = new Map(found.map((at) => [partitionKey(at), at.offset]));
    return ends.map((end) => {
      const offset = foundAt.get(partitionKey(end)) ?? -1n;
      return offset >= 0n ? { ...end, offset } : end;
    });
  });
}

/** One ListOffsets request per leader; sorted by topic and partition; -1 where the timestamp has no offset. */
async function offsetsAt(
  cluster: ClusterClient,
  leaders: ByLeader,
  timestamp: bigint,
  isolation: Isolation,
): Promise<readonly TopicPartitionOffset[]> {
  const asked = [...leaders].map(async ([nodeId, partitions]) =>
    ask(await cluster.node(nodeId), partitions, timestamp, isolation),
  );
  const offsets = (await Promise.all(asked)).flat();
  return offsets.sort((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1));
}

async function ask(link: BrokerLink, partitions: readonly TopicPartition[], timestamp: bigint, isolation: Isolation) {
  const byTopic = groupBy(partitions, (at) => at.topic);
  const { topics } = await link.request(LIST_OFFSETS, {
    replicaId: -1,
    isolationLevel: isolation,
    topics: [...byTopic].map(([name, led]) => ({
      name,
      partitions: led.map(({ partition }) => ({ partitionIndex: partition, timestamp })),
    })),
  });
  return topics.flatMap(({ name: topic, partitions: answers }) =>
    answers.map(({ partitionIndex: partition, errorCode, offset }) => {
      check(errorCode, `list the offsets of ${topic}-${partition}`, null, { topic, partition });
      return { topic, partition, offset };
    }),
  );
}
