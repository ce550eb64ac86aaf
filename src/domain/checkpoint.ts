import type { Decoded } from './mm2-struct.ts';
import { decodeStruct } from './mm2-struct.ts';

/** A group's translated position, as MirrorCheckpointConnector emits it (org.apache.kafka.connect.mirror.Checkpoint). */
export interface Checkpoint {
  readonly group: string;
  /** Name on the target: `primary.orders`. */
  readonly topic: string;
  readonly partition: number;
  /** Committed on the source when it was read. */
  readonly upstreamOffset: bigint;
  readonly downstreamOffset: bigint;
  readonly metadata: string;
}

/** Decodes a record of `<source>.checkpoints.internal`. */
export function decodeCheckpoint(key: Uint8Array | null, value: Uint8Array | null): Decoded<Checkpoint> {
  return decodeStruct(key, value, (keyReader, valueReader) => {
    const [group, topic, partition] = [keyReader.string(), keyReader.string(), keyReader.int32()];
    valueReader.version0();
    const [upstreamOffset, downstreamOffset] = [valueReader.int64(), valueReader.int64()];
    return { group, topic, partition, upstreamOffset, downstreamOffset, metadata: valueReader.string() };
  });
}
