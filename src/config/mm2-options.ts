/**
 * Names of MM2 connector options, read from the ConfigDefs of MirrorSourceConnector, MirrorCheckpointConnector,
 * MirrorHeartbeatConnector and SourceConnectorConfig of Kafka 3.9.2 and 4.3.1; `ssl.*` and `sasl.*` by prefix.
 */
export const KNOWN_OPTIONS: ReadonlySet<string> = new Set(
  `admin.timeout.ms checkpoints.topic.replication.factor config.action.reload config.properties.exclude
  config.property.filter.class config.providers connector.plugin.version consumer.poll.timeout.ms
  emit.checkpoints.enabled emit.checkpoints.interval.seconds emit.heartbeats.enabled emit.heartbeats.interval.seconds
  emit.offset-syncs.enabled errors.log.enable errors.log.include.messages errors.retry.delay.max.ms
  errors.retry.timeout errors.tolerance exactly.once.support forwarding.admin.class group.filter.class groups.exclude
  header.converter header.converter.plugin.version heartbeats.replication.enabled heartbeats.topic.replication.factor
  key.converter key.converter.plugin.version metric.names.formats metric.reporters offset-syncs.topic.location
  offset-syncs.topic.replication.factor offset.lag.max offsets.storage.topic predicates refresh.groups.enabled
  refresh.groups.interval.seconds refresh.topics.enabled refresh.topics.interval.seconds replication.factor
  security.protocol sync.group.offsets.enabled sync.group.offsets.interval.seconds sync.topic.acls.enabled
  sync.topic.acls.interval.seconds sync.topic.configs.enabled sync.topic.configs.interval.seconds tasks.max
  tasks.max.enforce topic.creation.groups topic.filter.class topics.exclude transaction.boundary
  transaction.boundary.interval.ms transforms use.defaults.from value.converter value.converter.plugin.version`.split(
    /\s+/,
  ),
);

/** Families of options: clients of the connectors, plug-ins and their own settings. */
const PREFIXES =
  /^(?:(?:source|target)\.(?:cluster|consumer|producer|admin)|(?:producer|consumer|admin)(?:\.override)?|ssl|sasl|transforms|predicates|topic\.creation|(?:header|key|value)\.converter|config\.providers)\../;

export function isKnownOption(option: string): boolean {
  return KNOWN_OPTIONS.has(option) || PREFIXES.test(option);
}

/** Names that MM2 took once, or never but that are seen in the wild, and what to write. */
export const RETIRED_OPTIONS: ReadonlyMap<string, string> = new Map([
  ['topics.blacklist', 'use "topics.exclude" (topicsExclude of the flow adds to it)'],
  ['groups.blacklist', 'use "groups.exclude" (groupsExclude of the flow adds to it)'],
  ['topics.whitelist', 'use topics of the flow'],
  ['groups.whitelist', 'use groups of the flow'],
  ['config.properties.blacklist', 'use "config.properties.exclude"'],
  ['use.incremental.alter.configs', 'leave it out: since 4.0 that is always so'],
  ['add.source.alias.to.metrics', 'leave it out: since 4.0 that is always so'],
  ['auto.include.jmx.reporter', 'use "metric.reporters"'],
  ['enable', 'use "enabled" in mm2.properties; here a flow that is listed is enabled'],
  ['sync.topics.configs.enabled', 'use "sync.topic.configs.enabled"'],
  ['sync.topics.acls.enabled', 'use "sync.topic.acls.enabled"'],
  ['task.max', 'use "tasks.max"'],
]);

const POLICY = 'use replication.policy and replication.separator';

/** Options that say who a flow is: names, plans and translations of kmk would contradict another value. */
export const OWNED_OPTIONS: ReadonlyMap<string, string> = new Map([
  ['name', 'leave it out'],
  ['connector.class', 'leave it out'],
  ['enabled', 'leave it out: a flow that is listed is enabled'],
  ['topics', 'use topics of the flow'],
  ['groups', 'use groups of the flow'],
  ['source.cluster.alias', 'use source of the flow'],
  ['target.cluster.alias', 'use target of the flow'],
  ['source.cluster.bootstrap.servers', 'use clusters'],
  ['target.cluster.bootstrap.servers', 'use clusters'],
  ['replication.policy.class', POLICY],
  ['replication.policy.separator', POLICY],
  ['replication.policy.internal.topic.separator.enabled', 'use replication.internalSeparator'],
]);

/** Options that are allowed and take more away than they seem to. */
export const WIDENED_OPTIONS: ReadonlyMap<string, string> = new Map([
  ['topics.exclude', `"topics.exclude" replaces MM2's own excludes and topicsExclude, which only adds to them`],
  ['groups.exclude', `"groups.exclude" replaces MM2's own excludes and groupsExclude, which only adds to them`],
]);
