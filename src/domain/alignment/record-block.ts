/**
 * A run of records of one log, as decoded from a response. Hashes are whole numbers below 2^53; two records count as
 * equal where their `whole` hashes are, or where `equalRun` compared their bytes.
 */
export interface RecordBlock {
  readonly count: number;
  /** Kafka's offsets stay far below 2^53. */
  offset(at: number): number;
  timestampMs(at: number): number;
  /** Of key, value, headers, and of the timestamp where both logs keep the producer's. */
  whole(at: number): number;
  /** NaN for a null key. */
  key(at: number): number;
  /** NaN for a null value. */
  value(at: number): number;
  /** How many records in a row, from `at` here and `otherAt` there on, are equal byte for byte. */
  equalRun(at: number, other: RecordBlock, otherAt: number): number;
}

/** What the comparison keeps of a record that it has to look at again. */
export interface RecordDigest {
  /** How many records of the log were read before it. */
  readonly ordinal: number;
  readonly offset: number;
  readonly timestampMs: number;
  readonly whole: number;
  readonly key: number;
  readonly value: number;
}
