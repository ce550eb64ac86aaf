import { createServer } from 'node:net';
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { removeLeftovers } from './cache-leftovers.ts';
import type { Jars, Progress } from './jars.ts';
import type { Java } from './java.ts';
import { jvmOptions } from './jvm-options.ts';
import { tether } from './tether.ts';
import { exists } from './exists.ts';

/**
 * What one training run per machine, Java and Kafka version yields: class-data archives that halve the start of a JVM
 * (AppCDS, `-XX:ArchiveClassesAtExit`, JDK 13+), and the bootstrap checkpoint that `kafka-storage format` writes.
 * Formatting a broker is then two small files instead of a JVM start.
 */
export interface FastStart {
  readonly brokerArchive: string | null;
  readonly connectArchive: string | null;
  /** bootstrap.checkpoint as Kafka's own StorageTool wrote it: the feature levels of this release, no cluster id. */
  readonly bootstrapCheckpoint: string;
}

interface Training {
  readonly java: Java;
  readonly jars: Jars;
  readonly packageRoot: string;
  readonly env: NodeJS.ProcessEnv;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** The longest a training JVM may take to become ready or to write its archive; without it kmk goes on unaided. */
const TRAINING_LIMIT_MS = 60_000;
const BROKER_READY = 'Kafka Server started';
const CONNECT_READY = 'Finished starting connectors and tasks';

/** Finds or makes the fast-start files. Archives are optional; the checkpoint is not. */
export async function prepareFastStart(training: Training): Promise<FastStart> {
  const { java, jars } = training;
  const key = createHash('sha256').update(`${java.version}\n${jars.fingerprint}`).digest('hex').slice(0, 12);
  const dir = join(jars.cacheDir, `fast-start-${key}`);
  if (!(await exists(dir))) await train(dir, training);
  const optional = async (name: string): Promise<string | null> =>
    (await exists(join(dir, name))) ? join(dir, name) : null;
  return {
    brokerArchive: await optional('broker.jsa'),
    connectArchive: await optional('connect.jsa'),
    bootstrapCheckpoint: join(dir, 'bootstrap.checkpoint'),
  };
}

async function train(dir: string, training: Training): Promise<void> {
  training.progress('preparing a fast start (once per machine)');
  await removeLeftovers(training.jars.cacheDir);
  const work = await mkdtemp(join(training.jars.cacheDir, 'training-'));
  try {
    const out = join(work, 'out');
    await mkdir(out);
    const [client, controller, rest] = [await freePort(), await freePort(), await freePort()];
    await writeFile(join(work, 'broker.properties'), brokerText(client, controller));
    await writeFile(join(work, 'connect.properties'), connectText(client, rest));
    await format(work, out, training);
    await trainJvms(work, out, training);
    await rename(out, dir).catch(async (error: unknown) => {
      if (!(await exists(dir))) throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function format(work: string, out: string, training: Training): Promise<void> {
  const args = ['format', '--cluster-id', 'a21rLXRyYWluaW5nLWlkAA', '--config', 'broker.properties'];
  const result = await run(work, training, 'kafka.tools.StorageTool', args, null);
  training.signal.throwIfAborted();
  const written = join(work, 'data', 'bootstrap.checkpoint');
  if (!(await exists(written)))
    throw new Error(`kafka-storage format failed: ${result.stderr.slice(-500)}${result.stdout.slice(-500)}`);
  await copyFile(written, join(out, 'bootstrap.checkpoint'));
}

async function trainJvms(work: string, out: string, training: Training): Promise<void> {
  const broker = run(work, training, 'kafka.Kafka', ['broker.properties'], join(out, 'broker.jsa'));
  try {
    if (!(await printed(broker, BROKER_READY, training.signal))) return;
    const main = 'org.apache.kafka.connect.cli.ConnectDistributed';
    const connect = run(work, training, main, ['connect.properties'], join(out, 'connect.jsa'));
    await printed(connect, CONNECT_READY, training.signal);
    await finish(connect);
  } finally {
    await finish(broker);
  }
  training.signal.throwIfAborted();
}

type Run = ReturnType<typeof tether>;

function run(work: string, training: Training, main: string, args: readonly string[], archive: string | null): Run {
  const { java, jars, packageRoot, env } = training;
  const options = jvmOptions({ jars, packageRoot, heapMb: 256, archive: null, properties: {} });
  const record = archive === null ? [] : [`-XX:ArchiveClassesAtExit=${archive}`];
  return tether([java.command, ...record, ...options, main, ...args], { cwd: work, env });
}

/** True once the text was printed, false when the process ended or the limit passed first. */
async function printed(child: Run, text: string, signal: AbortSignal): Promise<boolean> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(TRAINING_LIMIT_MS)]);
  return new Promise((resolve) => {
    let seen = '';
    limit.addEventListener('abort', () => resolve(false), { once: true });
    child.stdout.on('data', (chunk: Buffer) => {
      seen = `${seen.slice(-text.length)}${chunk.toString('utf8')}`;
      if (seen.includes(text)) resolve(true);
    });
    void child.then(() => resolve(false));
  });
}

/** Closing the tether ends the JVM with SIGTERM, which is when it writes its archive. */
async function finish(child: Run): Promise<void> {
  child.stdin.end();
  const forced = setTimeout(() => child.kill('SIGKILL'), TRAINING_LIMIT_MS);
  await child;
  clearTimeout(forced);
}

function brokerText(client: number, controller: number): string {
  return [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.voters=1@127.0.0.1:${controller}`,
    `listeners=CLIENT://127.0.0.1:${client},CONTROLLER://127.0.0.1:${controller}`,
    'listener.security.protocol.map=CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name=CLIENT',
    'controller.listener.names=CONTROLLER',
    'log.dirs=./data',
    'offsets.topic.replication.factor=1',
    'offsets.topic.num.partitions=1',
    'group.initial.rebalance.delay.ms=0',
    'authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users=User:ANONYMOUS',
    '',
  ].join('\n');
}

function connectText(client: number, rest: number): string {
  const storage = ['config', 'offset', 'status'].flatMap((kind) => [
    `${kind}.storage.topic=training-${kind}`,
    `${kind}.storage.replication.factor=1`,
  ]);
  return [
    `bootstrap.servers=127.0.0.1:${client}`,
    'group.id=training',
    `listeners=http://127.0.0.1:${rest}`,
    'plugin.discovery=service_load',
    'key.converter=org.apache.kafka.connect.converters.ByteArrayConverter',
    'value.converter=org.apache.kafka.connect.converters.ByteArrayConverter',
    'offset.storage.partitions=1',
    'status.storage.partitions=1',
    ...storage,
    '',
  ].join('\n');
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/**
 * Formats a broker's storage as `kafka-storage format` does: meta.properties (version 1 of
 * org.apache.kafka.metadata.properties.MetaProperties) and the bootstrap checkpoint. Leaves formatted storage alone.
 */
export async function formatStorage(
  directory: string,
  storage: { readonly clusterId: string; readonly nodeId: number; readonly directoryId: string },
  bootstrapCheckpoint: string,
): Promise<void> {
  const meta = join(directory, 'meta.properties');
  if ((await readFile(meta, 'utf8').catch(() => '')).includes('cluster.id=')) return;
  await mkdir(directory, { recursive: true });
  await copyFile(bootstrapCheckpoint, join(directory, 'bootstrap.checkpoint'));
  const lines = [
    'version=1',
    `cluster.id=${storage.clusterId}`,
    `node.id=${storage.nodeId}`,
    `directory.id=${storage.directoryId}`,
  ];
  await writeFile(`${meta}.tmp`, `${lines.join('\n')}\n`);
  await rename(`${meta}.tmp`, meta);
}
