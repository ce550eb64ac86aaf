import type { Decoded } from './mm2-struct.ts';
import { decodeStruct } from './mm2-struct.ts';

/**
 * A source that gives no answer is gone once no newer heartbeat has crossed for so long. From one that becomes slow none
 * comes for two round trips (one to be written, one to be read), then one fetch with several at each round trip: up to
 * 5 s each, more than is waited for an answer (3 s).
 */
export const SILENCE_MS = 10_000;

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
