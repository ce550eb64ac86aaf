import { KmkError } from '../../domain/errors.ts';
import type { ServiceSpec } from '../../domain/lab/service-spec.ts';
import type { ComposeFile } from './compose-file.ts';
import type { ComposeService } from './compose-schema.ts';
import { tailOf, pause } from './container-logs.ts';
import { containerName, containerOptions, networkName } from './container-options.ts';
import type { Containers } from './containers.ts';
import type { Engine } from './engine.ts';
import { statusOf, takenPort } from './failures.ts';
import type { Owner } from './labels.ts';
import { containerLabels } from './labels.ts';
import { foreignProject } from './project.ts';

const POLL_MS = 100;
/** As long as the health checks of docker-compose.yml try. */
const HEALTHY_LIMIT_MS = 240_000;
const SHOWN_LINES = 3;

export interface ContainerRequest {
  readonly compose: ComposeFile;
  readonly owner: Owner;
  readonly name: string;
  readonly service: ComposeService;
  readonly hash: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Creates the container of a service; its id. Throws KMK_FOREIGN_PROJECT where a stranger has its name. */
export async function createContainer(engine: Engine, request: ContainerRequest): Promise<string> {
  const { compose, owner, name, service, hash, env } = request;
  const labels = containerLabels(owner, { service: name, hash, file: compose.path });
  const naming = { project: owner.project, service: name };
  const options = containerOptions(compose, naming, service, labels, env);
  try {
    const { id } = await engine.ask((docker) => docker.createContainer(options));
    for (const network of service.networks.slice(1)) await joinNetwork(engine, owner.project, network, id, name);
    return id;
  } catch (error) {
    if (statusOf(error) !== 409) throw error;
    const taken = containerName(naming);
    const stranger = await engine.ask((docker) => docker.getContainer(taken).inspect());
    throw foreignProject(owner, stranger.Config.Labels, `container "${taken}"`);
  }
}

/** Connects a container, known there by its service's name. Published ports come with the first connection. */
export async function joinNetwork(
  engine: Engine,
  project: string,
  network: string,
  id: string,
  service: string,
): Promise<void> {
  const EndpointConfig = { Aliases: [service] };
  const name = networkName(project, network);
  await engine.ask((docker) => docker.getNetwork(name).connect({ Container: id, EndpointConfig }));
}

/** Starts a container that exists. Throws KMK_ENV_PORT_TAKEN. */
export async function startContainer(engine: Engine, id: string, service: string): Promise<void> {
  try {
    await engine.ask((docker) => docker.getContainer(id).start());
  } catch (error) {
    // 304: it runs.
    if (statusOf(error) === 304) return;
    const port = takenPort(error);
    if (port !== null) throw await portTaken(engine, port, service, error);
    throw error;
  }
}

/** Starts it; a job is waited for. Throws KMK_ENV_PORT_TAKEN, and KMK_CONNECT_REQUEST with a failed job's last words. */
export async function runContainer(engine: Engine, id: string, spec: ServiceSpec, signal: AbortSignal): Promise<void> {
  await startContainer(engine, id, spec.name);
  if (spec.kind !== 'job') return;
  const { StatusCode } = (await engine.ask((docker) => docker.getContainer(id).wait({ abortSignal: signal }))) as {
    readonly StatusCode: number;
  };
  if (StatusCode === 0) return;
  const said = await engine.ask((docker) => tailOf(docker.getContainer(id), SHOWN_LINES));
  throw new KmkError('KMK_CONNECT_REQUEST', `service "${spec.name}" ended with ${StatusCode}`, {
    hints: said.map((line) => `It said: ${line.slice(0, 300)}`),
    context: { service: spec.name },
  });
}

/** Names the container that publishes the port, where it is one. */
async function portTaken(engine: Engine, port: number, service: string, cause: unknown): Promise<KmkError> {
  const all = await engine.ask((docker) => docker.listContainers());
  const holder = all.find(({ Ports }) => Ports.some(({ PublicPort }) => PublicPort === port))?.Names[0]?.slice(1);
  const by = holder === undefined ? '' : ` by container "${holder}"`;
  const which = port === 0 ? `a port for "${service}"` : `port ${port} for "${service}"`;
  return new KmkError('KMK_ENV_PORT_TAKEN', `${which} is in use${by}`, {
    hints: [
      `Stop ${holder === undefined ? 'what listens there' : `it with \`docker stop ${holder}\``}, or give the cluster another \`port\` (or "auto") in kmk.yaml.`,
    ],
    context: { port, container: holder ?? null },
    cause,
  });
}

/**
 * Waits until the container of a service is healthy; one that is not running is not waited for. Throws
 * KMK_SERVICE_UNHEALTHY with its last lines, and KMK_SERVICE_EXITED when it ends meanwhile.
 */
export async function awaitHealthy(
  engine: Engine,
  containers: Containers,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + HEALTHY_LIMIT_MS;
  let wasUp = false;
  for (;;) {
    signal.throwIfAborted();
    const found = await containers.find(name);
    const up = found?.state === 'running';
    if (found === null || found.healthy === true || (!up && !wasUp)) return;
    if (!up) throw new KmkError('KMK_SERVICE_EXITED', `service "${name}" stopped by itself`);
    wasUp = true;
    if (found.healthy === false || Date.now() > deadline) {
      const said = await engine.ask((docker) => tailOf(docker.getContainer(found.id), SHOWN_LINES));
      throw new KmkError('KMK_SERVICE_UNHEALTHY', `service "${name}" is unhealthy`, {
        hints: [
          ...said.map((line) => `It said: ${line.slice(0, 300)}`),
          `Its log is \`docker logs ${found.container}\`.`,
        ],
        context: { service: name, container: found.container },
      });
    }
    await pause(POLL_MS, signal);
  }
}
