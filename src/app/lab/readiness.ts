import { KmkError } from '../../domain/errors.ts';
import type { ClusterLayout } from '../../domain/lab/layout.ts';
import { clusterLayout } from '../../domain/lab/layout.ts';
import { START_MARK } from '../../domain/lab/service-spec.ts';
import { done, pending, waitUntil } from '../wait-until.ts';
import type { Lab } from './lab.ts';
import { connectOf, workerOf } from './lab.ts';

/**
 * JVM start on a loaded machine; a warm one needs about 3 s. With 14 processes for each of two cores a worker in a
 * container took more than 90 s. One that ends is noticed at once.
 */
const START_LIMIT_MS = 240_000;

/** Waits until every broker of the cluster is registered. Fails at once when one of its processes has ended. */
export async function awaitCluster(lab: Lab, alias: string, signal: AbortSignal): Promise<void> {
  const cluster = clusterLayout(lab.layout, alias);
  const startedAt = lab.tools.clock.now();
  await waitUntil(
    lab.tools.clock,
    {
      what: `the brokers of "${alias}"`,
      timeoutMs: START_LIMIT_MS,
      intervalMs: 100,
      probe: async () => {
        await refuseFailed(lab, [...cluster.brokers.map((broker) => broker.name), 'gate']);
        const { brokers } = await (await lab.tools.admin(cluster)).describeCluster(signal);
        return brokers.length >= cluster.brokers.length
          ? done(undefined)
          : pending(`${brokers.length} of ${cluster.brokers.length} brokers`);
      },
    },
    signal,
  );
  announce(lab, cluster, lab.tools.clock.now() - startedAt);
}

/** Waits until the Connect worker of the cluster answers. */
export async function awaitWorker(lab: Lab, alias: string, signal: AbortSignal): Promise<void> {
  const worker = workerOf(lab, alias);
  const startedAt = lab.tools.clock.now();
  await waitUntil(
    lab.tools.clock,
    {
      what: `the connect worker of "${alias}"`,
      timeoutMs: START_LIMIT_MS,
      probe: async () => {
        await refuseFailed(lab, [worker.name]);
        // The REST server listens before the herder has joined its group: only /connectors tells.
        await connectOf(lab, alias).connectors(signal);
        return done(undefined);
      },
    },
    signal,
  );
  const endpoint = `127.0.0.1:${worker.restPort}`;
  lab.tools.events.emit('service.ready', {
    name: worker.name,
    kind: 'connect',
    endpoint,
    afterMs: lab.tools.clock.now() - startedAt,
  });
}

/**
 * Throws KMK_SERVICE_EXITED when one of the services has ended by itself and KMK_SERVICE_UNHEALTHY when its health check
 * has given it up, each with the end of its log; KMK_ENV_DISK and KMK_ENV_PORT_TAKEN where the log says so.
 */
export async function refuseFailed(lab: Lab, names: readonly string[]): Promise<void> {
  const services = await lab.runtime.list();
  const ended = services.find(
    (service) => names.includes(service.name) && (service.state === 'exited' || service.unhealthy),
  );
  if (ended === undefined) return;
  const tail = await lab.runtime.tail(ended.name, 200);
  const lines = tail.slice(tail.findLastIndex((line) => line.startsWith(START_MARK)) + 1);
  const full = lines.find((line) => line.includes('No space left on device'));
  if (full !== undefined) {
    throw new KmkError(
      'KMK_ENV_DISK',
      `service "${ended.name}" ${ended.unhealthy ? 'hangs' : 'stopped'}: no space left on the disk`,
      {
        hints: ['Free space, or choose another place with `--state-dir DIR`.', `Its log is "${ended.log}".`],
        context: { service: ended.name, log: ended.log },
      },
    );
  }
  const taken = /Address already in use|BindException/.test(lines.join('\n'));
  if (taken) {
    throw new KmkError(
      'KMK_ENV_PORT_TAKEN',
      `a port of "${ended.name}" (${ended.endpoint}) was taken while it started`,
      {
        hints: ['Run `kmk deploy` again: it takes other ports where the file does not name them.'],
        context: { service: ended.name, log: ended.log },
      },
    );
  }
  const telling = lines.filter((line) => /\b(ERROR|FATAL)\b|Exception\b|[Ee]rror:/.test(line)).slice(-3);
  const [code, what] = ended.unhealthy
    ? (['KMK_SERVICE_UNHEALTHY', 'is unhealthy'] as const)
    : (['KMK_SERVICE_EXITED', 'stopped by itself'] as const);
  throw new KmkError(code, `service "${ended.name}" ${what}`, {
    hints: [
      ...(telling.length > 0 ? telling : lines.slice(-3)).map((line) => `It said: ${line.slice(0, 300)}`),
      `Its log is "${ended.log}".`,
    ],
    context: { service: ended.name, log: ended.log },
  });
}

function announce(lab: Lab, cluster: ClusterLayout, afterMs: number): void {
  for (const broker of cluster.brokers) {
    const endpoint = `127.0.0.1:${broker.client}`;
    lab.tools.events.emit('service.ready', { name: broker.name, kind: 'broker', endpoint, afterMs });
  }
}
