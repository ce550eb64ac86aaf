import { CANARY_TOPIC } from '../replication-policy.ts';
import type { Flow, ProfileName, Security } from '../setup.ts';
import type { ClusterLayout, Layout, WorkerLayout } from './layout.ts';
import { clusterLayout } from './layout.ts';
import type { InternalUser, PropertySection } from './properties.ts';
import { CONFIG_PROVIDERS, secretRef } from './properties.ts';

/** Seconds, except where the name says otherwise. MM2's defaults (600, 60, 60 s) suit no failover. */
interface Rates {
  readonly refresh: number;
  readonly configSync: number;
  readonly checkpoints: number;
  readonly groupSync: number;
  readonly heartbeats: number;
  readonly offsetFlushMs: number;
  readonly pollTimeoutMs: number;
}

const RATES: Readonly<Record<ProfileName, Rates>> = {
  lab: {
    refresh: 1,
    configSync: 1,
    checkpoints: 1,
    groupSync: 1,
    heartbeats: 1,
    offsetFlushMs: 1000,
    pollTimeoutMs: 250,
  },
  production: {
    refresh: 60,
    configSync: 300,
    checkpoints: 10,
    groupSync: 10,
    heartbeats: 1,
    offsetFlushMs: 5000,
    pollTimeoutMs: 1000,
  },
};

/**
 * Batching that makes `offset.lag.max=0` affordable: every batch is synced, so batches must be large. Measured on
 * 2 cores with 1 KiB records: MM2's defaults drain 42k rec/s, lag.max=0 alone 25k, with these values 72-97k.
 */
const SOURCE_CONSUMER = {
  'max.poll.records': '5000',
  'max.partition.fetch.bytes': '8388608',
  'fetch.max.bytes': '67108864',
  'receive.buffer.bytes': '-1',
};
const DATA_PRODUCER = {
  'batch.size': '524288',
  'linger.ms': '5',
  'buffer.memory': '67108864',
  'max.request.size': '8388608',
};

/** MM2's own exclude of 4.x (KIP-1074) and, for 3.9, the Connect storage topics of kmk by name. */
const TOPICS_EXCLUDE = ['mm2.*\\.internal', '.*\\.replica', '__.*'];
const GROUPS_EXCLUDE = ['console-consumer-.*', 'connect-.*', '__.*'];

export const CONNECTOR_TYPES = ['source', 'checkpoint', 'heartbeat'] as const;
export type ConnectorType = (typeof CONNECTOR_TYPES)[number];

const CLASSES: Readonly<Record<ConnectorType, string>> = {
  source: 'MirrorSourceConnector',
  checkpoint: 'MirrorCheckpointConnector',
  heartbeat: 'MirrorHeartbeatConnector',
};

export interface Connector {
  readonly type: ConnectorType;
  readonly name: string;
  readonly config: Readonly<Record<string, string>>;
}

/** `primary->dr.MirrorSourceConnector`: the names Strimzi gives them. */
export function connectorName(flow: { readonly source: string; readonly target: string }, type: ConnectorType): string {
  return `${flow.source}->${flow.target}.${CLASSES[type]}`;
}

/** The three connectors of a flow as Connect takes them; both the JSON files and the REST calls are made from this. */
export function connectorsOf(layout: Layout, flow: Flow): readonly Connector[] {
  const source = clusterLayout(layout, flow.source);
  const target = clusterLayout(layout, flow.target);
  return [
    build('source', flow, {
      ...pair(source, target),
      ...common(layout),
      ...topicOptions(layout, flow, target),
      ...prefixed('consumer.', SOURCE_CONSUMER),
      ...prefixed('producer.override.', DATA_PRODUCER),
    }),
    build('checkpoint', flow, {
      ...pair(source, target),
      ...common(layout),
      ...checkpointOptions(layout, flow, target),
    }),
    // The heartbeat must be written on the source to cross: its target is the flow's source, and so is its producer's.
    build('heartbeat', flow, {
      ...pair(target, source),
      ...common(layout),
      'emit.heartbeats.interval.seconds': String(RATES[layout.setup.replication.profile].heartbeats),
      'heartbeats.topic.replication.factor': String(source.replicationFactor),
      ...prefixed('producer.override.', clientConfig(source, 'mm2')),
    }),
  ];
}

/** Flow options that are the same in Connect and in mm2.properties, without clients and without names of clusters. */
export function flowOptions(layout: Layout, flow: Flow): Readonly<Record<string, string>> {
  const target = clusterLayout(layout, flow.target);
  const rates = RATES[layout.setup.replication.profile];
  return {
    ...common(layout),
    ...topicOptions(layout, flow, target),
    ...checkpointOptions(layout, flow, target),
    'emit.heartbeats.interval.seconds': String(rates.heartbeats),
    'heartbeats.topic.replication.factor': String(clusterLayout(layout, flow.source).replicationFactor),
    ...flow.config,
  };
}

