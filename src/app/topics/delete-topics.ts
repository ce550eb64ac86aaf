import { KmkError } from '../../domain/errors.ts';
import type { TopicChangeDocument } from '../../domain/listing-documents.ts';
import { isInternalTopic } from '../../domain/replication-policy.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf, resolveCluster } from '../lab/lab.ts';
import { unknownTopic } from './unknown-topic.ts';

export interface TopicDeletion {
  readonly cluster: string;
  readonly topics: readonly { readonly topic: string; readonly partitions: number; readonly records: number }[];
}

/** What a deletion would remove. Throws KMK_TOPIC_UNKNOWN, and KMK_WRONG_STATE for a topic that replication needs. */
export async function planDeletion(
  lab: Lab,
  request: { readonly topics: readonly string[]; readonly cluster: string | undefined },
  signal: AbortSignal,
): Promise<TopicDeletion> {
  const { alias } = resolveCluster(lab, request.cluster);
  const admin = await adminOf(lab, alias);
  const known = await admin.listTopics(signal);
  const names = [...new Set(request.topics)];
  for (const topic of names) {
    if (!known.includes(topic)) throw unknownTopic(topic, known);
    if (isInternalTopic(topic)) {
      throw new KmkError('KMK_WRONG_STATE', `topic "${topic}" belongs to Kafka, MM2 or kmk and is not deleted`, {
        hints: ['Run `kmk destroy` to remove the whole lab.'],
        context: { topic, cluster: alias },
      });
    }
  }
  const ranges = await admin.logRanges(names, signal);
  const topics = names.map((topic) => {
    const own = ranges.filter((range) => range.topic === topic);
    return { topic, partitions: own.length, records: Number(own.reduce((sum, at) => sum + at.end - at.start, 0n)) };
  });
  return { cluster: alias, topics };
}

/** Deletes them; returns when no broker shows them any more. */
export async function deleteTopics(lab: Lab, plan: TopicDeletion, signal: AbortSignal): Promise<TopicChangeDocument> {
  const deleted = plan.topics.map(({ topic }) => topic);
  await (await adminOf(lab, plan.cluster)).deleteTopics(deleted, signal);
  return { schema: 'kmk.topic-change/v1', cluster: plan.cluster, created: [], deleted };
}
