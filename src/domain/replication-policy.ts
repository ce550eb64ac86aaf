import type { PolicyName } from './setup.ts';

/** Names of remote and internal topics: the same answers as MM2's ReplicationPolicy classes. Nothing else concatenates them. */
export interface ReplicationPolicy {
  readonly name: PolicyName;
  readonly separator: string;
  /** The copy's name on the target of a topic of `source`. */
  remoteTopic(source: string, topic: string): string;
  /** The cluster that a topic was copied from, one hop back; null for a topic that is not a copy (or cannot be told). */
  topicSource(topic: string): string | null;
  /** The name one hop back; null for a topic that is not a copy. */
  upstreamTopic(topic: string): string | null;
  /** `alias` is the cluster that does NOT hold the topic (MirrorSourceConfig.offsetSyncsTopic). */
  offsetSyncsTopic(alias: string): string;
  /** On the target; `source` is where the groups were read. */
  checkpointsTopic(source: string): string;
  /** Heartbeats are renamed under every policy (IdentityReplicationPolicy.formatRemoteTopic). */
  remoteHeartbeatsTopic(source: string): string;
}

export const HEARTBEATS_TOPIC = 'heartbeats';

/**
 * The policy MM2 would use, for names of topics. The separator counts under both policies (KIP-690). With
 * `internalSeparator` false MM2's internal topics are named with "." whatever the separator is
 * (`replication.policy.internal.topic.separator.enabled`, KIP-949); the copy of `heartbeats` follows it all the same.
 */
export function createReplicationPolicy(
  name: PolicyName,
  separator = '.',
  internalSeparator = true,
): ReplicationPolicy {
  const inner = internalSeparator ? separator : '.';
  const prefixed = (source: string, topic: string): string => `${source}${separator}${topic}`;
  const cut = (topic: string): number => topic.indexOf(separator);
  // As Java's split sees it: what ends in separators only has one part.
  const isPrefixed = (topic: string): boolean =>
    cut(topic) > 0 && topic.slice(cut(topic)).replaceAll(separator, '') !== '';
  const splits = (topic: string): boolean => isPrefixed(topic) && (name === 'default' || looksLikeHeartbeat(topic));
  return {
    name,
    separator,
    remoteTopic: (source, topic) => (name === 'default' || looksLikeHeartbeat(topic) ? prefixed(source, topic) : topic),
    topicSource: (topic) => (splits(topic) ? topic.slice(0, cut(topic)) : null),
    upstreamTopic: (topic) => (splits(topic) ? topic.slice(cut(topic) + separator.length) : null),
    offsetSyncsTopic: (alias) => `mm2-offset-syncs${inner}${alias}${inner}internal`,
    checkpointsTopic: (source) => `${source}${inner}checkpoints${inner}internal`,
    remoteHeartbeatsTopic: (source) => prefixed(source, HEARTBEATS_TOPIC),
  };
}

/** What the identity policy renames all the same (IdentityReplicationPolicy.looksLikeHeartbeat). */
function looksLikeHeartbeat(topic: string): boolean {
  return topic.endsWith(HEARTBEATS_TOPIC);
}

/**
 * Topics that are MM2's, Connect's, Kafka's or kmk's own and never a user's: kept out of listings, promotion and
 * verification. Patterns after MM2's DefaultTopicFilter of 4.x (KIP-1074) plus kmk's own names.
 */
export function isInternalTopic(topic: string): boolean {
  return (
    topic.startsWith('__') ||
    topic.startsWith('.') ||
    /^mm2.*internal$/.test(topic) ||
    /checkpoints[^a-zA-Z0-9]+internal$/.test(topic) ||
    topic === HEARTBEATS_TOPIC ||
    /[^a-zA-Z0-9]heartbeats$/.test(topic) ||
    topic === CANARY_TOPIC ||
    new RegExp(`[^a-zA-Z0-9]${CANARY_TOPIC}$`).test(topic)
  );
}

/** The client topic kmk writes a record to when it needs to know that a path works end to end. */
export const CANARY_TOPIC = 'kmk-canary';
