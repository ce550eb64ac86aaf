import type { TopicPartitionOffset } from '../../domain/topic.ts';
import type { StoredRecord } from './stored-record.ts';

export type Compression = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

export interface OutgoingHeader {
  readonly key: string;
  readonly value: Uint8Array | null;
}

export interface OutgoingRecord {
  readonly key: Uint8Array | string | null;
  readonly value: Uint8Array | string | null;
  /** A list keeps order, equal names, bytes and absent values. */
  readonly headers?: Readonly<Record<string, string>> | readonly OutgoingHeader[];
  /** Left to the default partitioner (murmur2 of the key, else sticky) when absent. */
  readonly partition?: number;
  readonly timestampMs?: number;
}

/** One acknowledged run of records: `count` records at consecutive offsets from `firstOffset`. */
export interface Acknowledgement {
  readonly topic: string;
  readonly partition: number;
  readonly firstOffset: bigint;
  readonly count: number;
}

/**
 * A client writer over the CLIENT listener, fenced like any other client. `send` rejects with KMK_WRITE_REFUSED when
 * an ACL refuses, KMK_PRODUCE_UNACKNOWLEDGED or KMK_KAFKA_UNREACHABLE otherwise; a rejected batch may still have been
 * stored (the acknowledgement can be lost).
 */
export interface RecordProducer extends AsyncDisposable {
  send(topic: string, records: readonly OutgoingRecord[], signal?: AbortSignal): Promise<readonly Acknowledgement[]>;
}

export interface SubscribeOptions {
  readonly topics: readonly string[];
  readonly group: string;
  /** Where a partition without a commit starts. */
  readonly fromBeginning: boolean;
  /** 0 commits after every batch. */
  readonly commitIntervalMs: number;
  readonly onRecord: (record: StoredRecord) => void | Promise<void>;
  /** Called with the positions committed (next offset to read). */
  readonly onCommit?: (offsets: readonly TopicPartitionOffset[]) => void;
  /** Ends it; what was processed is committed then. */
  readonly signal: AbortSignal;
  /** Once it aborts somebody waits for the end: the last commit is given less time. The same as `signal` when absent. */
  readonly hurry?: AbortSignal;
}

/** A member of a consumer group over the CLIENT listener. */
export interface RecordConsumer {
  /**
   * Runs until the signal aborts, then leaves the group; commits what was processed unless `abandon` was called.
   * Resolves after the last commit; throws KMK_COMMIT_UNACKNOWLEDGED where that was not acknowledged.
   */
  run(options: SubscribeOptions): Promise<void>;
  /** Ends every run at once as a kill would: nothing more is committed and the group is not left. */
  abandon(): void;
}

/** Where a reader starts, and where it ends: `end` is the first offset it leaves, absent where it goes on for ever. */
export interface ReadFrom extends TopicPartitionOffset {
  readonly end?: bigint;
}

/** Reads partitions without a group and commits nothing. */
export interface RecordReader extends AsyncDisposable {
  /**
   * Reads from the given positions until all have come to their ends, the signal aborts or `onRecord` answers "stop"
   * (any other answer goes on); a promise is awaited before the next record of the same broker.
   */
  read(positions: readonly ReadFrom[], onRecord: (record: StoredRecord) => unknown, signal: AbortSignal): Promise<void>;
}
