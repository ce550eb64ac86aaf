import { KmkError } from '../../domain/errors.ts';
import type { Flow } from '../../domain/setup.ts';
import type { LogRange } from '../../domain/topic.ts';
import { partitionKey } from '../../domain/topic.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import { done, pending, waitUntil } from '../wait-until.ts';
import { copiedUserTopics } from '../replicate/source-topics.ts';

/** A fenced producer may still end its transaction, and needs one request for it. Clients are refused meanwhile. */
const END_LIMIT_MS = 10_000;

/**
 * Waits until no transaction is open on what the flow copies: until then nobody knows whether its records count. Throws
 * KMK_TRANSACTION_OPEN naming the producer of one that stays open.
 */
export async function awaitTransactions(lab: Lab, flow: Flow, signal: AbortSignal): Promise<void> {
  const source = await adminOf(lab, flow.source);
  const topics = await copiedUserTopics(lab, flow, signal);
  let open: LogRange[] = [];
  try {
    await waitUntil(
      lab.tools.clock,
      {
        what: `the transactions on "${flow.source}" to end`,
        timeoutMs: END_LIMIT_MS,
        probe: async () => {
          // Ends first: somebody who writes past the fence meanwhile must not look like a transaction.
          const ends = new Map(
            (await source.logRanges(topics, signal)).map((range) => [partitionKey(range), range.end]),
          );
          const committed = await source.committedRanges(topics, signal);
          open = committed.filter((range) => range.end < (ends.get(partitionKey(range)) ?? 0n));
          return open.length === 0 ? done(undefined) : pending(`${open.length} partitions with an open transaction`);
        },
      },
      signal,
    );
  } catch (error) {
    const [first] = open;
    if (first === undefined || !KmkError.is(error) || error.code !== 'KMK_WAIT_TIMEOUT') throw error;
    throw await transactionOpen(lab, flow, first, signal);
  }
}

/** Says whose transaction is open on the flow's source; `at.end` is where it began. */
export async function transactionOpen(lab: Lab, flow: Flow, at: LogRange, signal: AbortSignal): Promise<KmkError> {
  const producers = await (await adminOf(lab, flow.source)).describeProducers(at, signal);
  const owner = producers.find(({ openSince }) => openSince === at.end);
  const who = owner === undefined ? '' : ` of producer ${owner.producerId}, epoch ${owner.producerEpoch},`;
  const where = `${at.topic}-${at.partition} on "${flow.source}"`;
  return new KmkError('KMK_TRANSACTION_OPEN', `a transaction${who} has been open since offset ${at.end} of ${where}`, {
    hints: [
      'Let its application commit or abort it. One that hangs is ended by `kafka-transactions.sh abort`.',
      'Then run the command again.',
    ],
    context: { topic: at.topic, partition: at.partition, producerId: owner?.producerId.toString() ?? null },
  });
}
