import { KmkError } from './errors.ts';
import type { Header } from './replay-headers.ts';
import type { TailPart } from './stranded-tail.ts';
import type { TopicPartitionOffset } from './topic.ts';

/**
 * The file that `--stranded export` writes: JSON lines. The first is a `StrandedHead`, the last a `StrandedEnd` (without
 * it the file is not complete), each one between is a record. Bytes are base64, so nothing of a record is lost.
 */
export interface StrandedHead {
  readonly schema: 'kmk.stranded/v1';
  readonly project: string;
  readonly cluster: string;
  readonly clusterId: string;
  /** ISO 8601 UTC. */
  readonly exportedAt: string;
  readonly partitions: readonly TailPart[];
}

export interface StrandedEnd {
  readonly records: number;
}

export interface StrandedRecord extends TopicPartitionOffset {
  readonly timestampMs: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly Header[];
}

/** A line as it is in the file: offset a decimal string, timestamp in ms, bytes base64, absent ones null. */
interface Line {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly timestamp: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: readonly (readonly [string, string | null])[];
}

export function encodeStranded(record: StrandedRecord): string {
  const { topic, partition, offset, timestampMs, key, value, headers } = record;
  const line: Line = {
    ...{ topic, partition, offset: offset.toString(), timestamp: timestampMs },
    ...{ key: toBase64(key), value: toBase64(value) },
    headers: headers.map((header) => [header.key, toBase64(header.value)]),
  };
  return JSON.stringify(line);
}

/** Throws KMK_CONFIG_INVALID for a line that is no record of an export. */
export function decodeStranded(text: string): StrandedRecord {
  const line = parse(text) as Partial<Line> | null;
  if (typeof line?.topic !== 'string' || typeof line.offset !== 'string' || !Array.isArray(line.headers)) {
    throw new KmkError('KMK_CONFIG_INVALID', `"${text.slice(0, 40)}" is no record of an export`);
  }
  const { topic, partition, offset, timestamp, key, value, headers } = line as Line;
  return {
    ...{ topic, partition, offset: BigInt(offset), timestampMs: timestamp },
    ...{ key: fromBase64(key), value: fromBase64(value) },
    headers: headers.map(([name, bytes]) => ({ key: name, value: fromBase64(bytes) })),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function toBase64(bytes: Uint8Array | null): string | null {
  if (bytes === null) return null;
  let text = '';
  // In pieces: a call takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

function fromBase64(text: string | null): Uint8Array | null {
  if (text === null) return null;
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}
