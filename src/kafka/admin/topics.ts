import type { NewTopic } from '../../app/ports/kafka-admin.ts';
import { KmkError } from '../../domain/errors.ts';
import type { TopicDescription } from '../../domain/topic.ts';
import { pause } from '../client/abortable.ts';
import type { ClusterClient } from '../client/cluster-client.ts';
import { check, refusal } from '../client/failures.ts';
import { CREATE_TOPICS } from '../wire/api/create-topics.ts';
import { DELETE_TOPICS } from '../wire/api/delete-topics.ts';
import type { MetadataResponse } from '../wire/api/metadata.ts';
import { METADATA } from '../wire/api/metadata.ts';
import { errorName } from '../wire/errors.ts';

/** How long the broker may take to create or delete, and metadata to show it. */
const CHANGE_TIMEOUT_MS = 15_000;
const POLL_MS = 25;

type TopicMetadata = MetadataResponse['topics'][number];

export function unknownTopic(topic: string): KmkError {
  return new KmkError('KMK_TOPIC_UNKNOWN', `topic "${topic}" does not exist`, { context: { topic } });
}

/** Every topic, internal ones included, sorted by name. */
export async function listTopics(cluster: ClusterClient, signal?: AbortSignal): Promise<readonly string[]> {
  const metadata = await cluster.retrying(signal, () => cluster.metadata(null));
  return metadata.topics.map((topic) => topic.name ?? '').sort();
}

/** In the order asked for. Throws KMK_TOPIC_UNKNOWN for the first that does not exist. */
export async function describeTopics(
  cluster: ClusterClient,
  topics: readonly string[],
  signal?: AbortSignal,
): Promise<readonly TopicDescription[]> {
  if (topics.length === 0) return [];
  const metadata = await cluster.retrying(signal, async () => {
    const response = await cluster.metadata(topics);
    for (const topic of response.topics) checkTopic(topic);
    return response;
  });
  const byName = new Map(metadata.topics.map((topic) => [topic.name, topic]));
  return topics.map((name) => {
    const topic = byName.get(name);
    if (topic === undefined) throw unknownTopic(name);
    return describe(name, topic);
  });
}

