import { KmkError } from '../../domain/errors.ts';
import type { TopicPartition } from '../../domain/topic.ts';
import { kafkaError, mayPass, toKmkError } from '../client/failures.ts';
import type { Batch } from './batch.ts';

const REFUSED: ReadonlySet<string | null> = new Set(['TOPIC_AUTHORIZATION_FAILED', 'CLUSTER_AUTHORIZATION_FAILED']);

/** Refusals of an idempotent producer's numbers: they follow a batch that failed, and pass once that one is in. */
const OUT_OF_STEP: ReadonlySet<string | null> = new Set([
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
]);

export function isOutOfStep(error: unknown): boolean {
  return OUT_OF_STEP.has(kafkaError(error));
}

/** True when the batch should be sent again; a topic that looks gone may only be moving. */
export function isWorthRetrying(error: unknown): boolean {
  return mayPass(error) || kafkaError(error) === 'UNKNOWN_TOPIC_OR_PARTITION';
}

/** What the sender of a batch that was given up is told. */
export function deliveryError(error: unknown, { topic, partition }: TopicPartition, bootstrap: string): unknown {
  const known = toKmkError(error, bootstrap);
  if (!KmkError.is(known)) return known;
  const name = kafkaError(known);
  if (REFUSED.has(name)) {
    return new KmkError('KMK_WRITE_REFUSED', `${bootstrap} refuses writes to topic "${topic}"`, {
      hints: ['Run `kmk status` to see which cluster takes writes.'],
      context: { topic, bootstrap, error: name },
      cause: known,
    });
  }
  if (known.code !== 'KMK_KAFKA_REQUEST') return known;
  const text = `records for ${topic}-${partition} were not acknowledged: ${known.message}`;
  return new KmkError('KMK_PRODUCE_UNACKNOWLEDGED', text, {
    context: { topic, partition, bootstrap, error: name },
    cause: known,
  });
}

/** As `deliveryError`, for a batch; anything unexpected becomes KMK_PRODUCE_UNACKNOWLEDGED too. */
export function batchError(error: unknown, batch: Batch, bootstrap: string): KmkError {
  const known = deliveryError(error, batch.at, bootstrap);
  if (KmkError.is(known)) return known;
  const text = known instanceof Error ? known.message : String(known);
  return new KmkError('KMK_PRODUCE_UNACKNOWLEDGED', `records were not acknowledged: ${text}`, { cause: known });
}
