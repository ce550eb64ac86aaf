import { fnv1a } from '../hash.ts';
import { brokerDataDir } from './broker-config.ts';
import { GATE_WAYS_FILE, gateWays } from './gate.ts';
import type { BrokerLayout, Layout, WorkerLayout, ZookeeperLayout } from './layout.ts';
import { clusterLayout } from './layout.ts';
import type { ServiceSpec } from './service-spec.ts';

/** The lab's JVMs are small; Connect holds fetch and send buffers of several MM2 tasks. */
const BROKER_HEAP_MB = 512;
const CONNECT_HEAP_MB = 768;
const ZOOKEEPER_HEAP_MB = 128;

/** Content of a rendered file, for the hash that tells a changed service. */
export type ContentOf = (path: string) => string;

export function brokerSpec(layout: Layout, broker: BrokerLayout, clusterId: string, contentOf: ContentOf): ServiceSpec {
  const file = brokerFile(broker);
  const { zookeeper } = clusterLayout(layout, broker.cluster.alias);
  const open = !layout.closed.includes(broker.cluster.alias);
  const { diskMb } = layout.setup.faults;
  return hashed(
    {
      name: broker.name,
      kind: 'broker',
      cluster: broker.cluster.alias,
      mainClass: 'kafka.Kafka',
      args: [file],
      heapMb: BROKER_HEAP_MB,
      endpoint: `127.0.0.1:${open ? broker.client : broker.internal}`,
      ports: [
        ...(open ? [broker.gated?.client ?? broker.client] : []),
        ...insidePorts(broker),
        ...(broker.controller === null ? [] : [broker.controller]),
      ],
      ...(diskMb === 0 ? {} : { disk: { directory: brokerDataDir(broker), sizeMb: diskMb } }),
      ...(zookeeper === null
        ? { storage: { directory: brokerDataDir(broker), clusterId, nodeId: broker.id } }
        : { zookeeper: { port: zookeeper.port, brokerId: broker.id } }),
    },
    contentOf(file),
  );
}

/** Ports of the listeners that are never fenced. */
function insidePorts({ gated, internal }: BrokerLayout): readonly number[] {
  return gated === null ? [internal] : [gated.internal, gated.admin, ...gated.links.map(({ inner }) => inner)];
}

/** The process that holds the gates of every site; null where there are none. Its module is kmk's own. */
export function gateSpec(layout: Layout, contentOf: ContentOf): ServiceSpec | null {
  const ways = gateWays(layout);
  if (ways.length === 0) return null;
  return hashed(
    {
      name: 'gate',
      kind: 'gate',
      cluster: '',
      mainClass: 'gate/main.js',
      args: [GATE_WAYS_FILE],
      heapMb: 0,
      endpoint: '',
      ports: ways.map(({ listen }) => listen),
    },
    contentOf(GATE_WAYS_FILE),
  );
}

export function zookeeperSpec(zookeeper: ZookeeperLayout, contentOf: ContentOf): ServiceSpec {
  const file = zookeeperFile(zookeeper);
  return hashed(
    {
      name: zookeeper.name,
      kind: 'zookeeper',
      cluster: zookeeper.alias,
      mainClass: 'org.apache.zookeeper.server.quorum.QuorumPeerMain',
      args: [file],
      heapMb: ZOOKEEPER_HEAP_MB,
      endpoint: `127.0.0.1:${zookeeper.port}`,
      ports: [zookeeper.port],
    },
    contentOf(file),
  );
}

export function workerSpec(worker: WorkerLayout, contentOf: ContentOf): ServiceSpec {
  const file = workerFile(worker);
  return hashed(
    {
      name: worker.name,
      kind: 'connect',
      cluster: worker.alias,
      mainClass: 'org.apache.kafka.connect.cli.ConnectDistributed',
      args: [file],
      heapMb: CONNECT_HEAP_MB,
      endpoint: `127.0.0.1:${worker.restPort}`,
      ports: [worker.listenPort],
    },
    contentOf(file),
  );
}

/** Dedicated MM2 for every flow into `target`. With `--clusters target` it also starts while a source is down. */
export function dedicatedSpec(target: string, contentOf: ContentOf): ServiceSpec {
  return hashed(
    {
      name: `${target}-mm2`,
      kind: 'mm2',
      cluster: target,
      mainClass: 'org.apache.kafka.connect.mirror.MirrorMaker',
      args: [MM2_FILE],
      heapMb: CONNECT_HEAP_MB,
      endpoint: '',
      ports: [],
    },
    contentOf(MM2_FILE),
  );
}

/** The web UI, the job that posts the connectors, and disks: containers only, described by docker-compose.yml alone. */
export function containerSpec(name: string, kind: 'ui' | 'job' | 'disk', endpoint = ''): ServiceSpec {
  return hashed({ name, kind, cluster: '', mainClass: '', args: [], heapMb: 0, endpoint, ports: [] }, '');
}

/** The container that keeps a broker's disk in memory, and where it has it mounted. */
export const diskName = (broker: BrokerLayout): string => `${broker.name}-disk`;
export const DISK_DIR = '/disk';

export const MM2_FILE = 'mm2/mm2.properties';
export const brokerFile = (broker: BrokerLayout): string => `kafka/${broker.name}.properties`;
export const zookeeperFile = (zookeeper: ZookeeperLayout): string => `kafka/${zookeeper.name}.properties`;
export const workerFile = (worker: WorkerLayout): string => `connect/${worker.name}.properties`;

function hashed(spec: Omit<ServiceSpec, 'specHash'>, content: string): ServiceSpec {
  return { ...spec, specHash: fnv1a(`${JSON.stringify(spec)}\n${content}`) };
}
