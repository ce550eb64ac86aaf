import { compileJavaPattern } from './java-pattern.ts';
import { GROUPS_EXCLUDE, TOPICS_EXCLUDE } from './mm2-excludes.ts';
import type { ReplicationPolicy } from './replication-policy.ts';
import { CANARY_TOPIC, HEARTBEATS_TOPIC, isInternalTopic } from './replication-policy.ts';
import type { Flow } from './setup.ts';

/**
 * Whether MM2 copies a topic of the flow's source: named by `topics`, not excluded, not internal, no cycle
 * (MirrorSourceConnector.shouldReplicateTopic). A pattern that kmk cannot evaluate counts as naming every topic.
 */
export function topicFilter(flow: Flow, policy: ReplicationPolicy): (topic: string) => boolean {
  const named = anyOf(flow.topics, true);
  const excluded = anyOf([...TOPICS_EXCLUDE, ...flow.topicsExclude], false);
  return (topic) => {
    if (topic === HEARTBEATS_TOPIC) return true;
    if (topic === CANARY_TOPIC) return !excluded(topic);
    if (isInternalTopic(topic) || excluded(topic) || !named(topic)) return false;
    return policy.topicSource(topic) !== flow.target;
  };
}

/** Topics of users that the flow copies: without heartbeats and canary. */
export function userTopicFilter(flow: Flow, policy: ReplicationPolicy): (topic: string) => boolean {
  const copied = topicFilter(flow, policy);
  return (topic) => !isInternalTopic(topic) && copied(topic);
}

/** Whether MM2 checkpoints a group of the flow's source. */
export function groupFilter(flow: Flow): (group: string) => boolean {
  const named = anyOf(flow.groups, true);
  const excluded = anyOf([...GROUPS_EXCLUDE, ...flow.groupsExclude], false);
  return (group) => named(group) && !excluded(group);
}

const FILTERS = ['topics.exclude', 'topic.filter.class', 'groups.exclude', 'group.filter.class'];

/** Options in a flow's own config that replace the filters made from its topics and groups, which then keep nothing out. */
export function ownFilters({ config }: Flow): readonly string[] {
  return FILTERS.filter((option) => config[option] !== undefined);
}

function anyOf(patterns: readonly string[], unknown: boolean): (name: string) => boolean {
  const tests = patterns.map((pattern) => compileJavaPattern(pattern) ?? (() => unknown));
  return (name) => tests.some((test) => test(name));
}