/** Client settings for a cluster, by MM2 on this lab or with the credentials an existing cluster was given. */
export function clientConfig(cluster: ClusterLayout, user: InternalUser): Readonly<Record<string, string>> {
  const bootstrap = { 'bootstrap.servers': cluster.internalBootstrap };
  if (cluster.cluster.kind === 'existing') return { ...bootstrap, ...securityConfig(cluster.cluster.security) };
  return {
    ...bootstrap,
    'security.protocol': 'SASL_PLAINTEXT',
    'sasl.mechanism': 'PLAIN',
    'sasl.jaas.config': plainJaas(user, secretRef(user)),
  };
}

/** worker.properties of the Connect worker that runs at a flow's target. */
export function workerProperties(layout: Layout, worker: WorkerLayout): readonly PropertySection[] {
  const cluster = clusterLayout(layout, worker.alias);
  const client = Object.entries(clientConfig(cluster, 'mm2'));
  const factor = String(cluster.replicationFactor);
  const bind = layout.addressing === 'local' ? '127.0.0.1' : '0.0.0.0';
  return [
    {
      comment: 'Worker',
      entries: [
        ['group.id', `mm2-connect-${worker.alias}`],
        ['listeners', `http://${bind}:${worker.restPort}`],
        ['rest.advertised.host.name', worker.host],
        ['rest.advertised.port', String(worker.restPort)],
        ['client.id', worker.name],
        // ServiceLoader only: Kafka's own plugins all have manifests, and reflective scanning costs a second (KIP-898).
        ['plugin.discovery', 'service_load'],
        ['key.converter', 'org.apache.kafka.connect.converters.ByteArrayConverter'],
        ['value.converter', 'org.apache.kafka.connect.converters.ByteArrayConverter'],
        ['header.converter', 'org.apache.kafka.connect.converters.ByteArrayConverter'],
        ['connector.client.config.override.policy', 'All'],
        ['offset.flush.interval.ms', String(RATES[layout.setup.replication.profile].offsetFlushMs)],
        ['scheduled.rebalance.max.delay.ms', '1000'],
        ['task.shutdown.graceful.timeout.ms', '3000'],
      ],
    },
    {
      comment: "Storage: inside MM2's own excludes, so it is never mirrored",
      entries: [
        ['config.storage.topic', 'mm2-connect-configs.internal'],
        ['offset.storage.topic', 'mm2-connect-offsets.internal'],
        ['status.storage.topic', 'mm2-connect-status.internal'],
        ['config.storage.replication.factor', factor],
        ['offset.storage.replication.factor', factor],
        ['status.storage.replication.factor', factor],
        ['offset.storage.partitions', '1'],
        ['status.storage.partitions', '1'],
      ],
    },
    {
      comment: 'Kafka of this worker',
      entries: [
        ...client,
        ...client.slice(1).map(([key, value]): [string, string] => [`producer.${key}`, value]),
        ...client.slice(1).map(([key, value]): [string, string] => [`consumer.${key}`, value]),
        ...client.slice(1).map(([key, value]): [string, string] => [`admin.${key}`, value]),
      ],
    },
    CONFIG_PROVIDERS,
  ];
}

/** mm2.properties for dedicated mode: every flow of the setup, and the worker settings under the target's prefix. */
export function mm2Properties(layout: Layout): readonly PropertySection[] {
  const { flows, profile } = layout.setup.replication;
  const rates = RATES[profile];
  const aliases = layout.clusters.map((cluster) => cluster.alias);
  const sections: PropertySection[] = [{ comment: 'Clusters', entries: [['clusters', aliases.join(', ')]] }];
  for (const cluster of layout.clusters) {
    const factor = String(cluster.replicationFactor);
    sections.push({
      comment: `Cluster "${cluster.alias}"; worker settings work only with this prefix`,
      entries: [
        ...Object.entries(clientConfig(cluster, 'mm2')).map(([key, value]): [string, string] => [
          `${cluster.alias}.${key}`,
          value,
        ]),
        [`${cluster.alias}.config.storage.replication.factor`, factor],
        [`${cluster.alias}.offset.storage.replication.factor`, factor],
        [`${cluster.alias}.status.storage.replication.factor`, factor],
        [`${cluster.alias}.offset.storage.partitions`, '1'],
        [`${cluster.alias}.status.storage.partitions`, '1'],
        [`${cluster.alias}.offset.flush.interval.ms`, String(rates.offsetFlushMs)],
        [`${cluster.alias}.scheduled.rebalance.max.delay.ms`, '1000'],
        ...Object.entries(SOURCE_CONSUMER).map(([key, value]): [string, string] => [
          `${cluster.alias}.consumer.${key}`,
          value,
        ]),
        ...Object.entries(DATA_PRODUCER).map(([key, value]): [string, string] => [
          `${cluster.alias}.producer.${key}`,
          value,
        ]),
      ],
    });
  }
  for (const flow of flows) {
    const id = `${flow.source}->${flow.target}`;
    sections.push({
      comment: `Flow ${id}`,
      entries: [
        [`${id}.enabled`, 'true'],
        ...Object.entries(flowOptions(layout, flow)).map(([key, value]): [string, string] => [`${id}.${key}`, value]),
      ],
    });
    if (!flows.some((other) => other.source === flow.target && other.target === flow.source)) {
      // Its heartbeat herder stays on: that is what writes heartbeats on the source, which cross with the flow.
      sections.push({
        comment: 'The other direction only emits heartbeats',
        entries: [
          [`${flow.target}->${flow.source}.enabled`, 'false'],
          [
            `${flow.target}->${flow.source}.heartbeats.topic.replication.factor`,
            String(clusterLayout(layout, flow.source).replicationFactor),
          ],
          [`${flow.target}->${flow.source}.emit.heartbeats.interval.seconds`, String(rates.heartbeats)],
        ],
      });
    }
  }
  return [...sections, CONFIG_PROVIDERS];
}

