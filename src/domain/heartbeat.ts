import type { Decoded } from './mm2-struct.ts';
import { decodeStruct } from './mm2-struct.ts';

/** A sign of life of a flow, as MirrorHeartbeatConnector emits it (org.apache.kafka.connect.mirror.Heartbeat). */
export interface Heartbeat {
  readonly sourceAlias: string;
  readonly targetAlias: string;
  /** Epoch milliseconds of the emission. */
  readonly timestampMs: number;
}

/** Decodes a record of `heartbeats`. */
export function decodeHeartbeat(key: Uint8Array | null, value: Uint8Array | null): Decoded<Heartbeat> {
  return decodeStruct(key, value, (keyReader, valueReader) => {
    const [sourceAlias, targetAlias] = [keyReader.string(), keyReader.string()];
    valueReader.version0();
    return { sourceAlias, targetAlias, timestampMs: valueReader.timestamp() };
  });
}
