import { GROUPS_EXCLUDE, TOPICS_EXCLUDE } from '../mm2-excludes.ts';
import { CANARY_TOPIC } from '../replication-policy.ts';
import type { Flow } from '../setup.ts';
import type { ClusterLayout, Layout } from './layout.ts';
import { ratesOf } from './replication-profile.ts';

type Options = Readonly<Record<string, string>>;

/** How topics are named: the same for every connector, and for clients of MM2's own library. */
export function policyOptions(layout: Layout): Options {
  const { policy, separator, internalSeparator = true } = layout.setup.replication;
  const name = policy === 'default' ? 'DefaultReplicationPolicy' : 'IdentityReplicationPolicy';
  return {
    'replication.policy.class': `org.apache.kafka.connect.mirror.${name}`,
    'replication.policy.separator': separator,
    // MM2's own default is true; a line only where it says something.
    ...(internalSeparator ? {} : { 'replication.policy.internal.topic.separator.enabled': 'false' }),
  };
}

/** Options of MirrorSourceConnector, without clients, names of clusters and the flow's own overrides. */
export function sourceOptions(layout: Layout, flow: Flow, target: ClusterLayout): Options {
  const rates = ratesOf(layout.setup.replication.profile);
  const factor = String(target.replicationFactor);
  return {
    ...topicFilter(flow),
    'tasks.max': '3',
    'replication.factor': factor,
    'offset-syncs.topic.location': 'target',
    'offset-syncs.topic.replication.factor': factor,
    'offset.lag.max': '0',
    'refresh.topics.interval.seconds': String(rates.refresh),
    'sync.topic.configs.enabled': 'true',
    'sync.topic.configs.interval.seconds': String(rates.configSync),
    // MM2's default would copy the fence's DENY to the other side.
    'sync.topic.acls.enabled': 'false',
    'consumer.poll.timeout.ms': String(rates.pollTimeoutMs),
  };
}

/** Options of MirrorCheckpointConnector; its topic filter is no declared option but read by DefaultTopicFilter. */
export function checkpointOptions(layout: Layout, flow: Flow, target: ClusterLayout): Options {
  const rates = ratesOf(layout.setup.replication.profile);
  return {
    ...topicFilter(flow),
    groups: flow.groups.join(','),
    'groups.exclude': [...GROUPS_EXCLUDE, ...flow.groupsExclude].join(','),
    'offset-syncs.topic.location': 'target',
    'emit.checkpoints.enabled': 'true',
    'emit.checkpoints.interval.seconds': String(rates.checkpoints),
    'checkpoints.topic.replication.factor': String(target.replicationFactor),
    'sync.group.offsets.enabled': 'true',
    'sync.group.offsets.interval.seconds': String(rates.groupSync),
    'refresh.groups.interval.seconds': String(rates.refresh),
    'consumer.poll.timeout.ms': String(rates.pollTimeoutMs),
  };
}

/**
 * Options of the MirrorHeartbeatConnector that writes on `writer`. Of the flow's overrides it takes only its own:
 * its clusters are swapped, so those for clients would reach the wrong one.
 */
export function heartbeatOptions(layout: Layout, flow: Flow, writer: ClusterLayout): Options {
  const own = Object.entries(flow.config).filter(([key]) => /^(emit\.heartbeats|heartbeats)\./.test(key));
  return {
    'emit.heartbeats.interval.seconds': String(ratesOf(layout.setup.replication.profile).heartbeats),
    'heartbeats.topic.replication.factor': String(writer.replicationFactor),
    ...Object.fromEntries(own),
  };
}

function topicFilter(flow: Flow): Options {
  // The canary has to cross whatever the user mirrors: it is how deploy and status know that the path works.
  const topics = flow.topics.includes('.*') ? flow.topics : [...flow.topics, CANARY_TOPIC];
  return { topics: topics.join(','), 'topics.exclude': [...TOPICS_EXCLUDE, ...flow.topicsExclude].join(',') };
}