/** Ids by name; the zero id of brokers before 2.8 is none. */
export async function topicIds(
  cluster: ClusterClient,
  topics: readonly string[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  if (topics.length === 0) return new Map();
  const metadata = await cluster.retrying(signal, () => cluster.metadata(topics));
  const found = metadata.topics.filter(
    ({ errorCode, topicId }) => errorCode === 0 && topicId.some((byte) => byte !== 0),
  );
  return new Map(found.map(({ name, topicId }) => [name ?? '', Buffer.from(topicId).toString('base64url')]));
}

/** Throws for a topic-level error: KMK_TOPIC_UNKNOWN or KMK_KAFKA_REQUEST. */
function checkTopic(topic: TopicMetadata): void {
  const name = topic.name ?? '';
  if (errorName(topic.errorCode) === 'UNKNOWN_TOPIC_OR_PARTITION') throw unknownTopic(name);
  check(topic.errorCode, `describe topic "${name}"`, null, { topic: name });
}

function describe(name: string, topic: TopicMetadata): TopicDescription {
  const partitions = topic.partitions.map((partition) => ({
    partition: partition.partitionIndex,
    leader: partition.leaderId,
    replicas: partition.replicaNodes,
    isr: partition.isrNodes,
  }));
  return { name, partitions: partitions.sort((a, b) => a.partition - b.partition) };
}

export async function createTopic(cluster: ClusterClient, topic: NewTopic, signal?: AbortSignal): Promise<boolean> {
  const created = await cluster.retrying(signal, async () => {
    const { topics } = await (
      await controller(cluster)
    ).request(
      CREATE_TOPICS,
      { topics: [creation(topic)], timeoutMs: CHANGE_TIMEOUT_MS },
      { timeoutMs: CHANGE_TIMEOUT_MS },
    );
    for (const { errorCode, errorMessage } of topics) {
      if (errorName(errorCode) === 'TOPIC_ALREADY_EXISTS') return false;
      check(errorCode, `create topic "${topic.topic}"`, errorMessage, { topic: topic.topic });
    }
    return true;
  });
  if (created) await untilOnEveryBroker(cluster, signal, (topics) => hasLeaders(topics, topic), [topic.topic]);
  return created;
}

function creation(topic: NewTopic) {
  return {
    name: topic.topic,
    numPartitions: topic.partitions,
    replicationFactor: topic.replicationFactor,
    configs: Object.entries(topic.config ?? {}).map(([name, value]) => ({ name, value })),
  };
}

function hasLeaders(topics: readonly TopicMetadata[], wanted: NewTopic): boolean {
  const [topic] = topics;
  return (
    topic?.errorCode === 0 &&
    topic.partitions.length === wanted.partitions &&
    topic.partitions.every((partition) => partition.leaderId >= 0)
  );
}

/** Deletes what exists of the topics, then throws KMK_TOPIC_UNKNOWN when one did not. */
export async function deleteTopics(
  cluster: ClusterClient,
  topics: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  if (topics.length === 0) return;
  const gone = new Set<string>();
  let unknown: string | undefined;
  await cluster.retrying(signal, async (attempt) => {
    const rest = topics.filter((topic) => !gone.has(topic));
    const { responses } = await (
      await controller(cluster)
    ).request(
      DELETE_TOPICS,
      { topics: rest.map((name) => ({ name })), topicNames: rest, timeoutMs: CHANGE_TIMEOUT_MS },
      { timeoutMs: CHANGE_TIMEOUT_MS },
    );
    const failed = responses.filter(({ name, errorCode }) => {
      const absent = errorName(errorCode) === 'UNKNOWN_TOPIC_OR_PARTITION';
      // In a later attempt an absent topic may be the work of one whose answer was lost.
      if (absent && attempt === 0) unknown ??= name ?? '';
      if (absent || errorCode === 0) gone.add(name ?? '');
      return errorCode !== 0 && !absent;
    });
    for (const { name, errorCode, errorMessage } of failed) {
      throw refusal(errorCode, `delete topic "${name ?? ''}"`, errorMessage, { topic: name });
    }
  });
  const isGone = (found: readonly TopicMetadata[]) =>
    found.every((topic) => errorName(topic.errorCode) === 'UNKNOWN_TOPIC_OR_PARTITION');
  await untilOnEveryBroker(cluster, signal, isGone, topics);
  if (unknown !== undefined) throw unknownTopic(unknown);
}

/** The broker that takes changes: with KRaft any, and metadata names one; with ZooKeeper the controller. */
export async function controller(cluster: ClusterClient) {
  const { controllerId, brokers } = await cluster.metadata([]);
  return cluster.node(controllerId >= 0 ? controllerId : (brokers[0]?.nodeId ?? controllerId));
}

/** Waits until every broker that answers shows the topics so; gives up silently after 15 s. */
async function untilOnEveryBroker(
  cluster: ClusterClient,
  signal: AbortSignal | undefined,
  holds: (topics: readonly TopicMetadata[]) => boolean,
  names: readonly string[],
): Promise<void> {
  const deadline = performance.now() + CHANGE_TIMEOUT_MS;
  while (performance.now() < deadline) {
    const { brokers } = await cluster.metadata([]);
    const topics = names.map((name) => ({ name }));
    const views = await Promise.allSettled(
      brokers.map(async ({ nodeId }) =>
        (await cluster.node(nodeId)).request(METADATA, { topics, allowAutoTopicCreation: false }),
      ),
    );
    if (views.every((view) => view.status === 'rejected' || holds(view.value.topics))) return;
    await pause(POLL_MS, signal);
  }
}
