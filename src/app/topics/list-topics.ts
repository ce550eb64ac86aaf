import type { TopicsDocument } from '../../domain/listing-documents.ts';
import { isInternalTopic } from '../../domain/replication-policy.ts';
import type { LogRange, TopicDescription } from '../../domain/topic.ts';
import { originKey, topicOrigin } from '../../domain/topic-origin.ts';
import type { Lab } from '../lab/lab.ts';
import { readEachCluster } from '../lab/each-cluster.ts';

type TopicRow = TopicsDocument['topics'][number];

/** Topics of every cluster, copies beside their originals, sorted by name. `all` includes internal ones. */
export async function listTopics(
  lab: Lab,
  request: { readonly all: boolean },
  signal: AbortSignal,
): Promise<TopicsDocument> {
  const aliases = lab.layout.clusters.map(({ alias }) => alias);
  const readings = await readEachCluster(lab, async (admin) => {
    const names = (await admin.listTopics(signal)).filter((topic) => request.all || !isInternalTopic(topic));
    const [descriptions, ranges] = await Promise.all([
      admin.describeTopics(names, signal),
      admin.logRanges(names, signal),
    ]);
    return { descriptions, ranges };
  });
  const rows = new Map<string, TopicRow & { copies: TopicRow['copies'][number][] }>();
  for (const { cluster, value } of readings) {
    for (const description of value?.descriptions ?? []) {
      const origin = topicOrigin(lab.layout.policy, aliases, cluster.alias, description.name);
      const row = rows.get(originKey(origin)) ?? { ...origin, copies: [] };
      rows.set(originKey(origin), row);
      row.copies.push(copyOf(cluster.alias, description, value?.ranges ?? []));
    }
  }
  const order = (row: TopicRow): string => `${row.topic}\u0000${row.source ?? ''}`;
  return {
    schema: 'kmk.topics/v1',
    clusters: readings.map(({ view }) => view),
    topics: [...rows.values()].toSorted((a, b) => (order(a) < order(b) ? -1 : 1)),
  };
}

function copyOf(cluster: string, { name, partitions }: TopicDescription, ranges: readonly LogRange[]) {
  const records = ranges.filter(({ topic }) => topic === name).reduce((sum, { start, end }) => sum + end - start, 0n);
  return {
    cluster,
    topic: name,
    partitions: partitions.length,
    replicationFactor: partitions[0]?.replicas.length ?? 0,
    records: Number(records),
    internal: isInternalTopic(name),
  };
}
