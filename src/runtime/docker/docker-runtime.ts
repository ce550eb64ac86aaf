import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type Docker from 'dockerode';
import type {
  ExecIo,
  ServiceInfo,
  ServiceRuntime,
  SweptItem,
  ToolOptions,
  ToolResult,
} from '../../app/ports/service-runtime.ts';
import { KmkError } from '../../domain/errors.ts';
import type { Fault } from '../../domain/fault.ts';
import { refuseImpossible, UNPREPARED } from '../../domain/fault.ts';
import type { Images } from '../../domain/lab/images.ts';
import type { ServiceSpec } from '../../domain/lab/service-spec.ts';
import { stopRank } from '../../domain/lab/service-spec.ts';
import { DISK_DIR } from '../../domain/lab/services.ts';
import type { ComposeFile } from './compose-file.ts';
import { COMPOSE_FILE, configHash, readComposeFile } from './compose-file.ts';
import type { ComposeService } from './compose-schema.ts';
import { followOf, pause, tailOf } from './container-logs.ts';
import type { Found } from './containers.ts';
import { Containers } from './containers.ts';
import { Engine } from './engine.ts';
import { execIn } from './exec.ts';
import { statusOf } from './failures.ts';
import type { Progress } from './images.ts';
import { ensureImage } from './images.ts';
import type { Owner } from './labels.ts';
import { runOneOff } from './one-off.ts';
import { ensureProject } from './project.ts';
import { awaitHealthy, createContainer, runContainer, startContainer } from './start-container.ts';
import { reconnect } from './site-networks.ts';
import { removeOwned, sharedParts } from './sweep.ts';
import { shapeTraffic } from './traffic-control.ts';

export interface DockerRuntimeOptions extends Owner {
  /** `<state-dir>/lab`: docker-compose.yml and what it mounts. */
  readonly labDir: string;
  /** What `prepare` pulls, by the keys of `images` in kmk.yaml. */
  readonly images: ReadonlyMap<string, keyof Images>;
  /** Has `ip` and `tc`; pulled when traffic is to be slowed. */
  readonly networkImage: string;
  readonly env: NodeJS.ProcessEnv;
}

const FILLER = `${DISK_DIR}/kmk-filler`;
const REPLACE_GRACE_MS = 10_000;
const SWEEP_GRACE_MS = 15_000;
const FROZEN_GRACE_MS = 3000;
const FOLLOW_POLL_MS = 300;

/** Carries docker-compose.yml of a lab out, container by container. See docs/ARCHITECTURE.md, "Docker runtime". */
export class DockerRuntime implements ServiceRuntime {
  readonly name = 'docker';
  readonly #options: DockerRuntimeOptions;
  readonly #engine: Engine;
  readonly #containers: Containers;
  /** Starts under way: a service waits for those that it depends on. */
  readonly #starting = new Map<string, Promise<unknown>>();
  #project: Promise<void> | null = null;

  constructor(options: DockerRuntimeOptions) {
    this.#options = options;
    this.#engine = new Engine(options.env);
    this.#containers = new Containers(this.#engine, options, options.labDir);
  }

  async prepare(progress: Progress, signal: AbortSignal): Promise<void> {
    await this.#engine.ping();
    for (const [image, key] of this.#options.images) await ensureImage(this.#engine, image, key, progress, signal);
  }

  async start(spec: ServiceSpec, signal: AbortSignal): Promise<boolean> {
    const started = this.#start(spec, signal);
    this.#starting.set(
      spec.name,
      started.catch(() => undefined),
    );
    return started;
  }

