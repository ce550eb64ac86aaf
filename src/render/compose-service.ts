import type { Layout } from '../domain/lab/layout.ts';

/** A mount of a service: a named volume, or a file beside docker-compose.yml that must exist. */
export interface Mount {
  readonly type: 'bind' | 'volume';
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

/** `started` where the service itself waits for the other one to answer: both JVMs then start side by side. */
export interface Dependency {
  readonly service: string;
  readonly condition: 'service_started' | 'service_healthy';
}

/** A service of docker-compose.yml, with every optional part present: the templates are strict. */
export interface ComposeService {
  readonly name: string;
  readonly image: string;
  /** Empty: the image's own command. */
  readonly command: readonly string[];
  /** Null passes the variable of the shell that runs Compose on. */
  readonly environment: readonly { readonly name: string; readonly value: string | null }[];
  readonly ports: readonly string[];
  /** A network a site, by its cluster's alias; the first is the service's own. */
  readonly networks: readonly string[];
  /** What it needs in practice, MiB: the sum must fit into the engine's memory. */
  readonly memoryMb: number;
  readonly mounts: readonly Mount[];
  readonly dependsOn: readonly Dependency[];
  /** Empty: no health check. */
  readonly healthcheck: readonly string[];
  readonly profiles: readonly string[];
  readonly labels: readonly { readonly name: string; readonly value: string }[];
}

/** Where a container finds what is mounted; relative paths of the configuration start here, as they do on a host. */
export const CONTAINER_DIR = '/kmk';

/** Directory of what docker-compose.yml mounts: the same kinds of files as for the host, with container addresses. */
export const MOUNTED_DIR = 'containers';

export function fileMount(source: string, target: string): Mount {
  return { type: 'bind', source, target, readOnly: true };
}

/** The lab's passwords, under the name that the configuration refers to. */
export function secretsMount(): Mount {
  return fileMount('./secrets/internal.properties', `${CONTAINER_DIR}/secrets/internal.properties`);
}

export function started(services: readonly string[]): readonly Dependency[] {
  return services.map((service) => ({ service, condition: 'service_started' }));
}

export function healthy(services: readonly string[]): readonly Dependency[] {
  return services.map((service) => ({ service, condition: 'service_healthy' }));
}

/** The networks of all lab clusters: of what is of no site. */
export function allNetworks(layout: Layout): readonly string[] {
  return layout.clusters.filter(({ brokers }) => brokers.length > 0).map(({ alias }) => alias);
}

/** Labels by which kmk finds what belongs to it. */
export function labels(
  layout: Layout,
  role: string,
  cluster: string | null,
  endpoint: string | null,
): ComposeService['labels'] {
  return [
    ...ownerLabels(layout),
    { name: 'kmk.role', value: role },
    ...(cluster === null ? [] : [{ name: 'kmk.cluster', value: cluster }]),
    ...(endpoint === null ? [] : [{ name: 'kmk.endpoint', value: endpoint }]),
  ];
}

/** Labels of everything that belongs to the lab: kmk never touches what does not carry both. */
export function ownerLabels({ setup, owner }: Layout): ComposeService['labels'] {
  return [{ name: 'kmk.project', value: setup.name }, ...(owner === null ? [] : [{ name: 'kmk.state', value: owner }])];
}

/** On loopback: a lab is nobody else's, unless the setup advertises it to others. */
export function publish(hostPort: number, containerPort = hostPort, address = '127.0.0.1'): string {
  return `${address}:${hostPort}:${containerPort}`;
}

/** Without a JVM: bash opens a connection to the listener that other services use. */
export function portOpen(port: number): readonly string[] {
  return ['CMD', 'bash', '-c', `</dev/tcp/127.0.0.1/${port}`];
}
