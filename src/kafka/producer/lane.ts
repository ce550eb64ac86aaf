import type { KmkError } from '../../domain/errors.ts';
import type { TopicPartition } from '../../domain/topic.ts';
import type { ProducerIdentity } from '../records/batch-builder.ts';
import { Batch } from './batch.ts';

/** Most batches of one partition in flight: brokers remember the last 5 of an idempotent producer. */
const MOST_IN_FLIGHT = 5;

/** Who an idempotent lane writes as. */
export type Identity = Pick<ProducerIdentity, 'producerId' | 'producerEpoch'>;

/** The batches of one partition, in order, and the state of its sequence numbers. */
export class Lane {
  readonly at: TopicPartition;
  identity: Identity | null = null;
  /** True after a batch was given up: the next identity must be a new one. */
  needsNewIdentity = false;
  #nextSequence = 0;
  #nextOrder = 0;
  #queue: Batch[] = [];
  #inFlight = 0;
  #failed: Batch[] = [];

  constructor(at: TopicPartition) {
    this.at = at;
  }

  get isIdle(): boolean {
    return this.#inFlight === 0 && this.#failed.length === 0 && this.#queue.length === 0;
  }

  /** True while an earlier batch waits for its next attempt. */
  get hasFailed(): boolean {
    return this.#failed.length > 0;
  }

  /** The batch that takes the next record of about `bytes`. */
  open(bytes: number, deadline: number): Batch {
    const last = this.#queue.at(-1);
    if (last?.isOpen === true && last.hasRoom(bytes)) return last;
    const batch = new Batch(this.at, this.#nextOrder++, deadline);
    this.#queue.push(batch);
    return batch;
  }

  /** The next batch to send; undefined while there is none, too many are out, or failed ones must go first. */
  take(): Batch | undefined {
    if (this.#inFlight >= MOST_IN_FLIGHT || this.#failed.length > 0) return undefined;
    const batch = this.#queue.shift();
    if (batch === undefined) return undefined;
    batch.isOpen = false;
    this.#inFlight++;
    return batch;
  }

  /** Sequence number for a batch of `count` records. */
  sequence(count: number): number {
    const first = this.#nextSequence;
    // Wraps from 2^31 - 1 to 0.
    this.#nextSequence = (first + count) % 2 ** 31;
    return first;
  }

  acknowledged(batch: Batch, baseOffset: bigint): void {
    batch.acknowledge(baseOffset);
    this.#returned();
  }

  /** Keeps the batch for another attempt, once everything that was sent with it came back. */
  retry(batch: Batch): void {
    this.#failed.push(batch);
    this.#returned();
  }

  /** Gives up a batch that was taken. Later ones must not continue its sequence. */
  abandon(batch: Batch, error: KmkError): void {
    batch.fail(error);
    this.restart();
    this.#returned();
  }

  /** Gives up waiting batches that are past their deadline, or all of them. */
  expire(now: number, error: (batch: Batch) => KmkError): void {
    const expired = this.#queue.filter((batch) => batch.deadline <= now);
    if (expired.length === 0) return;
    this.#queue = this.#queue.filter((batch) => batch.deadline > now);
    for (const batch of expired) batch.fail(error(batch));
    this.restart();
  }

  /** Forgets the identity; batches that are not in flight are built anew with the next one. */
  restart(): void {
    this.identity = null;
    this.needsNewIdentity = true;
    this.#nextSequence = 0;
    for (const batch of [...this.#queue, ...this.#failed]) batch.built = null;
  }

  #returned(): void {
    this.#inFlight--;
    if (this.#inFlight > 0 || this.#failed.length === 0) return;
    this.#queue.unshift(...this.#failed.sort((a, b) => a.order - b.order));
    this.#failed = [];
  }
}
