import { KmkError } from '../../domain/errors.ts';
import type { TopicChangeDocument } from '../../domain/listing-documents.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf, forwardFlows, resolveCluster } from '../lab/lab.ts';
import { recordTopicIds } from '../offsets/flow-translator.ts';

export interface CreateTopicRequest {
  readonly topic: string;
  readonly cluster: string | undefined;
  readonly partitions: number;
  /** undefined: min(3, brokers). */
  readonly replicationFactor: number | undefined;
  readonly config: Readonly<Record<string, string>>;
  /** An existing topic is no error. */
  readonly ifMissing: boolean;
}

/** Creates a topic on the active or the named cluster; flows copy it by themselves. Throws KMK_TOPIC_EXISTS. */
export async function createTopic(
  lab: Lab,
  request: CreateTopicRequest,
  signal: AbortSignal,
): Promise<TopicChangeDocument> {
  const { topic, partitions, config } = request;
  const cluster = resolveCluster(lab, request.cluster);
  const { alias } = cluster;
  const replicationFactor = request.replicationFactor ?? cluster.replicationFactor;
  const brokers = cluster.brokers.length;
  if (brokers > 0 && replicationFactor > brokers) {
    throw new KmkError('KMK_USAGE', `replication factor ${replicationFactor} is more than "${alias}" has brokers`, {
      hints: [`It has ${brokers}: give --replication-factor ${brokers} or less.`],
    });
  }
  const created = await (
    await adminOf(lab, alias)
  ).createTopic({ topic, partitions, replicationFactor, config }, signal);
  if (created) {
    lab.tools.events.emit('topic.created', { cluster: alias, topic, partitions });
    // What it is must be known before somebody can delete it and create it anew.
    for (const flow of forwardFlows(lab).filter(({ source }) => source === alias)) {
      await recordTopicIds(lab, flow, signal).catch(ignoreUnreachable);
    }
  } else if (!request.ifMissing) {
    throw new KmkError('KMK_TOPIC_EXISTS', `topic "${topic}" exists on "${alias}"`, {
      hints: [`Run \`kmk topic describe ${topic}\` to see it, or give --if-not-exists.`],
      context: { topic, cluster: alias },
    });
  }
  return { schema: 'kmk.topic-change/v1', cluster: alias, created: created ? [topic] : [], deleted: [] };
}

/** The other cluster may be down: the topic is there all the same. */
function ignoreUnreachable(error: unknown): void {
  if (!KmkError.is(error) || error.kind !== 'dependency') throw error;
}
