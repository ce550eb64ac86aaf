import type { ClusterLayout, WorkerLayout } from '../../domain/lab/layout.ts';
import type { PortChooser } from '../../domain/lab/ports.ts';
import type { RuntimeChoice, RuntimeName, Setup } from '../../domain/setup.ts';
import type { Clock, Random } from './clock.ts';
import type { ConnectApi } from './connect-api.ts';
import type { Confirmer, EventSink } from './event-sink.ts';
import type { FaultInjector } from './fault-injector.ts';
import type { KafkaAdmin } from './kafka-admin.ts';
import type { LabFiles } from './lab-files.ts';
import type { Compression, RecordConsumer, RecordProducer, RecordReader } from './record-client.ts';
import type { ProjectRegistry } from './project-registry.ts';
import type { OperatorIdentity } from './operator.ts';
import type { ProgramRunner } from './program-runner.ts';
import type { RunStore } from './run-store.ts';
import type { ServiceRuntime } from './service-runtime.ts';
import type { TemplateRenderer } from './template-renderer.ts';

export interface ProducerOptions {
  readonly compression?: Compression;
  /** Default 30 s: how long a record may stay unacknowledged. */
  readonly deliveryTimeoutMs?: number;
  /** Default "client": over CLIENT, fenced. "kmk": over INTERNAL, for what an operator puts back. */
  readonly as?: 'client' | 'kmk';
}

/** Everything a use case may reach: the ports, opened for one state directory. */
export interface Toolbox {
  readonly kmkVersion: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: EventSink;
  readonly confirm: Confirmer;
  readonly store: RunStore;
  readonly projects: ProjectRegistry;
  readonly operator: OperatorIdentity;
  readonly programs: ProgramRunner;
  readonly files: LabFiles;
  readonly renderer: TemplateRenderer;
  /** Mark of what this state directory owns: its hash. */
  stateMark(): string;
  /** The runtime a lab of that setup runs on. */
  runtime(lab: RuntimeRequest): ServiceRuntime;
  /**
   * The runtime that a choice stands for. `auto`: Docker if an engine answers within a second and has every image, else
   * this machine if it has Java, else Docker.
   */
  chooseRuntime(choice: RuntimeChoice, setup: Setup): Promise<RuntimeName>;
  /** Breaks the services of that runtime's lab. */
  faults(runtime: ServiceRuntime): FaultInjector;
  choosePort: PortChooser;
  /** Administration over INTERNAL as user kmk (lab) or with the cluster's own credentials. Cached; closed with the app. */
  admin(cluster: ClusterLayout): Promise<KafkaAdmin>;
  connect(worker: WorkerLayout): ConnectApi;
  /** Clients over CLIENT: fenced like any other. */
  producer(cluster: ClusterLayout, options?: ProducerOptions): Promise<RecordProducer>;
  consumer(cluster: ClusterLayout): Promise<RecordConsumer>;
  reader(cluster: ClusterLayout): Promise<RecordReader>;
}

export interface RuntimeRequest {
  readonly project: string;
  readonly runtime: RuntimeName;
  readonly kafkaVersion: string;
  /** Whose images Docker uses; without one the official ones, and `prepare` makes none available. */
  readonly setup?: Setup;
}

/** Opens the ports for another state directory, its events going where `events` sends them. The caller disposes it. */
export type OpenTools = (stateDir: string, events: EventSink) => Toolbox & AsyncDisposable;
