import type { TopicDocument } from '../../domain/listing-documents.ts';
import { partitionKey } from '../../domain/topic.ts';
import { originKey, topicOrigin } from '../../domain/topic-origin.ts';
import { readEachCluster } from '../lab/each-cluster.ts';
import type { Lab } from '../lab/lab.ts';
import type { KafkaAdmin } from '../ports/kafka-admin.ts';
import { unknownTopic } from './unknown-topic.ts';

type Copy = TopicDocument['copies'][number];

/** A topic and its copies on every cluster, named by the original or by a copy. Throws KMK_TOPIC_UNKNOWN. */
export async function describeTopic(lab: Lab, topic: string, signal: AbortSignal): Promise<TopicDocument> {
  const { policy, clusters } = lab.layout;
  const aliases = clusters.map(({ alias }) => alias);
  const originOn = (alias: string, name: string): string => originKey(topicOrigin(policy, aliases, alias, name));
  const listed = await readEachCluster(lab, (admin) => admin.listTopics(signal));
  // A cluster that does not answer may have it: then its copies elsewhere are what can be shown.
  const wanted = new Set(
    listed.filter(({ value }) => value?.includes(topic) ?? true).map(({ cluster }) => originOn(cluster.alias, topic)),
  );
  const found = listed.some(({ cluster, value }) => value?.some((name) => wanted.has(originOn(cluster.alias, name))));
  if (!found) throw unknownTopic(topic, [...new Set(listed.flatMap(({ value }) => value ?? []))]);
  const described = await readEachCluster(lab, async (admin, { alias }) => {
    const names = listed.find(({ cluster }) => cluster.alias === alias)?.value ?? [];
    const copies = names.filter((name) => wanted.has(originOn(alias, name)));
    return Promise.all(copies.map((name) => describeCopy(admin, alias, name, signal)));
  });
  return {
    schema: 'kmk.topic/v1',
    topic,
    clusters: described.map(({ view }) => view),
    copies: described.flatMap(({ value }) => value ?? []),
  };
}

async function describeCopy(admin: KafkaAdmin, cluster: string, topic: string, signal: AbortSignal): Promise<Copy> {
  const [descriptions, ranges, config] = await Promise.all([
    admin.describeTopics([topic], signal),
    admin.logRanges([topic], signal),
    admin.topicOverrides(topic, signal),
  ]);
  const rangeOf = new Map(ranges.map((range) => [partitionKey(range), range]));
  const partitions = (descriptions[0]?.partitions ?? []).map((at) => {
    const range = rangeOf.get(partitionKey({ topic, partition: at.partition }));
    return { ...at, start: String(range?.start ?? 0n), end: String(range?.end ?? 0n) };
  });
  return { cluster, topic, replicationFactor: partitions[0]?.replicas.length ?? 0, config, partitions };
}
