import { KmkError } from '../../domain/errors.ts';
import { clusterLayout } from '../../domain/lab/layout.ts';
import type { Recovery } from '../../domain/documents.ts';
import { CANARY_TOPIC } from '../../domain/replication-policy.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';

/** A promoted cluster serves within milliseconds; this is for one that does not. */
const SERVICE_LIMIT_MS = 30_000;

/**
 * Writes a record on the new active as a client would, reads it back, and gives how long after the cut each succeeded.
 * Throws when the cluster takes no write: then it was not promoted; KMK_WAIT_TIMEOUT where it does not come to an end.
 */
export async function probeService(lab: Lab, alias: string, cutAt: number, signal: AbortSignal): Promise<Recovery> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(SERVICE_LIMIT_MS)]);
  try {
    return await writeAndRead(lab, alias, cutAt, limit);
  } catch (error) {
    if (!limit.aborted || signal.aborted) throw error;
    throw new KmkError(
      'KMK_WAIT_TIMEOUT',
      `no client has written and read a record on "${alias}" within ${SERVICE_LIMIT_MS} ms`,
      { hints: ['Run `kmk status` to see its brokers, and `kmk logs` to see what they say.'], cause: error },
    );
  }
}

async function writeAndRead(lab: Lab, alias: string, cutAt: number, limit: AbortSignal): Promise<Recovery> {
  const { clock, random } = lab.tools;
  const cluster = clusterLayout(lab.layout, alias);
  const { replicationFactor } = cluster;
  await (await adminOf(lab, alias)).createTopic({ topic: CANARY_TOPIC, partitions: 1, replicationFactor }, limit);
  const mark = `service-${random.id(12)}`;
  const producer = await lab.tools.producer(cluster);
  const reader = await lab.tools.reader(cluster);
  try {
    const [written] = await producer.send(CANARY_TOPIC, [{ key: null, value: mark, partition: 0 }], limit);
    const writeMs = clock.now() - cutAt;
    const from = { topic: CANARY_TOPIC, partition: 0, offset: written?.firstOffset ?? 0n };
    const decoder = new TextDecoder();
    await reader.read(
      [from],
      (record) => (record.value !== null && decoder.decode(record.value) === mark ? 'stop' : undefined),
      limit,
    );
    const readMs = clock.now() - cutAt;
    return { writeMs, readMs, rtoMs: Math.max(writeMs, readMs) };
  } finally {
    await Promise.all([producer[Symbol.asyncDispose](), reader[Symbol.asyncDispose]()]);
  }
}
