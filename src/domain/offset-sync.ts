import type { Decoded } from './mm2-struct.ts';
import { decodeStruct } from './mm2-struct.ts';

/** One pair of offsets of the same record, as MirrorSourceTask writes it (org.apache.kafka.connect.mirror.OffsetSync). */
export interface OffsetSync {
  /** Name on the source: `orders`. */
  readonly topic: string;
  readonly partition: number;
  readonly upstreamOffset: bigint;
  readonly downstreamOffset: bigint;
}

/** Decodes a record of `mm2-offset-syncs.<other>.internal`; it carries no version. */
export function decodeOffsetSync(key: Uint8Array | null, value: Uint8Array | null): Decoded<OffsetSync> {
  return decodeStruct(key, value, (keyReader, valueReader) => ({
    topic: keyReader.string(),
    partition: keyReader.int32(),
    upstreamOffset: valueReader.int64(),
    downstreamOffset: valueReader.int64(),
  }));
}