function build(type: ConnectorType, flow: Flow, config: Record<string, string>): Connector {
  const own = type === 'heartbeat' ? {} : flow.config;
  const connectorClass = `org.apache.kafka.connect.mirror.${CLASSES[type]}`;
  return { type, name: connectorName(flow, type), config: { 'connector.class': connectorClass, ...config, ...own } };
}

function pair(source: ClusterLayout, target: ClusterLayout): Record<string, string> {
  return {
    'source.cluster.alias': source.alias,
    'target.cluster.alias': target.alias,
    ...prefixed('source.cluster.', clientConfig(source, 'mm2')),
    ...prefixed('target.cluster.', clientConfig(target, 'mm2')),
  };
}

function common(layout: Layout): Record<string, string> {
  const { policy, separator } = layout.setup.replication;
  const name = policy === 'default' ? 'DefaultReplicationPolicy' : 'IdentityReplicationPolicy';
  return {
    'replication.policy.class': `org.apache.kafka.connect.mirror.${name}`,
    'replication.policy.separator': separator,
  };
}

function topicOptions(layout: Layout, flow: Flow, target: ClusterLayout): Record<string, string> {
  const rates = RATES[layout.setup.replication.profile];
  const factor = String(target.replicationFactor);
  // The canary has to cross whatever the user mirrors: it is how deploy and status know that the path works.
  const topics = flow.topics.includes('.*') ? flow.topics : [...flow.topics, CANARY_TOPIC];
  return {
    topics: topics.join(','),
    'topics.exclude': [...TOPICS_EXCLUDE, ...flow.topicsExclude].join(','),
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

function checkpointOptions(layout: Layout, flow: Flow, target: ClusterLayout): Record<string, string> {
  const rates = RATES[layout.setup.replication.profile];
  return {
    topics: flow.topics.includes('.*') ? flow.topics.join(',') : [...flow.topics, CANARY_TOPIC].join(','),
    'topics.exclude': [...TOPICS_EXCLUDE, ...flow.topicsExclude].join(','),
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

function prefixed(prefix: string, entries: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(entries).map(([key, value]) => [`${prefix}${key}`, value]));
}

function plainJaas(username: string, password: string): string {
  return `org.apache.kafka.common.security.plain.PlainLoginModule required username="${username}" password="${password}";`;
}

function securityConfig(security: Security): Record<string, string> {
  const entries: Record<string, string> = { 'security.protocol': security.protocol };
  const { sasl, tls } = security;
  if (sasl !== undefined) {
    entries['sasl.mechanism'] = sasl.mechanism;
    const module = sasl.mechanism.startsWith('SCRAM')
      ? 'org.apache.kafka.common.security.scram.ScramLoginModule'
      : 'org.apache.kafka.common.security.plain.PlainLoginModule';
    if (sasl.mechanism === 'OAUTHBEARER') {
      entries['sasl.jaas.config'] = 'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;';
    } else {
      entries['sasl.jaas.config'] =
        `${module} required username="${sasl.username ?? ''}" password="${sasl.password ?? ''}";`;
    }
  }
  if (tls?.ca !== undefined)
    Object.assign(entries, { 'ssl.truststore.type': 'PEM', 'ssl.truststore.location': tls.ca });
  if (tls?.truststore !== undefined) entries['ssl.truststore.location'] = tls.truststore;
  if (tls?.keystore !== undefined) entries['ssl.keystore.location'] = tls.keystore;
  if (tls !== undefined && !tls.verifyHostname) entries['ssl.endpoint.identification.algorithm'] = '';
  return entries;
}
