import { createReplicationPolicy } from '../replication-policy.ts';
import type { ReplicationPolicy } from '../replication-policy.ts';
import type { Cluster, Flow, LabCluster, Setup } from '../setup.ts';
import type { BrokerPorts, GatedBroker, LabPorts } from './ports.ts';
import { isController, isLabCluster } from './ports.ts';

/**
 * Where things are reached from: `local` for JVM processes on this host, `compose` for containers, where other
 * containers use service names and the host uses published ports.
 */
export type Addressing = 'local' | 'compose';

export interface BrokerLayout extends BrokerPorts {
  readonly name: string;
  readonly cluster: LabCluster;
  /** Name or address other services reach it at. */
  readonly host: string;
  /** Address host clients reach it at. */
  readonly clientHost: string;
  readonly roles: 'broker,controller' | 'broker';
  /** Where it listens behind its site's gate; null where it listens at `client` and `internal` itself. */
  readonly gated: GatedBroker | null;
}

export interface ClusterLayout {
  readonly cluster: Cluster;
  readonly alias: string;
  readonly brokers: readonly BrokerLayout[];
  /** `host:port,...` of CLIENT, as a client on this host uses it. */
  readonly clientBootstrap: string;
  /** `host:port,...` of clients beside the brokers, as Kafka's tools are that the runtime runs. */
  readonly nearBootstrap: string;
  /** `host:port,...` of INTERNAL, as kmk on this host uses it. */
  readonly adminBootstrap: string;
  /** `host:port,...` of INTERNAL, as services of its own site use it. */
  readonly internalBootstrap: string;
  /** The same for the workers of other sites, by their aliases, where gates stand between the sites. */
  readonly linkBootstraps: Readonly<Record<string, string>>;
  /** min(3, brokers) for a lab, 3 elsewhere: never more than there are brokers. */
  readonly replicationFactor: number;
  /** What its brokers find each other by; null where they do it themselves (KRaft). */
  readonly zookeeper: ZookeeperLayout | null;
}

export interface ZookeeperLayout {
  readonly name: string;
  readonly alias: string;
  /** Name or address its brokers reach it at. */
  readonly host: string;
  readonly port: number;
}

export interface WorkerLayout {
  readonly name: string;
  readonly alias: string;
  readonly restPort: number;
  /** Where it listens: `restPort`, unless that is its site's gate. */
  readonly listenPort: number;
  readonly host: string;
}

export interface Layout {
  readonly setup: Setup;
  readonly addressing: Addressing;
  readonly policy: ReplicationPolicy;
  readonly clusters: readonly ClusterLayout[];
  /** One Connect worker per lab cluster that is the target of a flow, or may become one at a failback. */
  readonly workers: readonly WorkerLayout[];
  /** Clusters started without their CLIENT listener: a returning primary, until its fence is up. */
  readonly closed: readonly string[];
  readonly uiPort: number;
  /** Mark of the state directory that owns the lab; null where files are only rendered. */
  readonly owner: string | null;
}

/** In a container INTERNAL and the published admin listener are where no client port is: below 10,001. */
export const COMPOSE_INTERNAL_PORT = 1091;
/** Published under the broker's INTERNAL port of the host, and advertised as that. */
export const COMPOSE_ADMIN_PORT = 1092;

/** Derives every name and address of a setup from its ports. Pure. */
export function layoutOf(
  setup: Setup,
  ports: LabPorts,
  addressing: Addressing,
  closed: readonly string[] = [],
  owner: string | null = null,
): Layout {
  // Containers have networks of their own.
  const gated = addressing === 'local' ? ports.gated : undefined;
  const clusters = setup.clusters.map((cluster) =>
    isLabCluster(cluster)
      ? labCluster(cluster, ports, gated?.brokers[cluster.alias] ?? [], addressing)
      : existing(cluster),
  );
  const workers = Object.entries(ports.connect).map(([alias, restPort]) => ({
    name: `${alias}-connect`,
    alias,
    restPort,
    listenPort: gated?.connect[alias] ?? restPort,
    host: addressing === 'local' ? '127.0.0.1' : `${alias}-connect`,
  }));
  const { policy, separator, internalSeparator } = setup.replication;
  const uiPort = ports.ui ?? setup.ui.port;
  const naming = createReplicationPolicy(policy, separator, internalSeparator);
  return { setup, addressing, policy: naming, clusters, workers, closed, uiPort, owner };
}

