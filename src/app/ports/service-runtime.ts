import type { Fault } from '../../domain/fault.ts';
import type { ServiceSpec } from '../../domain/lab/service-spec.ts';
import type { RuntimeName } from '../../domain/setup.ts';

export type ServiceState = 'running' | 'frozen' | 'stopped' | 'exited';

export interface ServiceInfo {
  readonly name: string;
  readonly kind: ServiceSpec['kind'];
  readonly cluster: string;
  readonly state: ServiceState;
  /** It runs, and its health check has given it up. */
  readonly unhealthy: boolean;
  /** `host:port` that a host client uses. */
  readonly endpoint: string;
  /** Where its log is, for people. */
  readonly log: string;
  /** The hash of the spec it was started with. */
  readonly specHash: string;
}

export interface SweptItem {
  readonly kind: 'process' | 'data' | 'container' | 'network' | 'volume';
  readonly name: string;
}

/** Runs the services of one lab: JVM processes or containers. Every method is idempotent. */
export interface ServiceRuntime {
  readonly name: RuntimeName;

  /** Makes everything a start needs available (jars, images). Throws KmkError of kind environment. */
  prepare(progress: (text: string, done?: number, total?: number) => void, signal: AbortSignal): Promise<void>;

  /**
   * Starts the service unless it runs with the same spec: true when it did. Returns once the process exists, not once
   * it is ready; a job has then done its work.
   */
  start(spec: ServiceSpec, signal: AbortSignal): Promise<boolean>;

  /** Starts a service as it was last started. No-op while it runs. Throws KMK_WRONG_STATE for one that never was. */
  startAgain(name: string, signal: AbortSignal): Promise<void>;

  /** Every service, but no job, of this project and state directory that was ever started and not removed. */
  list(): Promise<readonly ServiceInfo[]>;
  /** Names of what runs with this state directory's mark although no record tells of it; `sweep` ends it. */
  unrecorded(): Promise<readonly string[]>;

  /** Graceful stop, forced after `graceMs`. No-op when it is not running. */
  stop(name: string, options: { readonly graceMs: number }): Promise<void>;
  /** SIGKILL at once. */
  kill(name: string): Promise<void>;
  /** SIGSTOP / container pause. */
  freeze(name: string): Promise<void>;
  thaw(name: string): Promise<void>;

  /**
   * Lays exactly these faults (partition, latency, loss) on the lab's network and lifts every other; services that have
   * ended find theirs lifted too when they start. Throws KMK_ENV_RUNTIME for what cannot be done here.
   */
  shapeNetwork(faults: readonly Fault[], signal: AbortSignal): Promise<void>;

  /** Leaves a broker no byte to write. Throws KMK_ENV_RUNTIME where its disk is the machine's. */
  fillDisk(name: string, signal: AbortSignal): Promise<void>;
  /** Takes away what `fillDisk` wrote, also of a broker that has ended since. */
  freeDisk(name: string, signal: AbortSignal): Promise<void>;

  /** The last `lines` lines of the log, oldest first. */
  tail(name: string, lines: number): Promise<readonly string[]>;
  /** The last `lines` lines of the log and then every new one, until the signal aborts. */
  follow(name: string, lines: number, onLine: (line: string) => void, signal: AbortSignal): Promise<void>;

  /** Removes everything that carries this project's and this state directory's marks, also after a crash. */
  sweep(options: { readonly keepData: boolean }): Promise<readonly SweptItem[]>;

  /**
   * Runs a command where the service runs: in its container, or on this machine in the lab's folder, with Kafka's jars on
   * CLASSPATH. Gives its exit code. Throws KMK_WRONG_STATE when the service does not run, KMK_USAGE for a command that
   * is not there.
   */
  exec(name: string, command: readonly string[], io: ExecIo): Promise<number>;

  /** Runs a Kafka command-line class with the same jars beside the lab, where `nearBootstrap` leads to it. */
  runTool(mainClass: string, args: readonly string[], options: ToolOptions): Promise<ToolResult>;
}

/** What a command that runs beside a service is connected to. */
export interface ExecIo {
  readonly environment: Readonly<Record<string, string>>;
  /** Null: nothing to read. */
  readonly input: AsyncIterable<Uint8Array> | null;
  readonly onOutput: (stream: 'stdout' | 'stderr', chunk: Uint8Array) => void;
  readonly signal: AbortSignal;
}

export interface ToolOptions {
  readonly signal: AbortSignal;
  readonly onLine?: (line: string) => void;
}

export interface ToolResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}
