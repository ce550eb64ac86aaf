import { STATE_TOPIC } from '../../domain/cluster-state.ts';
import type { OutgoingRecord, RecordProducer } from '../ports/record-client.ts';

/** Records on their way to the state topic, in the order in which they were given. */
export interface OrderedSends {
  readonly send: (records: readonly OutgoingRecord[]) => void;
  /** Resolves when all of them are on the cluster. Throws what kept the first one from getting there. */
  readonly flush: () => Promise<void>;
  /** Resolves when nothing is on its way any more, whatever became of it. */
  readonly settled: () => Promise<void>;
}

/**
 * What is given while something is on its way goes together, next: a cluster that does not answer is waited for once
 * more, not once for each record.
 */
export function orderedSends(producer: Pick<RecordProducer, 'send'>): OrderedSends {
  let waiting: OutgoingRecord[] = [];
  let failure: Error | null = null;
  let sending: Promise<void> = Promise.resolve();
  const sendWaiting = async (): Promise<void> => {
    const records = waiting;
    if (records.length === 0) return;
    waiting = [];
    await producer.send(STATE_TOPIC, records).catch((error: unknown) => {
      failure ??= error instanceof Error ? error : new Error(String(error));
    });
  };
  return {
    send: (records) => {
      waiting.push(...records);
      sending = sending.then(sendWaiting);
    },
    flush: async () => {
      await sending;
      if (failure !== null) throw failure;
    },
    settled: () => sending,
  };
}