/** `host:port,...` of INTERNAL, as the Connect worker of `site` uses it. */
export function bootstrapFrom(cluster: ClusterLayout, site: string): string {
  return cluster.linkBootstraps[site] ?? cluster.internalBootstrap;
}

export function clusterLayout(layout: Layout, alias: string): ClusterLayout {
  const found = layout.clusters.find((cluster) => cluster.alias === alias);
  if (found === undefined) throw new Error(`no cluster "${alias}" in the layout`);
  return found;
}

export function workerLayout(layout: Layout, alias: string): WorkerLayout {
  const found = layout.workers.find((worker) => worker.alias === alias);
  if (found === undefined) throw new Error(`no Connect worker for cluster "${alias}" in the layout`);
  return found;
}

/** The flow that brings records back: same filters, roles swapped. */
export function reverseOf(flow: Flow): Flow {
  return { ...flow, source: flow.target, target: flow.source };
}

function labCluster(
  cluster: LabCluster,
  ports: LabPorts,
  gated: readonly GatedBroker[],
  addressing: Addressing,
): ClusterLayout {
  const clientHost = cluster.advertisedHost ?? '127.0.0.1';
  const zookeeperPort = ports.zookeeper?.[cluster.alias] ?? null;
  const brokers = (ports.brokers[cluster.alias] ?? []).map((port): BrokerLayout => {
    const name = `${cluster.alias}-broker-${port.id}`;
    return {
      ...port,
      name,
      cluster,
      clientHost,
      host: addressing === 'local' ? '127.0.0.1' : name,
      roles: isController(cluster.brokers, port.id) ? 'broker,controller' : 'broker',
      gated: gated.find(({ id }) => id === port.id) ?? null,
    };
  });
  const internalPort = (broker: BrokerLayout): number =>
    addressing === 'local' ? (broker.gated?.internal ?? broker.internal) : COMPOSE_INTERNAL_PORT;
  const clientBootstrap = brokers.map((broker) => `127.0.0.1:${broker.client}`).join(',');
  // Clients in other containers: the client port + 20,000, as in 9092 and 29092, without a login, fenced like CLIENT.
  const near = brokers.map((broker) => `${broker.host}:${broker.internal}`).join(',');
  return {
    cluster,
    alias: cluster.alias,
    brokers,
    clientBootstrap,
    nearBootstrap: addressing === 'local' ? clientBootstrap : near,
    adminBootstrap: brokers.map((broker) => `127.0.0.1:${broker.internal}`).join(','),
    internalBootstrap: brokers.map((broker) => `${broker.host}:${internalPort(broker)}`).join(','),
    linkBootstraps: linkBootstraps(gated),
    replicationFactor: Math.min(3, cluster.brokers),
    zookeeper: zookeeperPort === null ? null : zookeeperOf(cluster.alias, zookeeperPort, addressing),
  };
}

function linkBootstraps(gated: readonly GatedBroker[]): Readonly<Record<string, string>> {
  const sites = gated[0]?.links.map(({ from }) => from) ?? [];
  const outer = (site: string): string[] =>
    gated.flatMap(({ links }) => links.filter(({ from }) => from === site).map((link) => `127.0.0.1:${link.outer}`));
  return Object.fromEntries(sites.map((site) => [site, outer(site).join(',')]));
}

function existing(cluster: Exclude<Cluster, LabCluster>): ClusterLayout {
  const bootstrap = cluster.bootstrap.join(',');
  return {
    cluster,
    alias: cluster.alias,
    brokers: [],
    clientBootstrap: bootstrap,
    nearBootstrap: bootstrap,
    adminBootstrap: bootstrap,
    internalBootstrap: bootstrap,
    linkBootstraps: {},
    replicationFactor: 3,
    zookeeper: null,
  };
}

function zookeeperOf(alias: string, port: number, addressing: Addressing): ZookeeperLayout {
  const name = `${alias}-zookeeper`;
  return { name, alias, port, host: addressing === 'local' ? '127.0.0.1' : name };
}