  async startAgain(name: string): Promise<void> {
    const found = await this.#containers.find(name);
    if (found === null) throw new KmkError('KMK_WRONG_STATE', `service "${name}" was never started here`);
    if (found.state === 'frozen') await this.thaw(name);
    if (found.state === 'frozen' || found.state === 'running') return;
    await this.#containers.unmarkStopped(name);
    await startContainer(this.#engine, found.id, name);
  }

  async list(): Promise<readonly ServiceInfo[]> {
    return this.#unlessAway([], async () => (await this.#services()).map(({ info }) => info));
  }

  async unrecorded(): Promise<readonly string[]> {
    return this.#unlessAway([], async () => {
      const compose = await this.#composeFile().catch(() => null);
      const found = await this.#containers.all();
      if (found.length === 0) return (await sharedParts(this.#engine, this.#options)).map(({ name }) => name);
      if (compose === null) return [];
      return found.filter(({ service }) => compose.services[service] === undefined).map(({ container }) => container);
    });
  }

  async stop(name: string, { graceMs }: { readonly graceMs: number }): Promise<void> {
    const found = await this.#running(name);
    if (found === null) return;
    await this.#containers.markStopped(found);
    await this.#settled(found, (docker) => docker.stop({ t: Math.ceil(graceMs / 1000) }));
  }

  async kill(name: string): Promise<void> {
    const found = await this.#running(name);
    if (found === null) return;
    await this.#containers.markStopped(found);
    await this.#settled(found, (docker) => docker.kill({ signal: 'SIGKILL' }));
  }

  async freeze(name: string): Promise<void> {
    const { id, state } = await this.#mustRun(name);
    if (state !== 'frozen') await this.#engine.ask((docker) => docker.getContainer(id).pause());
  }

  async thaw(name: string): Promise<void> {
    const { id, state } = await this.#mustRun(name);
    if (state === 'frozen') await this.#engine.ask((docker) => docker.getContainer(id).unpause());
  }

  async shapeNetwork(faults: readonly Fault[], signal: AbortSignal): Promise<void> {
    const stage = { engine: this.#engine, owner: this.#options, labDir: this.#options.labDir };
    const compose = await this.#composeFile();
    await shapeTraffic(stage, this.#options.networkImage, await this.#services(), faults, signal);
    await reconnect(stage, compose, await this.#services(), faults);
  }

  async fillDisk(name: string, signal: AbortSignal): Promise<void> {
    // The end of the room is what ends it, with an error.
    await this.#onDisk(name, `cat /dev/zero > ${FILLER} || true`, signal);
  }

  async freeDisk(name: string, signal: AbortSignal): Promise<void> {
    await this.#onDisk(name, `rm -f ${FILLER}`, signal);
  }

  async tail(name: string, lines: number): Promise<readonly string[]> {
    const found = await this.#containers.find(name);
    if (found === null) return [];
    return this.#engine.ask((docker) => tailOf(docker.getContainer(found.id), lines));
  }

  async follow(name: string, lines: number, onLine: (line: string) => void, signal: AbortSignal): Promise<void> {
    let from: { lines: number; since?: string } = { lines };
    // A container ends and starts again, or another one takes its place; its log goes on.
    while (!signal.aborted) {
      const found = await this.#containers.find(name);
      if (found !== null) {
        await this.#engine.ask((docker) => followOf(docker.getContainer(found.id), from, onLine, signal));
      }
      await this.#awaitRunning(name, signal);
      // Not from now on, nor from its start, which the engine notes later than the first line: that would be lost.
      from = { lines: 100_000, since: await this.#lastEnd(name) };
    }
  }

  async sweep({ keepData }: { readonly keepData: boolean }): Promise<readonly SweptItem[]> {
    const swept = await this.#unlessAway<readonly SweptItem[]>([], () =>
      keepData ? this.#stopAll() : removeOwned(this.#engine, this.#options),
    );
    if (keepData) return swept;
    const { labDir } = this.#options;
    const data = (await stat(labDir).catch(() => null)) === null ? [] : [{ kind: 'data' as const, name: labDir }];
    await rm(labDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    return [...swept, ...data];
  }

  async exec(name: string, command: readonly string[], io: ExecIo): Promise<number> {
    const { id } = await this.#mustRun(name);
    return this.#engine.ask((docker) => execIn(docker, id, command, io));
  }

  async runTool(mainClass: string, args: readonly string[], options: ToolOptions): Promise<ToolResult> {
    const compose = await this.#composeFile();
    const command = ['java', '-Xmx256m', '-cp', '/opt/kafka/libs/*', mainClass, ...args];
    return this.#engine.ask((docker) => runOneOff(docker, { compose, owner: this.#options, command }, options));
  }

  async #start(spec: ServiceSpec, signal: AbortSignal): Promise<boolean> {
    const compose = await this.#composeFile();
    const service = compose.services[spec.name];
    if (service === undefined) throw new Error(`no service "${spec.name}" in ${compose.path}`);
    await this.#ensureProject(compose);
    if (spec.kind === 'ui') await ensureImage(this.#engine, service.image, 'ui', () => undefined, signal);
    await this.#awaitDependencies(service, signal);
    signal.throwIfAborted();
    const hash = await configHash(compose, spec.name);
    const found = await this.#containers.find(spec.name);
    const same = found?.hash === hash ? found : null;
    if (same?.state === 'running') return false;
    if (same?.state === 'frozen') {
      await this.thaw(spec.name);
      return true;
    }
    if (same !== null && spec.kind === 'job' && (await this.#exitCode(same)) === 0) return false;
    if (found !== null && same === null) await this.#remove(found);
    const request = { compose, owner: this.#options, name: spec.name, service, hash, env: this.#options.env };
    const id = same?.id ?? (await createContainer(this.#engine, request));
    await this.#containers.unmarkStopped(spec.name);
    await runContainer(this.#engine, id, spec, signal);
    return true;
  }

  /** Once per opened runtime: a deploy starts everything at once. */
  async #ensureProject(compose: ComposeFile): Promise<void> {
    this.#project ??= ensureProject(this.#engine, compose, this.#options);
    await this.#project;
  }

  /** Runs a command beside the disk of a broker, which its keeper has mounted too. */
  async #onDisk(name: string, script: string, signal: AbortSignal): Promise<void> {
    const keeper = await this.#running(`${name}-disk`);
    if (keeper === null) {
      refuseImpossible('disk-full', this.name, UNPREPARED);
      return;
    }
    const io = { environment: {}, input: null, onOutput: () => undefined, signal };
    await this.#engine.ask((docker) => execIn(docker, keeper.id, ['sh', '-c', script], io));
  }

  /** A dependency that is down on purpose is not waited for: a worker has to start while its source is lost. */
  async #awaitDependencies(service: ComposeService, signal: AbortSignal): Promise<void> {
    await Promise.all(
      Object.entries(service.depends_on).map(async ([name, { condition }]) => {
        await this.#starting.get(name);
        if (condition === 'service_healthy') await awaitHealthy(this.#engine, this.#containers, name, signal);
      }),
    );
  }

  /** What is to change must not run on as it was for a moment: a fence may depend on it. */
  async #remove(found: Found): Promise<void> {
    if (found.state === 'frozen') await this.kill(found.service);
    else await this.stop(found.service, { graceMs: REPLACE_GRACE_MS });
    await this.#engine.ask((docker) => docker.getContainer(found.id).remove({ force: true }));
  }

  async #stopAll(): Promise<readonly SweptItem[]> {
    const up = (await this.#containers.all()).filter(({ state }) => state === 'running' || state === 'frozen');
    const graceMs = up.some(({ state }) => state === 'frozen') ? FROZEN_GRACE_MS : SWEEP_GRACE_MS;
    for (const rank of [0, 1, 2]) {
      const group = up.filter(({ kind }) => stopRank(kind) === rank);
      await Promise.all(group.map(({ service }) => this.stop(service, { graceMs })));
    }
    return up.map(({ container }): SweptItem => ({ kind: 'container', name: container }));
  }

  async #services(): Promise<readonly Found[]> {
    return (await this.#containers.all()).filter(({ kind, oneOff }) => kind !== 'job' && !oneOff);
  }

  async #running(name: string): Promise<Found | null> {
    const found = await this.#containers.find(name);
    return found?.state === 'running' || found?.state === 'frozen' ? found : null;
  }

  async #awaitRunning(name: string, signal: AbortSignal): Promise<void> {
    do await pause(FOLLOW_POLL_MS, signal);
    while (!signal.aborted && (await this.#running(name)) === null);
  }

  /** When the container's process ended before, in seconds since 1970 to the nanosecond; 0 where it never did. */
  async #lastEnd(name: string): Promise<string> {
    const found = await this.#containers.find(name);
    if (found === null) return '0';
    const { State } = await this.#engine.ask((docker) => docker.getContainer(found.id).inspect());
    const seconds = Math.floor(Date.parse(State.FinishedAt) / 1000);
    const [, fraction = '0'] = /\.(\d+)Z$/.exec(State.FinishedAt) ?? [];
    return seconds > 0 ? `${seconds}.${fraction.padEnd(9, '0')}` : '0';
  }

  async #mustRun(name: string): Promise<Found> {
    const found = await this.#running(name);
    if (found === null) throw new KmkError('KMK_WRONG_STATE', `service "${name}" is not running`);
    return found;
  }

  /** Ends it and waits for the end; one that ended meanwhile is what was wanted. */
  async #settled({ id }: Found, end: (container: Docker.Container) => Promise<unknown>): Promise<void> {
    try {
      await this.#engine.ask((docker) => end(docker.getContainer(id)));
      await this.#engine.ask((docker) => docker.getContainer(id).wait({ condition: 'not-running' }));
    } catch (error) {
      const status = statusOf(error);
      if (status !== 304 && status !== 404 && status !== 409) throw error;
    }
  }

  async #exitCode({ id }: Found): Promise<number> {
    const { State } = await this.#engine.ask((docker) => docker.getContainer(id).inspect());
    return State.Running || State.Status === 'created' ? -1 : State.ExitCode;
  }

  async #composeFile(): Promise<ComposeFile> {
    return readComposeFile(join(this.#options.labDir, COMPOSE_FILE));
  }

  /** Without an engine there is nothing of a lab, unless its rendered file says that there must be. */
  async #unlessAway<T>(nothing: T, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!KmkError.is(error) || error.code !== 'KMK_ENV_DOCKER_UNREACHABLE') throw error;
      if ((await stat(join(this.#options.labDir, COMPOSE_FILE)).catch(() => null)) !== null) throw error;
      return nothing;
    }
  }
}
