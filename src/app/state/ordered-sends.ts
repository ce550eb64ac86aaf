import { STATE_TOPIC } from '../../domain/cluster-state.ts';
import type { OutgoingRecord, RecordProducer } from '../ports/record-client.ts';

/** Records on their way to the state topic, in the order in which they were given. */
export interface OrderedSends {
  readonly send: (records: readonly OutgoingRecord[]) => void;
  /** Resolves when all of them are on the cluster; what has failed is sent once more. Throws what keeps them from there. */
  readonly flush: () => Promise<void>;
  /** Resolves when nothing is on its way any more, whatever became of it. */
  readonly settled: () => Promise<void>;
}

/**
 * What is given while something is on its way goes together, next: a cluster that does not answer is waited for once
 * more, not once for each record. What did not get there goes first with what comes next: a key that is sent again has the
 * same value.
 */
export function orderedSends(producer: Pick<RecordProducer, 'send'>): OrderedSends {
  let waiting: OutgoingRecord[] = [];
  let failed: readonly OutgoingRecord[] = [];
  let failure: unknown = null;
  let sending: Promise<void> = Promise.resolve();
  const sendAll = async (): Promise<void> => {
    const records = [...failed, ...waiting];
    waiting = [];
    try {
      await producer.send(STATE_TOPIC, records);
      failed = [];
    } catch (error) {
      failed = records;
      failure = error;
    }
  };
  const sendWaiting = async (): Promise<void> => {
    if (waiting.length > 0) await sendAll();
  };
  return {
    send: (records) => {
      waiting.push(...records);
      sending = sending.then(sendWaiting);
    },
    flush: async () => {
      await sending;
      if (failed.length === 0) return;
      sending = sendAll();
      await sending;
      if (failed.length > 0) throw failure;
    },
    settled: () => sending,
  };
}
