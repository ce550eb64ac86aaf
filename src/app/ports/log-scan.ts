import type { RecordBlock } from '../../domain/alignment/record-block.ts';

/** Some records of a log, in its order. */
export interface ScannedBlock {
  readonly block: RecordBlock;
  /** True for records whose transaction was aborted: no consumer sees them. */
  readonly aborted: boolean;
}

export interface ScanOptions {
  /** Where it starts; the log start where that is later. */
  readonly from: bigint;
  /** Where it ends: no record at or after this is given. */
  readonly to: bigint;
  /** Whether two records with different timestamps differ. */
  readonly withTimestamps: boolean;
  readonly signal: AbortSignal;
}

/** Reads one log for comparison, much faster than as records, one response ahead of its caller. */
export interface LogScan {
  /** The blocks of the next response; null at the end. Throws KmkError as `KafkaAdmin` does. */
  next(): Promise<readonly ScannedBlock[] | null>;
}
