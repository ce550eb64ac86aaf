import type { Images } from '../domain/lab/images.ts';
import { connectorName, CONNECTOR_TYPES, connectorsOf, workerProperties } from '../domain/lab/connect-config.ts';
import type { Layout, WorkerLayout } from '../domain/lab/layout.ts';
import { clusterLayout } from '../domain/lab/layout.ts';
import { mm2Properties } from '../domain/lab/mm2-config.ts';
import type { PropertySection } from '../domain/lab/properties.ts';
import { MM2_FILE, workerFile } from '../domain/lab/services.ts';
import type { Flow } from '../domain/setup.ts';
import { launch } from './compose-command.ts';
import type { ComposeService } from './compose-service.ts';
import {
  allNetworks,
  CONTAINER_DIR,
  fileMount,
  healthy,
  labels,
  MOUNTED_DIR,
  publish,
  secretsMount,
  started,
} from './compose-service.ts';
import type { References } from './references.ts';
import { findReferences } from './references.ts';

const POST_SCRIPT = 'post-connectors.sh';

/** Workers of clusters that are no flow's target wait for a failback: `--profile failback` starts them by hand. */
export function workerServices(layout: Layout, images: Images): readonly ComposeService[] {
  const { flows } = layout.setup.replication;
  return layout.workers.map((worker) => {
    const needed = findReferences([
      ...entriesOf(workerProperties(layout, worker)),
      ...flows
        .filter((flow) => flow.target === worker.alias || flow.source === worker.alias)
        .flatMap((flow) => connectorsOf(layout, flow).flatMap((connector) => Object.entries(connector.config))),
    ]);
    return {
      ...programService(layout, 'connect', workerFile(worker), needed),
      name: worker.name,
      image: images.connect,
      ports: [publish(worker.restPort)],
      networks: [worker.alias, ...neighboursOf(layout, worker.alias)],
      memoryMb: 600,
      // ConnectDistributed asks for the cluster id for up to default.api.timeout.ms, 60 s.
      dependsOn: started(clusterLayout(layout, worker.alias).brokers.map((broker) => broker.name)),
      healthcheck: workerHealthy(worker),
      profiles: flows.some((flow) => flow.target === worker.alias) ? [] : ['failback'],
      labels: labels(layout, 'connect', worker.alias, `127.0.0.1:${worker.restPort}`),
    };
  });
}

/** The one-shot service that posts the connectors of the flows whose worker is in this file. */
export function connectorJobs(layout: Layout, images: Images): readonly ComposeService[] {
  const flows = postedFlows(layout);
  if (flows.length === 0) return [];
  const script = `${CONTAINER_DIR}/${POST_SCRIPT}`;
  const directories = flows.map((flow) => `connect/${flow.source}-${flow.target}`);
  return [
    {
      name: 'connectors',
      image: images.kafka,
      command: ['bash', script],
      environment: [],
      ports: [],
      networks: [...new Set(flows.map(({ target }) => target))],
      memoryMb: 20,
      mounts: [
        fileMount(`./${MOUNTED_DIR}/${POST_SCRIPT}`, script),
        ...directories.map((directory) => fileMount(`./${MOUNTED_DIR}/${directory}`, `${CONTAINER_DIR}/${directory}`)),
      ],
      dependsOn: healthy([...new Set(flows.map((flow) => workerOf(layout, flow)?.name ?? ''))]),
      healthcheck: [],
      profiles: [],
      labels: labels(layout, 'job', null, null),
    },
  ];
}

/** View of templates/compose/post-connectors.sh; null where there is nothing to post. */
export function postConnectorsView(layout: Layout): object | null {
  const posts = postedFlows(layout).flatMap((flow) =>
    CONNECTOR_TYPES.map((type) => {
      const worker = workerOf(layout, flow);
      return {
        host: worker?.host ?? '',
        port: String(worker?.restPort ?? 0),
        name: encodeURIComponent(connectorName(flow, type)),
        file: `${CONTAINER_DIR}/connect/${flow.source}-${flow.target}/${type}.json`,
      };
    }),
  );
  return posts.length === 0 ? null : { title: 'Posts the MM2 connectors, skipping those that exist', posts };
}

/**
 * One process runs every flow and writes the heartbeats of both sides. Flows to several targets get one process for
 * each, bound to it by `--clusters`: processes that share a herder would have to reach each other.
 */
export function mm2Services(layout: Layout, images: Images): readonly ComposeService[] {
  const targets = [...new Set(layout.setup.replication.flows.map((flow) => flow.target))];
  const needed = findReferences(entriesOf(mm2Properties(layout)));
  return targets.map((target) => ({
    ...programService(layout, 'mm2', MM2_FILE, needed, targets.length === 1 ? [] : ['--clusters', target]),
    name: `${target}-mm2`,
    image: images.kafka,
    ports: [],
    networks: [target, ...allNetworks(layout).filter((alias) => alias !== target)],
    memoryMb: 600,
    dependsOn: healthy(layout.clusters.flatMap((cluster) => cluster.brokers.map((broker) => broker.name))),
    healthcheck: [],
    profiles: [],
    labels: labels(layout, 'mm2', target, null),
  }));
}

/** Sites whose brokers the worker of `alias` reads from or writes heartbeats to: now, or after a failback. */
function neighboursOf(layout: Layout, alias: string): readonly string[] {
  const { flows } = layout.setup.replication;
  const ends = flows.flatMap(({ source, target }) => (source === alias ? [target] : target === alias ? [source] : []));
  return allNetworks(layout).filter((other) => other !== alias && ends.includes(other));
}

type JavaService = Pick<ComposeService, 'command' | 'environment' | 'mounts'>;

/** A program with a properties file, and everything that file refers to. */
function programService(
  layout: Layout,
  program: 'connect' | 'mm2',
  name: string,
  needed: References,
  more: readonly string[] = [],
): JavaService {
  const file = `${CONTAINER_DIR}/${name}`;
  const { command, environment } = launch(layout, program, file, more);
  return {
    command,
    environment: [...environment, ...needed.variables.map((variable) => ({ name: variable, value: null }))],
    mounts: [
      fileMount(`./${MOUNTED_DIR}/${name}`, file),
      secretsMount(),
      ...needed.paths.map((path) => fileMount(fromHere(path), inContainer(path))),
    ],
  };
}

/** The REST server answers only once the worker has joined its group (KIP-1017, 3.9 and later). */
function workerHealthy(worker: WorkerLayout): readonly string[] {
  const request = `printf 'GET /health HTTP/1.0\\r\\n\\r\\n' >&3`;
  const probe = `exec 3<>/dev/tcp/127.0.0.1/${worker.restPort} && ${request} && head -n 1 <&3 | grep -q ' 200 '`;
  return ['CMD', 'bash', '-c', probe];
}

function postedFlows(layout: Layout): readonly Flow[] {
  return layout.setup.replication.flows.filter((flow) => workerOf(layout, flow) !== undefined);
}

function workerOf(layout: Layout, flow: Flow): WorkerLayout | undefined {
  return layout.workers.find((worker) => worker.alias === flow.target);
}

function entriesOf(sections: readonly PropertySection[]): readonly (readonly [string, string])[] {
  return sections.flatMap((section) => section.entries);
}

function fromHere(path: string): string {
  return path.startsWith('/') || path.startsWith('.') ? path : `./${path}`;
}

function inContainer(path: string): string {
  return path.startsWith('/') ? path : `${CONTAINER_DIR}/${path.replace(/^\.\//, '')}`;
}
