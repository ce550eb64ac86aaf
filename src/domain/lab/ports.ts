import type { Cluster, LabCluster, Setup } from '../setup.ts';

/** Host ports of one broker. `controller` is null where the node is no controller. */
export interface BrokerPorts {
  readonly id: number;
  readonly client: number;
  readonly internal: number;
  readonly controller: number | null;
}

/** Where a broker listens behind its site's gate, and the gate's ports for the workers of other sites. */
export interface GatedBroker {
  readonly id: number;
  readonly client: number;
  readonly internal: number;
  readonly admin: number;
  /** One a site whose worker may read from this one or write to it; `outer` is the gate's. */
  readonly links: readonly { readonly from: string; readonly outer: number; readonly inner: number }[];
}

/** What stands behind the gates of a local lab: `client`, `internal` and the REST port of `LabPorts` are then the gates'. */
export interface GatedPorts {
  readonly brokers: Readonly<Record<string, readonly GatedBroker[]>>;
  /** Where each Connect worker listens. */
  readonly connect: Readonly<Record<string, number>>;
}

/** Every host port of a lab; recorded at deploy and reused at every restart. */
export interface LabPorts {
  readonly brokers: Readonly<Record<string, readonly BrokerPorts[]>>;
  /** Connect REST port per cluster alias: the worker of the flows whose target that cluster is. */
  readonly connect: Readonly<Record<string, number>>;
  /** Port of the web UI, where a deploy chose one. */
  readonly ui?: number;
  /** ZooKeeper's client port per cluster alias; absent where clusters are KRaft. */
  readonly zookeeper?: Readonly<Record<string, number>>;
  /** Present where gates stand before the sites. */
  readonly gated?: GatedPorts;
}

const BROKER_STEP = 10;
const CONTROLLER_OFFSET = 10_000;
const INTERNAL_OFFSET = 20_000;
const FIRST_CONNECT_PORT = 8083;
const FIRST_ZOOKEEPER_PORT = 2181;
const MAX_PORT = 65_535;

export function isLabCluster(cluster: Cluster): cluster is LabCluster {
  return cluster.kind === 'lab';
}

/** One controller for 1 or 2 brokers, else the first three brokers. */
export function isController(brokers: number, id: number): boolean {
  return id <= (brokers < 3 ? 1 : 3);
}

/**
 * Asks for a free port. `preferred` is taken when it is free; null means any. `required` ports are not replaced:
 * the chooser throws when they are taken. `ownWithinMs`: `preferred` is the service's own port by the lab's record; it is
 * waited for so long, since a process that has just ended may still hold it.
 */
export type PortChooser = (
  preferred: number | null,
  use: { readonly required: boolean; readonly what: string; readonly ownWithinMs?: number },
) => Promise<number>;

/** The ports that render writes when nothing was deployed: the preferred ones, whether free or not. */
export async function preferredPorts(setup: Setup): Promise<LabPorts> {
  let next = 30_000;
  return choosePorts(setup, (preferred) => Promise.resolve(preferred ?? next++));
}

/**
 * Broker n: client + 10(n-1), INTERNAL = client + 20000, controller = client + 10000, Connect REST 8083, 8084, ...
 * Ports that the file names come first: a derived port gives way to them.
 */
export async function choosePorts(setup: Setup, choose: PortChooser): Promise<LabPorts> {
  const clusters = setup.clusters.filter(isLabCluster);
  const first = new Map<string, number>();
  for (const { alias, port } of [...clusters].sort((a, b) => rank(a) - rank(b))) {
    const required = port !== 'auto';
    first.set(alias, await choose(required ? port : null, { required, what: brokerName(alias, 1) }));
  }
  const zookeeperMode = setup.kafka.mode === 'zookeeper';
  const brokers: Record<string, BrokerPorts[]> = {};
  for (const { alias, brokers: count } of clusters) {
    const base = first.get(alias) ?? 0;
    brokers[alias] = [];
    for (let id = 1; id <= count; id += 1) {
      const optional = { required: false, what: brokerName(alias, id) };
      const client = id === 1 ? base : await choose(inRange(base + BROKER_STEP * (id - 1)), optional);
      const internal = await choose(inRange(client + INTERNAL_OFFSET), optional);
      const controller =
        !zookeeperMode && isController(count, id) ? await choose(inRange(client + CONTROLLER_OFFSET), optional) : null;
      brokers[alias].push({ id, client, internal, controller });
    }
  }
  // Labs on free ports start side by side (drills, tests): all would find 8083 free at the same moment.
  const anyPort = clusters.length > 0 && clusters.every((cluster) => cluster.port === 'auto');
  const connect: Record<string, number> = {};
  let port = FIRST_CONNECT_PORT;
  for (const alias of connectOrder(setup)) {
    connect[alias] = await choose(anyPort ? null : port, {
      required: false,
      what: `Connect worker of cluster "${alias}"`,
    });
    port += 1;
  }
  const gated = setup.faults.network ? { gated: await chooseGated({ brokers, connect }, choose) } : {};
  if (!zookeeperMode) return { brokers, connect, ...gated };
  const zookeeper: Record<string, number> = {};
  for (const [index, { alias }] of clusters.entries()) {
    const optional = { required: false, what: `ZooKeeper of cluster "${alias}"` };
    zookeeper[alias] = await choose(anyPort ? null : FIRST_ZOOKEEPER_PORT + index, optional);
  }
  return { brokers, connect, zookeeper, ...gated };
}

/** Nobody asks for these by number: any will do. */
async function chooseGated({ brokers, connect }: LabPorts, choose: PortChooser): Promise<GatedPorts> {
  const any = (what: string): Promise<number> => choose(null, { required: false, what: `${what} behind its gate` });
  const behind: Record<string, GatedBroker[]> = {};
  for (const [alias, nodes] of Object.entries(brokers)) {
    behind[alias] = [];
    for (const { id } of nodes) {
      const what = brokerName(alias, id);
      const [client, internal, admin] = [await any(what), await any(what), await any(what)];
      const links: GatedBroker['links'][number][] = [];
      for (const from of Object.keys(connect).filter((site) => site !== alias))
        links.push({ from, outer: await any(what), inner: await any(what) });
      behind[alias].push({ id, client, internal, admin, links });
    }
  }
  const workers: Record<string, number> = {};
  for (const alias of Object.keys(connect)) workers[alias] = await any(`Connect worker of cluster "${alias}"`);
  return { brokers: behind, connect: workers };
}

function rank(cluster: LabCluster): number {
  return cluster.port === 'auto' ? 1 : 0;
}

function brokerName(alias: string, id: number): string {
  return `broker ${id} of cluster "${alias}"`;
}

/** Targets of flows first (they are started at deploy), then their sources (started at a failback). */
function connectOrder(setup: Setup): readonly string[] {
  const lab = new Set(setup.clusters.filter(isLabCluster).map((cluster) => cluster.alias));
  const order = [
    ...setup.replication.flows.map((flow) => flow.target),
    ...setup.replication.flows.map((flow) => flow.source),
  ];
  return [...new Set(order)].filter((alias) => lab.has(alias));
}

function inRange(port: number): number | null {
  return port >= 1 && port <= MAX_PORT ? port : null;
}
