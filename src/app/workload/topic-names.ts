import type { ReplicationPolicy } from '../../domain/replication-policy.ts';

/** The name a topic had where it was written: every prefix that is the alias of a known cluster taken off. */
export function originalTopic(policy: ReplicationPolicy, aliases: readonly string[], topic: string): string {
  let name = topic;
  for (;;) {
    const source = policy.topicSource(name);
    const upstream = source !== null && aliases.includes(source) ? policy.upstreamTopic(name) : null;
    if (upstream === null) return name;
    name = upstream;
  }
}
