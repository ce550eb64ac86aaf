import { clusterLayout } from '../../domain/lab/layout.ts';
import { CANARY_TOPIC } from '../../domain/replication-policy.ts';
import type { Flow } from '../../domain/setup.ts';
import { flowId } from '../../domain/setup.ts';
import { refuseFailed } from '../lab/readiness.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import type { KafkaAdmin } from '../ports/kafka-admin.ts';
import { done, pending, waitUntil } from '../wait-until.ts';

/** The first record of a new flow waits for topic creation and task start; 4 s on two cores. */
const CROSSING_LIMIT_MS = 120_000;

/**
 * Writes a record to the canary topic of the flow's source as a client would and waits until that very record can be
 * read on the target. Gives the milliseconds from its acknowledgement to its sighting.
 */
export async function sendCanary(lab: Lab, flow: Flow, signal: AbortSignal): Promise<number> {
  const { clock, random } = lab.tools;
  const target = await adminOf(lab, flow.target);
  const remoteTopic = lab.layout.policy.remoteTopic(flow.source, CANARY_TOPIC);
  const before = await endOf(target, remoteTopic, signal);
  const mark = `canary-${random.id(12)}`;
  const producer = await lab.tools.producer(clusterLayout(lab.layout, flow.source));
  try {
    await producer.send(CANARY_TOPIC, [{ key: null, value: mark, partition: 0 }], signal);
  } finally {
    await producer[Symbol.asyncDispose]();
  }
  const sentAt = clock.now();
  let from = before;
  await waitUntil(
    clock,
    {
      what: `the canary of flow ${flowId(flow)} to cross`,
      timeoutMs: CROSSING_LIMIT_MS,
      probe: async () => {
        await refuseFailed(
          lab,
          lab.layout.workers.map((worker) => worker.name),
        );
        const end = await endOf(target, remoteTopic, signal);
        if (end <= from) return pending(`"${remoteTopic}" ends at ${end}`);
        const seen: boolean[] = [];
        const decoder = new TextDecoder();
        const { next } = await target.readPartition(
          { topic: remoteTopic, partition: 0 },
          (record) => {
            if (record.value !== null && decoder.decode(record.value) === mark) seen.push(true);
          },
          { from, signal },
        );
        from = next;
        return seen.length > 0 ? done(undefined) : pending(`other canaries up to ${next}`);
      },
    },
    signal,
  );
  return clock.now() - sentAt;
}

/** Waits until a heartbeat of the flow's source can be read on the target. */
export async function awaitHeartbeat(lab: Lab, flow: Flow, signal: AbortSignal): Promise<void> {
  const target = await adminOf(lab, flow.target);
  const topic = lab.layout.policy.remoteHeartbeatsTopic(flow.source);
  await waitUntil(
    lab.tools.clock,
    {
      what: `a heartbeat of flow ${flowId(flow)} to cross`,
      timeoutMs: CROSSING_LIMIT_MS,
      probe: async () => {
        const end = await endOf(target, topic, signal);
        return end > 0n ? done(undefined) : pending(`"${topic}" ends at ${end}`);
      },
    },
    signal,
  );
}

async function endOf(admin: KafkaAdmin, topic: string, signal: AbortSignal): Promise<bigint> {
  const ranges = await admin.logRanges([topic], signal);
  return ranges.find((range) => range.partition === 0)?.end ?? 0n;
}
