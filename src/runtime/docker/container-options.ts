import type Docker from 'dockerode';
import type { ComposeFile } from './compose-file.ts';
import type { ComposeService } from './compose-schema.ts';
import { sourcePath } from './compose-file.ts';

export interface Naming {
  readonly project: string;
  readonly service: string;
}

export const networkName = (project: string, network: string): string => `${project}_${network}`;
export const volumeName = (project: string, volume: string): string => `${project}_${volume}`;
/** As Compose 2 names them. */
export const containerName = ({ project, service }: Naming): string => `${project}-${service}-1`;

const NANOSECONDS = 1_000_000;

/** What the engine is asked for to carry out one service of docker-compose.yml. */
export function containerOptions(
  compose: ComposeFile,
  { project, service: name }: Naming,
  service: ComposeService,
  labels: Readonly<Record<string, string>>,
  env: NodeJS.ProcessEnv,
): Docker.ContainerCreateOptions {
  // Engines before 25 take one network at the creation: the others are connected before the start.
  const network = networkName(project, service.networks[0] ?? '');
  const { healthcheck } = service;
  return {
    name: containerName({ project, service: name }),
    Image: service.image,
    User: service.user,
    WorkingDir: service.working_dir,
    ...(service.command === undefined ? {} : { Cmd: service.command }),
    Env: environment(service, env),
    Labels: { ...service.labels, ...labels },
    ExposedPorts: Object.fromEntries(service.ports.map((port) => [containerPort(port), {}])),
    ...(healthcheck === undefined
      ? {}
      : {
          Healthcheck: {
            Test: healthcheck.test,
            Interval: healthcheck.interval * NANOSECONDS,
            Timeout: healthcheck.timeout * NANOSECONDS,
            Retries: healthcheck.retries,
          },
        }),
    HostConfig: {
      RestartPolicy: { Name: service.restart },
      MemoryReservation: service.mem_reservation,
      LogConfig: { Type: service.logging.driver, Config: service.logging.options },
      PortBindings: portBindings(service),
      Mounts: service.volumes.map((mount) => ({
        Type: mount.type,
        Source: mount.type === 'volume' ? volumeName(project, mount.source) : sourcePath(compose, mount.source),
        Target: mount.target,
        ReadOnly: mount.read_only,
      })),
      NetworkMode: network,
    },
    // The name that other services use.
    NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: [name] } } },
  };
}

/** A variable without a value is passed on from the shell that runs kmk. */
function environment(service: ComposeService, env: NodeJS.ProcessEnv): string[] {
  return Object.entries(service.environment).flatMap(([name, value]) => {
    const text = value ?? env[name];
    return text === undefined ? [] : [`${name}=${text}`];
  });
}

function portBindings({ ports }: ComposeService): Docker.PortMap {
  const bindings: Docker.PortMap = {};
  for (const port of ports) {
    const [HostIp = '', HostPort = ''] = port.split(':');
    bindings[containerPort(port)] = [{ HostIp, HostPort }];
  }
  return bindings;
}

function containerPort(port: string): string {
  return `${port.split(':').at(-1) ?? ''}/tcp`;
}
