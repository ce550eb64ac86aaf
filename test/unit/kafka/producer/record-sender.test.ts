import { describe, expect, it } from 'vitest';
import type { OutgoingRecord } from '../../../../src/app/ports/record-client.ts';
import { KmkError } from '../../../../src/domain/errors.ts';
import { partitionKey } from '../../../../src/domain/topic.ts';
import type { ClusterClient } from '../../../../src/kafka/client/cluster-client.ts';
import type { Batch } from '../../../../src/kafka/producer/batch.ts';
import type { BatchWriter } from '../../../../src/kafka/producer/batch-writer.ts';
import { RecordSender } from '../../../../src/kafka/producer/record-sender.ts';

const METADATA = { topics: [{ errorCode: 0, partitions: [{ partitionIndex: 0, leaderId: 1 }] }] };
const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const record = (value: string): OutgoingRecord => ({ key: null, value, partition: 0 });

/** A sender to a cluster that tells the leaders when it is made to, and stores batches in the order of their arrival. */
function senderWith() {
  const questions: { readonly answer: () => void; readonly fail: () => void }[] = [];
  let next = 0n;
  const cluster = {
    bootstrap: 'broker:1',
    retrying: (_: unknown, work: () => Promise<unknown>) => work(),
    metadata: () =>
      new Promise((resolve, reject) => {
        const fail = (): void => reject(new KmkError('KMK_KAFKA_UNREACHABLE', 'no broker answers'));
        questions.push({ answer: () => resolve(METADATA), fail });
      }),
  };
  const writer = {
    write: (_: number, group: readonly { readonly batch: Batch }[]) => {
      const results = group.map(({ batch }) => {
        const baseOffset = next;
        next += BigInt(batch.builder.count);
        return [partitionKey(batch.at), { errorCode: 0, baseOffset, message: null }] as const;
      });
      return Promise.resolve(new Map(results));
    },
  };
  const sender = new RecordSender(cluster as unknown as ClusterClient, writer as unknown as BatchWriter, 10_000);
  return { sender, questions };
}

describe('RecordSender', () => {
  it('stores sends in their order, also where a later one knows the leaders before earlier ones are told', async () => {
    const { sender, questions } = senderWith();
    const sends = ['a', 'b', 'c'].map((value) => sender.send('t', [record(value)]));
    await tick();
    questions[0]?.answer();
    await tick();
    sends.push(sender.send('t', [record('d')]));
    await tick();
    for (const { answer } of questions.slice(1).toReversed()) {
      answer();
      await tick();
    }
    const offsets = (await Promise.all(sends)).map(([at]) => at?.firstOffset);
    expect(offsets).toEqual([0n, 1n, 2n, 3n]);
  });

  it('holds up no later send where an earlier one fails', async () => {
    const { sender, questions } = senderWith();
    const failing = sender.send('t', [record('a')]);
    const refused = expect(failing).rejects.toMatchObject({ code: 'KMK_KAFKA_UNREACHABLE' });
    const later = sender.send('t', [record('b')]);
    await tick();
    questions[1]?.answer();
    questions[0]?.fail();
    await refused;
    expect((await later)[0]?.firstOffset).toBe(0n);
  });
});
