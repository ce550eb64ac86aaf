import type { Acknowledgement } from '../../app/ports/record-client.ts';
import type { KmkError } from '../../domain/errors.ts';
import type { TopicPartition } from '../../domain/topic.ts';
import { BatchBuilder } from '../records/batch-builder.ts';
import type { ProducerIdentity } from '../records/batch-builder.ts';

/** Brokers take 1,048,588 bytes in one batch unless told otherwise. */
const MOST_BYTES = 1_000_000;

/** A run of one send's records within a batch. */
interface Share {
  readonly start: number;
  readonly count: number;
  readonly settle: (outcome: Acknowledgement | KmkError) => void;
}

/** One record batch on its way: its records, who waits for them, and until when it is tried. */
export class Batch {
  readonly builder = new BatchBuilder();
  readonly at: TopicPartition;
  /** `performance.now()` after which it is given up. */
  readonly deadline: number;
  /** Its place among the batches of its partition. */
  readonly order: number;
  /** False once it was taken for sending. */
  isOpen = true;
  /** Kept for every further attempt, so that the broker recognises a batch that it stored already. */
  built: { readonly identity: ProducerIdentity; readonly bytes: Uint8Array } | null = null;
  readonly #shares: Share[] = [];

  constructor(at: TopicPartition, order: number, deadline: number) {
    this.at = at;
    this.order = order;
    this.deadline = deadline;
  }

  /** True when `bytes` more fit; a single record of any size fits an empty batch. */
  hasRoom(bytes: number): boolean {
    return this.builder.count === 0 || this.builder.size + bytes <= MOST_BYTES;
  }

  share(share: Share): void {
    this.#shares.push(share);
  }

  acknowledge(baseOffset: bigint): void {
    for (const { start, count, settle } of this.#shares) {
      settle({ ...this.at, firstOffset: baseOffset + BigInt(start), count });
    }
  }

  fail(error: KmkError): void {
    for (const { settle } of this.#shares) settle(error);
  }
}
