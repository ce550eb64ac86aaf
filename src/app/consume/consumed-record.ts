import type { ConsumedRecord } from '../../domain/documents.ts';
import type { StoredRecord } from '../ports/stored-record.ts';

const decoder = new TextDecoder();

/** A record as documents show it: bytes as UTF-8, a header that occurs several times as a list. */
export function consumedRecord(record: StoredRecord): ConsumedRecord {
  const { topic, partition, offset, timestampMs, key, value } = record;
  return {
    topic,
    partition,
    offset: offset.toString(),
    timestamp: new Date(timestampMs).toISOString(),
    key: text(key),
    value: text(value),
    headers: headersOf(record),
  };
}

function headersOf({ headers }: StoredRecord): ConsumedRecord['headers'] {
  const values = new Map<string, string[]>();
  for (const { key, value } of headers) {
    const known = values.get(key);
    if (known === undefined) values.set(key, [text(value) ?? '']);
    else known.push(text(value) ?? '');
  }
  return Object.fromEntries([...values].map(([key, all]) => [key, all.length === 1 ? (all[0] ?? '') : all]));
}

function text(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : decoder.decode(bytes);
}
