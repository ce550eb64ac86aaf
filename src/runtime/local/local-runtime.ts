import { mkdir, readFile, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type {
  ExecIo,
  ServiceInfo,
  ServiceRuntime,
  ServiceState,
  SweptItem,
  ToolOptions,
  ToolResult,
} from '../../app/ports/service-runtime.ts';
import { KmkError } from '../../domain/errors.ts';
import type { Fault } from '../../domain/fault.ts';
import { refuseImpossible, UNPREPARED } from '../../domain/fault.ts';
import { identify } from '../../util/process-identity.ts';
import type { ServiceSpec } from '../../domain/lab/service-spec.ts';
import { stopRank } from '../../domain/lab/service-spec.ts';
import type { FastStart } from './fast-start.ts';
import { formatStorage, prepareFastStart } from './fast-start.ts';
import type { Jars, Progress } from './jars.ts';
import { findJars } from './jars.ts';
import type { Java } from './java.ts';
import { findJava } from './java.ts';
import { jvmOptions } from './jvm-options.ts';
import { refuseFullDisk } from './free-space.ts';
import { tellGate } from './gate-faults.ts';
import type { RecordedProcess } from './launch.ts';
import { launch, pidFile, recorded, revokeLaunches, writeJson } from './launch.ts';
import type { MarkedProcess } from './marked-processes.ts';
import { markedProcesses } from './marked-processes.ts';
import { followLines, lastLines } from './log-file.ts';
import { isFree, portTaken } from './ports.ts';
import { runCommand } from './run-command.ts';
import { ensureDisk, fillDisk, freeDisk, removeDisks } from './small-disk.ts';
import { tether } from './tether.ts';
import { awaitUnregistered } from './zookeeper.ts';

export interface LocalRuntimeOptions {
  readonly project: string;
  /** `<state-dir>/lab`: data, pids, logs and rendered files live below it. */
  readonly labDir: string;
  /** Directory of the rendered files: the working directory of every JVM. */
  readonly renderedDir: string;
  readonly kafkaVersion: string;
  readonly packageRoot: string;
  readonly env: NodeJS.ProcessEnv;
  /** Hash of the state directory's real path: no process without it is ever touched. */
  readonly stateHash: string;
  /** Directory id of a broker's storage (a Kafka UUID). */
  readonly newUuid: () => string;
}

interface ServiceRecord {
  readonly spec: ServiceSpec;
}

const POLL_MS = 20;
/** SIGKILL takes effect within milliseconds, later where memory has to be given back under load. */
const KILL_LIMIT_MS = 10_000;
/** SIGSTOP and SIGCONT do within one. */
const SIGNAL_LIMIT_MS = 1000;
const GRACE_MS = 15_000;
const FROZEN_GRACE_MS = 3000;
const SERVICE_OPTION = '-Dkmk.service=';

/** Runs the services of a lab as JVM processes of this user. See docs/ARCHITECTURE.md, "Local runtime". */
export class LocalRuntime implements ServiceRuntime {
  readonly name = 'local';
  readonly #options: LocalRuntimeOptions;
  #tools: { readonly java: Java; readonly jars: Jars } | null = null;
  #fastStart: FastStart | null = null;

  constructor(options: LocalRuntimeOptions) {
    this.#options = options;
  }

  async prepare(progress: Progress, signal: AbortSignal): Promise<void> {
    const { java, jars } = await this.#findTools(progress, signal);
    const { packageRoot, env, labDir } = this.#options;
    await refuseFullDisk(labDir);
    this.#fastStart ??= await prepareFastStart({ java, jars, packageRoot, env, progress, signal });
  }

  async start(spec: ServiceSpec, signal: AbortSignal): Promise<boolean> {
    await revokeLaunches(this.#pidDir, spec.name);
    const running = await this.#process(spec.name);
    const known = await this.#record(spec.name);
    if (running !== null) {
      const frozen = runningState(running.identity.state) === 'frozen';
      if (known?.spec.specHash === spec.specHash) {
        if (frozen) await this.thaw(spec.name);
        return frozen;
      }
      // A frozen process that is to change never runs again as it was: a fence may depend on it.
      if (frozen) await this.kill(spec.name);
      else await this.stop(spec.name, { graceMs: 10_000 });
    }
    await this.prepare(() => undefined, signal);
    for (const port of spec.ports) {
      if (!(await isFree(port))) throw portTaken(port, `"${spec.name}"`);
    }
    if (spec.zookeeper !== undefined) await awaitUnregistered(spec.zookeeper, signal);
    signal.throwIfAborted();
    await Promise.all([this.#pidDir, this.#logDir].map((dir) => mkdir(dir, { recursive: true })));
    if (spec.disk !== undefined)
      await ensureDisk(join(this.#options.renderedDir, spec.disk.directory), spec.disk.sizeMb);
    await this.#format(spec);
    await writeJson(this.#recordFile(spec.name), { spec } satisfies ServiceRecord);
    await launch({
      name: spec.name,
      command: await this.#command(spec, signal),
      cwd: this.#options.renderedDir,
      logFile: this.logFile(spec.name),
      pidDir: this.#pidDir,
    });
    return true;
  }

  async startAgain(name: string, signal: AbortSignal): Promise<void> {
    const known = await this.#record(name);
    if (known === null) throw new KmkError('KMK_WRONG_STATE', `service "${name}" was never started here`);
    await this.start(known.spec, signal);
  }

  async list(): Promise<readonly ServiceInfo[]> {
    const names = (await readdir(this.#pidDir).catch(() => [])).filter((name) => name.endsWith('.json')).sort();
    const infos = names.map(async (file) => {
      const name = file.slice(0, -'.json'.length);
      const record = await this.#record(name);
      return record === null ? null : this.#info(record.spec, (await this.#process(name))?.identity.state ?? null);
    });
    return (await Promise.all(infos)).filter((info) => info !== null);
  }

  async unrecorded(): Promise<readonly string[]> {
    const known = new Set((await this.list()).map(({ name }) => name));
    const names = (await markedProcesses(this.#mark)).map(nameOf);
    return names.filter((name) => !known.has(name));
  }

  async stop(name: string, options: { readonly graceMs: number }): Promise<void> {
    const running = await this.#process(name);
    if (running !== null) {
      // A frozen process cannot handle SIGTERM: wake it together with the signal.
      signalGroup(running.pid, 'SIGTERM');
      signalGroup(running.pid, 'SIGCONT');
      if (!(await this.#gone(name, options.graceMs))) await this.#killAndWait(name, running.pid);
    }
    await rm(pidFile(this.#pidDir, name), { force: true });
  }

  async kill(name: string): Promise<void> {
    const running = await this.#process(name);
    if (running !== null) await this.#killAndWait(name, running.pid);
    await rm(pidFile(this.#pidDir, name), { force: true });
  }

  async freeze(name: string): Promise<void> {
    await this.#signalUntil(name, 'SIGSTOP', 'frozen');
  }

  async thaw(name: string): Promise<void> {
    await this.#signalUntil(name, 'SIGCONT', 'running');
  }

  async shapeNetwork(faults: readonly Fault[], signal: AbortSignal): Promise<void> {
    const [first] = faults;
    const hasGate = (await this.#record('gate')) !== null;
    if (first !== undefined && !hasGate) refuseImpossible(first.kind, this.name, UNPREPARED);
    if (!hasGate) return;
    await tellGate(this.#options.renderedDir, faults, async () => (await this.#process('gate')) !== null, signal);
  }

  async fillDisk(name: string): Promise<void> {
    const directory = await this.#diskOf(name);
    if (directory === null) refuseImpossible('disk-full', this.name, UNPREPARED);
    else await fillDisk(directory);
  }

  async freeDisk(name: string): Promise<void> {
    const directory = await this.#diskOf(name);
    if (directory !== null) await freeDisk(directory);
  }

  async tail(name: string, lines: number): Promise<readonly string[]> {
    return lastLines(this.logFile(name), lines);
  }

  async follow(name: string, lines: number, onLine: (line: string) => void, signal: AbortSignal): Promise<void> {
    await followLines(this.logFile(name), lines, onLine, signal);
  }

  async sweep(options: { readonly keepData: boolean }): Promise<readonly SweptItem[]> {
    await revokeLaunches(this.#pidDir);
    const services = await this.list();
    const swept = services
      .filter(({ state }) => state === 'running' || state === 'frozen')
      .map(({ name }): SweptItem => ({ kind: 'process', name }));
    if (options.keepData) {
      const order = services.toSorted((a, b) => stopRank(a.kind) - stopRank(b.kind));
      // With a frozen broker a worker's last commits cannot succeed: waiting for them is in vain.
      const graceMs = services.some(({ state }) => state === 'frozen') ? FROZEN_GRACE_MS : GRACE_MS;
      for (const { name } of order) await this.stop(name, { graceMs });
    } else {
      await Promise.all(services.map(({ name }) => this.kill(name)));
    }
    swept.push(...(await this.#killUnrecorded()));
    if (options.keepData) return swept;
    const { labDir } = this.#options;
    if ((await stat(labDir).catch(() => null)) !== null) swept.push({ kind: 'data', name: labDir });
    await removeDisks(labDir);
    await rm(labDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    return swept;
  }

  async exec(name: string, command: readonly string[], io: ExecIo): Promise<number> {
    await this.#mustRun(name);
    const { java, jars } = await this.#findTools(() => undefined, io.signal);
    const { env, renderedDir } = this.#options;
    const withJars = { ...env, CLASSPATH: join(jars.libs, '*') };
    return runCommand(command, io, { cwd: renderedDir, env: withJars, java: java.command });
  }

  async runTool(mainClass: string, args: readonly string[], options: ToolOptions): Promise<ToolResult> {
    const { java, jars } = await this.#findTools(() => undefined, options.signal);
    const { packageRoot, env, renderedDir } = this.#options;
    const jvm = jvmOptions({ jars, packageRoot, heapMb: 256, archive: null, properties: {} });
    const child = tether([java.command, ...jvm, mainClass, ...args], { cwd: renderedDir, env });
    const abort = (): void => void child.stdin.end();
    options.signal.addEventListener('abort', abort, { once: true });
    if (options.onLine !== undefined) createInterface({ input: child.stdout }).on('line', options.onLine);
    const result = await child;
    options.signal.removeEventListener('abort', abort);
    return { exitCode: result.exitCode ?? 1, stdout: result.stdout, stderr: result.stderr };
  }

  logFile(name: string): string {
    return join(this.#logDir, `${name}.log`);
  }

  get #pidDir(): string {
    return join(this.#options.labDir, 'pids');
  }

  get #logDir(): string {
    return join(this.#options.labDir, 'logs');
  }

  /** Every JVM of this state directory has it among its arguments. */
  get #mark(): string {
    return `-Dkmk.state=${this.#options.stateHash}`;
  }

  async #findTools(progress: Progress, signal: AbortSignal): Promise<{ readonly java: Java; readonly jars: Jars }> {
    const { env, kafkaVersion, packageRoot } = this.#options;
    this.#tools ??= {
      java: await findJava(env),
      jars: await findJars(kafkaVersion, packageRoot, env, progress, signal),
    };
    return this.#tools;
  }

  async #diskOf(name: string): Promise<string | null> {
    const disk = (await this.#record(name))?.spec.disk;
    return disk === undefined ? null : join(this.#options.renderedDir, disk.directory);
  }

  async #command(spec: ServiceSpec, signal: AbortSignal): Promise<readonly string[]> {
    if (spec.kind === 'gate') {
      const module = join(this.#options.packageRoot, 'dist', spec.mainClass);
      return [process.execPath, module, this.#mark, `${SERVICE_OPTION}${spec.name}`, ...spec.args];
    }
    const { java, jars } = await this.#findTools(() => undefined, signal);
    const archive = (isConnect(spec) ? this.#fastStart?.connectArchive : this.#fastStart?.brokerArchive) ?? null;
    const properties = {
      'kmk.project': this.#options.project,
      'kmk.service': spec.name,
      'kmk.role': spec.kind,
      'kmk.cluster': spec.cluster,
    };
    const options = jvmOptions({
      jars,
      packageRoot: this.#options.packageRoot,
      heapMb: spec.heapMb,
      archive,
      properties,
    });
    return [java.command, this.#mark, ...options, spec.mainClass, ...spec.args];
  }

  async #format(spec: ServiceSpec): Promise<void> {
    if (spec.storage === undefined || this.#fastStart === null) return;
    const directory = join(this.#options.renderedDir, spec.storage.directory);
    const identity = { ...spec.storage, directoryId: this.#options.newUuid() };
    await formatStorage(directory, identity, this.#fastStart.bootstrapCheckpoint);
  }

  /** Ends what carries the mark and has no readable record: somebody removed or damaged the records. */
  async #killUnrecorded(): Promise<readonly SweptItem[]> {
    const strays = await markedProcesses(this.#mark);
    for (const { pid } of strays) {
      signalGroup(pid, 'SIGKILL');
      const deadline = Date.now() + KILL_LIMIT_MS;
      while ((await identify(pid))?.args.includes(this.#mark) === true) {
        if (Date.now() > deadline) throw new Error(`process ${pid} survived SIGKILL`);
        await delay(POLL_MS);
      }
    }
    return strays.map((stray) => ({ kind: 'process', name: nameOf(stray) }));
  }

  async #info(spec: ServiceSpec, processState: string | null): Promise<ServiceInfo> {
    const { name, kind, cluster, endpoint, specHash } = spec;
    const state = processState === null ? await this.#endedState(name) : runningState(processState);
    return { name, kind, cluster, endpoint, specHash, state, unhealthy: false, log: this.logFile(name) };
  }

  /** A stop by kmk removes the PID file; where it is still there, the process ended by itself. */
  async #endedState(name: string): Promise<ServiceState> {
    return (await stat(pidFile(this.#pidDir, name)).catch(() => null)) === null ? 'stopped' : 'exited';
  }

  async #process(name: string): Promise<RecordedProcess | null> {
    return recorded(this.#pidDir, name, this.#mark);
  }

  async #mustRun(name: string): Promise<RecordedProcess> {
    const running = await this.#process(name);
    if (running === null) throw new KmkError('KMK_WRONG_STATE', `service "${name}" is not running`);
    return running;
  }

  async #record(name: string): Promise<ServiceRecord | null> {
    try {
      return JSON.parse(await readFile(this.#recordFile(name), 'utf8')) as ServiceRecord;
    } catch {
      // Absent, or damaged by other hands: the mark still tells what runs.
      return null;
    }
  }

  #recordFile(name: string): string {
    return join(this.#pidDir, `${name}.json`);
  }

  async #killAndWait(name: string, pid: number): Promise<void> {
    signalGroup(pid, 'SIGKILL');
    if (!(await this.#gone(name, KILL_LIMIT_MS))) throw new Error(`process ${pid} of "${name}" survived SIGKILL`);
  }

  /**
   * Signals, and gives that a moment to take effect: on a busy machine it is late at times (1 of 150), and who asks for the
   * state next must not see the old one.
   */
  async #signalUntil(name: string, signal: NodeJS.Signals, state: ServiceState): Promise<void> {
    signalGroup((await this.#mustRun(name)).pid, signal);
    const deadline = Date.now() + SIGNAL_LIMIT_MS;
    for (;;) {
      const running = await this.#process(name);
      if (running === null || runningState(running.identity.state) === state || Date.now() > deadline) return;
      await delay(POLL_MS);
    }
  }

  async #gone(name: string, withinMs: number): Promise<boolean> {
    const deadline = Date.now() + withinMs;
    while ((await this.#process(name)) !== null) {
      if (Date.now() > deadline) return false;
      await delay(POLL_MS);
    }
    return true;
  }
}

function isConnect({ kind }: ServiceSpec): boolean {
  return kind === 'connect' || kind === 'mm2';
}

function nameOf({ pid, args }: MarkedProcess): string {
  return args.find((arg) => arg.startsWith(SERVICE_OPTION))?.slice(SERVICE_OPTION.length) ?? `pid ${pid}`;
}

function runningState(processState: string): ServiceState {
  return processState.startsWith('T') ? 'frozen' : 'running';
}

/** Each service leads its own process group; one that ended meanwhile is what was wanted. */
function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

async function delay(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
