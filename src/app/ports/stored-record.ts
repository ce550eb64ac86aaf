import type { TopicPartitionOffset } from '../../domain/topic.ts';

/** The batch that a record was written in. */
export interface BatchHeader {
  readonly baseOffset: bigint;
  /** -1 for a producer without idempotence. Each producer that starts without a transactional id gets a new one. */
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

/** A record as it lies in a partition. */
export interface StoredRecord extends TopicPartitionOffset {
  readonly batch?: BatchHeader;
  readonly timestampMs: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly { readonly key: string; readonly value: Uint8Array | null }[];
}
