import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type Docker from 'dockerode';
import type { ServiceInfo, ServiceState } from '../../app/ports/service-runtime.ts';
import type { ServiceSpec } from '../../domain/lab/service-spec.ts';
import type { Engine } from './engine.ts';
import type { Owner } from './labels.ts';
import { CONFIG_HASH, KMK_CLUSTER, KMK_ENDPOINT, KMK_ROLE, ONE_OFF, ownedBy, SERVICE } from './labels.ts';

/** A container of the lab, as the engine lists it. */
export interface Found {
  readonly id: string;
  /** As `docker` commands take it. */
  readonly container: string;
  readonly service: string;
  readonly kind: ServiceSpec['kind'];
  readonly oneOff: boolean;
  readonly hash: string;
  readonly state: ServiceState;
  /** True, false, or null while it is starting or has no health check. */
  readonly healthy: boolean | null;
  readonly info: ServiceInfo;
}

/** The containers of one lab, found by their labels alone, and who stopped them. */
export class Containers {
  readonly #engine: Engine;
  readonly #owner: Owner;
  /** A file for each container that kmk stopped: one that is not running and has none ended by itself. */
  readonly #stoppedDir: string;

  constructor(engine: Engine, owner: Owner, labDir: string) {
    this.#engine = engine;
    this.#owner = owner;
    this.#stoppedDir = join(labDir, 'stopped');
  }

  /** Every container with the lab's marks, by service. */
  async all(): Promise<readonly Found[]> {
    const filters = ownedBy(this.#owner);
    const listed = await this.#engine.ask((docker) => docker.listContainers({ all: true, filters }));
    const found = await Promise.all(listed.map((container) => this.#found(container)));
    return found.toSorted((a, b) => a.service.localeCompare(b.service));
  }

  async find(service: string): Promise<Found | null> {
    return (await this.all()).find((found) => found.service === service && !found.oneOff) ?? null;
  }

  async markStopped({ service, id }: Found): Promise<void> {
    await mkdir(this.#stoppedDir, { recursive: true });
    await writeFile(join(this.#stoppedDir, service), id);
  }

  async unmarkStopped(service: string): Promise<void> {
    await rm(join(this.#stoppedDir, service), { force: true });
  }

  async #found({ Id, Names, Labels, State, Status }: Docker.ContainerInfo): Promise<Found> {
    const container = Names[0]?.replace(/^\//, '') ?? Id;
    const service = Labels[SERVICE] ?? container;
    const kind = (Labels[KMK_ROLE] ?? 'job') as ServiceSpec['kind'];
    const hash = Labels[CONFIG_HASH] ?? '';
    const state = await this.#state(State, Id, service);
    const [, health] = /\((?:health: )?(healthy|unhealthy|starting)\)/.exec(Status) ?? [];
    const healthy = health === 'healthy' ? true : health === 'unhealthy' ? false : null;
    const cluster = Labels[KMK_CLUSTER] ?? '';
    const endpoint = Labels[KMK_ENDPOINT] ?? '';
    const log = `docker logs ${container}`;
    const info: ServiceInfo = {
      ...{ name: service, kind, cluster, endpoint, log, specHash: hash },
      state,
      unhealthy: state === 'running' && healthy === false,
    };
    const oneOff = Labels[ONE_OFF] === 'True';
    return { id: Id, container, service, kind, oneOff, hash, state, healthy, info };
  }

  async #state(state: string, id: string, service: string): Promise<ServiceState> {
    if (state === 'running' || state === 'restarting') return 'running';
    if (state === 'paused') return 'frozen';
    if (state === 'created') return 'stopped';
    const stopped = await readFile(join(this.#stoppedDir, service), 'utf8').catch(() => '');
    return stopped === id ? 'stopped' : 'exited';
  }
}
