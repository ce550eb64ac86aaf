import { REPLAY_HEADER } from '../replay-headers.ts';
import type { Flow } from '../setup.ts';
import { flowId } from '../setup.ts';
import { clientConfig } from './client-config.ts';
import { checkpointOptions, heartbeatOptions, policyOptions, sourceOptions } from './flow-options.ts';
import type { ClusterLayout, Layout, WorkerLayout } from './layout.ts';
import { clusterLayout } from './layout.ts';
import type { PropertySection } from './properties.ts';
import { CONFIG_PROVIDERS } from './properties.ts';
import { DATA_PRODUCER, ratesOf, SOURCE_CONSUMER } from './replication-profile.ts';

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
  return `${flowId(flow)}.${CLASSES[type]}`;
}

/** The three connectors of a flow as Connect takes them; both the JSON files and the REST calls are made from this. */
export function connectorsOf(layout: Layout, flow: Flow): readonly Connector[] {
  const source = clusterLayout(layout, flow.source);
  const target = clusterLayout(layout, flow.target);
  return [
    build('source', flow, {
      ...pair(flow, source, target),
      ...policyOptions(layout),
      ...sourceOptions(layout, flow, target),
      ...prefixed('consumer.', SOURCE_CONSUMER),
      ...prefixed('producer.override.', DATA_PRODUCER),
      ...flow.config,
      ...leaveOutReplays(layout, flow),
    }),
    build('checkpoint', flow, {
      ...pair(flow, source, target),
      ...policyOptions(layout),
      ...checkpointOptions(layout, flow, target),
      ...flow.config,
    }),
    // The heartbeat must be written on the source to cross: its target is the flow's source, and so is its producer's.
    build('heartbeat', flow, {
      ...pair(flow, target, source),
      ...policyOptions(layout),
      ...heartbeatOptions(layout, flow, source),
      ...prefixed('producer.override.', clientConfig(source, 'mm2', flow.target)),
    }),
  ];
}

/** Whether the flow is the way back of one of the setup's under the identity policy. */
export function leavesOutReplays({ setup }: Layout, { source, target }: Flow): boolean {
  const own = setup.replication.flows.some((flow) => flow.source === source && flow.target === target);
  return !own && setup.replication.policy === 'identity';
}

/**
 * What a failback replayed on the new active cluster is on the old one already: the way back leaves it out. Under the
 * default policy nothing is replayed.
 */
function leaveOutReplays(layout: Layout, flow: Flow): Readonly<Record<string, string>> {
  if (!leavesOutReplays(layout, flow)) return {};
  const { config } = flow;
  const before = (key: string): string => (config[key] === undefined ? '' : `,${config[key]}`);
  return {
    // First: a transformation of the user's may change headers.
    transforms: `kmkReplay${before('transforms')}`,
    'transforms.kmkReplay.type': 'org.apache.kafka.connect.transforms.Filter',
    'transforms.kmkReplay.predicate': 'kmkReplayed',
    predicates: `kmkReplayed${before('predicates')}`,
    'predicates.kmkReplayed.type': 'org.apache.kafka.connect.transforms.predicates.HasHeaderKey',
    'predicates.kmkReplayed.name': REPLAY_HEADER,
  };
}

/** Group in which the Connect workers of a cluster share out their tasks. */
export function workerGroup(alias: string): string {
  return `mm2-connect-${alias}`;
}

/** worker.properties of the Connect worker that runs at a flow's target. */
export function workerProperties(layout: Layout, worker: WorkerLayout): readonly PropertySection[] {
  const cluster = clusterLayout(layout, worker.alias);
  const client = Object.entries(clientConfig(cluster, 'mm2', worker.alias));
  const factor = String(cluster.replicationFactor);
  const bind = layout.addressing === 'local' ? '127.0.0.1' : '0.0.0.0';
  return [
    {
      comment: 'Worker',
      entries: [
        ['group.id', workerGroup(worker.alias)],
        ['listeners', `http://${bind}:${worker.listenPort}`],
        ['rest.advertised.host.name', worker.host],
        ['rest.advertised.port', String(worker.listenPort)],
        ['client.id', worker.name],
        // ServiceLoader only: Kafka's own plugins all have manifests, and reflective scanning costs a second (KIP-898).
        ['plugin.discovery', 'service_load'],
        ['key.converter', 'org.apache.kafka.connect.converters.ByteArrayConverter'],
        ['value.converter', 'org.apache.kafka.connect.converters.ByteArrayConverter'],
        ['header.converter', 'org.apache.kafka.connect.converters.ByteArrayConverter'],
        ['connector.client.config.override.policy', 'All'],
        ['offset.flush.interval.ms', String(ratesOf(layout.setup.replication.profile).offsetFlushMs)],
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

function build(type: ConnectorType, flow: Flow, config: Readonly<Record<string, string>>): Connector {
  const connectorClass = `org.apache.kafka.connect.mirror.${CLASSES[type]}`;
  return { type, name: connectorName(flow, type), config: { 'connector.class': connectorClass, ...config } };
}

/** All of a flow's connectors run on the worker at its target. */
function pair(flow: Flow, source: ClusterLayout, target: ClusterLayout): Record<string, string> {
  return {
    'source.cluster.alias': source.alias,
    'target.cluster.alias': target.alias,
    ...prefixed('source.cluster.', clientConfig(source, 'mm2', flow.target)),
    ...prefixed('target.cluster.', clientConfig(target, 'mm2', flow.target)),
  };
}

function prefixed(prefix: string, entries: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(entries).map(([key, value]) => [`${prefix}${key}`, value]));
}
