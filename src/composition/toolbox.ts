import { join } from 'node:path';
import type { Confirmer, EventSink } from '../app/ports/event-sink.ts';
import type { KafkaAdmin } from '../app/ports/kafka-admin.ts';
import type { Toolbox } from '../app/ports/toolbox.ts';
import { createConnectApi } from '../connect/rest-client.ts';
import { KmkError } from '../domain/errors.ts';
import { NETWORK_IMAGE, neededImages } from '../domain/lab/images.ts';
import type { ClusterLayout } from '../domain/lab/layout.ts';
import { createFaultInjector } from '../faults/fault-injector.ts';
import { createKafkaAdmin } from '../kafka/kafka-admin.ts';
import { createRecordConsumer } from '../kafka/record-consumer.ts';
import { createRecordProducer } from '../kafka/record-producer.ts';
import { createRecordReader } from '../kafka/record-reader.ts';
import { createTemplateRenderer } from '../render/template-renderer.ts';
import { DockerRuntime } from '../runtime/docker/docker-runtime.ts';
import { cacheRoot } from '../runtime/local/jars.ts';
import { LocalRuntime } from '../runtime/local/local-runtime.ts';
import { createPortChooser } from '../runtime/local/ports.ts';
import { createProjectRegistry } from '../store/file-project-registry.ts';
import { createFileRunStore } from '../store/file-run-store.ts';
import { createOperatorIdentity } from '../store/operator-identity.ts';
import { createLabFiles } from '../store/lab-files.ts';
import { chooseRuntime } from './choose-runtime.ts';
import { createProgramRunner } from './program-runner.ts';
import { packageRoot, stateHashOf, systemClock, systemRandom } from './system.ts';

export interface ToolboxRequest {
  readonly stateDir: string;
  readonly kmkVersion: string;
  readonly env: NodeJS.ProcessEnv;
  readonly events: EventSink;
  readonly confirm: Confirmer;
}

export interface OpenToolbox extends Toolbox, AsyncDisposable {}

/** Wires the real adapters to the ports for one state directory. Disposing it closes every connection it opened. */
export function openToolbox(request: ToolboxRequest): OpenToolbox {
  const { stateDir, env } = request;
  const labDir = join(stateDir, 'lab');
  const files = createLabFiles(labDir);
  const admins = new Map<string, Promise<KafkaAdmin>>();
  const openAdmin = async (cluster: ClusterLayout): Promise<KafkaAdmin> => {
    if (cluster.cluster.kind === 'existing') throw unsupportedCluster(cluster.alias);
    const { kmk } = await files.secrets();
    const sasl = { username: 'kmk', password: kmk };
    return createKafkaAdmin({ bootstrap: cluster.adminBootstrap, clientId: 'kmk', sasl });
  };
  return {
    kmkVersion: request.kmkVersion,
    clock: systemClock,
    random: systemRandom,
    events: request.events,
    confirm: request.confirm,
    store: createFileRunStore(stateDir, systemClock),
    operator: createOperatorIdentity(),
    programs: createProgramRunner(env),
    projects: createProjectRegistry(join(cacheRoot(env), 'projects'), stateDir),
    files,
    renderer: createTemplateRenderer(),
    choosePort: createPortChooser(),
    stateMark: () => stateHashOf(stateDir),
    chooseRuntime: (choice, setup) => chooseRuntime(choice, setup, env),
    runtime({ project, runtime, kafkaVersion, setup }) {
      const stateHash = stateHashOf(stateDir);
      const { kmkVersion } = request;
      if (runtime === 'docker') {
        const images = setup === undefined ? new Map() : neededImages(setup);
        const networkImage = setup?.images.network ?? NETWORK_IMAGE;
        return new DockerRuntime({ project, state: stateHash, kmkVersion, labDir, images, networkImage, env });
      }
      const newUuid = (): string => systemRandom.kafkaUuid();
      return new LocalRuntime({
        project,
        labDir,
        renderedDir: labDir,
        kafkaVersion,
        packageRoot,
        env,
        stateHash,
        newUuid,
      });
    },
    faults: (runtime) =>
      createFaultInjector({
        recordDir: join(labDir, 'faults'),
        runtime,
        clock: systemClock,
        random: systemRandom,
      }),
    admin(cluster) {
      const key = `${cluster.alias} ${cluster.adminBootstrap}`;
      const known = admins.get(key) ?? openAdmin(cluster);
      admins.set(key, known);
      return known;
    },
    connect: (worker) => createConnectApi(`http://127.0.0.1:${worker.restPort}`),
    async producer(cluster, { as, ...options } = {}) {
      if (as !== 'kmk') {
        return createRecordProducer({ bootstrap: cluster.clientBootstrap, clientId: 'kmk-client', ...options });
      }
      const sasl = { username: 'kmk', password: (await files.secrets()).kmk };
      return createRecordProducer({ bootstrap: cluster.adminBootstrap, clientId: 'kmk', sasl, ...options });
    },
    consumer: (cluster) =>
      Promise.resolve(createRecordConsumer({ bootstrap: cluster.clientBootstrap, clientId: 'kmk-client' })),
    reader: (cluster) =>
      Promise.resolve(createRecordReader({ bootstrap: cluster.clientBootstrap, clientId: 'kmk-client' })),
    async [Symbol.asyncDispose]() {
      const opened = await Promise.allSettled(admins.values());
      admins.clear();
      await Promise.all(
        opened.map(async (admin) => {
          if (admin.status === 'fulfilled') await admin.value[Symbol.asyncDispose]();
        }),
      );
    },
  };
}

function unsupportedCluster(alias: string): KmkError {
  return new KmkError('KMK_ENV_RUNTIME', `cluster "${alias}" exists already; this kmk only works on lab clusters`, {
    hints: ['Run `kmk render all` for the files of that setup.'],
  });
}
