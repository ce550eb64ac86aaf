import type { ReplicationPolicy } from './replication-policy.ts';

/** Where the records of a topic were first written, as far as its name tells. */
export interface TopicOrigin {
  /** null under the identity policy, where names do not tell. */
  readonly source: string | null;
  readonly topic: string;
}

/** The origin of a topic found on a cluster: followed back over as many hops as the name has known aliases in front. */
export function topicOrigin(
  policy: ReplicationPolicy,
  aliases: readonly string[],
  cluster: string,
  topic: string,
): TopicOrigin {
  if (policy.name === 'identity') return { source: null, topic };
  let at: { readonly source: string; readonly topic: string } = { source: cluster, topic };
  for (;;) {
    const source = policy.topicSource(at.topic);
    const upstream = policy.upstreamTopic(at.topic);
    if (source === null || upstream === null || source === at.source || !aliases.includes(source)) return at;
    at = { source, topic: upstream };
  }
}

/** A map key for an origin. */
export function originKey({ source, topic }: TopicOrigin): string {
  return `${topic}/${source ?? ''}`;
}
