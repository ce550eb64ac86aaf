import { KmkError } from '../../domain/errors.ts';
import { nearestName } from '../../util/nearest.ts';
import type { KafkaAdmin } from '../ports/kafka-admin.ts';

/** What was probably meant, and how to see what there is. */
export async function unknownTopicHints(
  admin: KafkaAdmin,
  topic: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const names = await admin.listTopics(signal).catch(() => []);
  return namedHints(topic, names, 'Run `kmk topic list` to see the topics.');
}

/** `Did you mean ...?` where something is near, then the way to see all. */
export function namedHints(name: string, known: readonly string[], rest: string): readonly string[] {
  const close = nearestName(name, known);
  return close === null ? [rest] : [`Did you mean "${close}"?`, rest];
}

export function unknownTopic(topic: string, known: readonly string[]): KmkError {
  return new KmkError('KMK_TOPIC_UNKNOWN', `topic "${topic}" does not exist`, {
    hints: namedHints(topic, known, 'Run `kmk topic list` to see the topics.'),
    context: { topic },
  });
}
