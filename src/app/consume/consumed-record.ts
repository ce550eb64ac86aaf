import type { ConsumedRecord, HeaderText } from '../../domain/documents.ts';
import { base64Of, textOf } from '../../domain/record-text.ts';
import type { StoredRecord } from '../ports/stored-record.ts';

/** A record as documents show it: UTF-8 as text, other bytes as base64; a header that occurs several times as a list. */
export function consumedRecord(record: StoredRecord): ConsumedRecord {
  const { topic, partition, offset, timestampMs } = record;
  const key = told(record.key);
  const value = told(record.value);
  return {
    topic,
    partition,
    offset: offset.toString(),
    timestamp: new Date(timestampMs).toISOString(),
    key: key.text,
    value: value.text,
    ...headersOf(record),
    ...(key.base64 ? { keyEncoding: 'base64' } : {}),
    ...(value.base64 ? { valueEncoding: 'base64' } : {}),
  };
}

function headersOf({ headers }: StoredRecord): Pick<ConsumedRecord, 'headers' | 'headerEncodings'> {
  if (headers.length === 0) return { headers: {} };
  const values = new Map<string, (Uint8Array | null)[]>();
  for (const { key, value } of headers) {
    const known = values.get(key);
    if (known === undefined) values.set(key, [value]);
    else known.push(value);
  }
  const binary = [...values].filter(([, all]) => all.some((value) => told(value).base64)).map(([name]) => name);
  const shown = [...values].map(([name, all]) => {
    const texts = all.map((value): HeaderText => {
      if (value === null) return null;
      return binary.includes(name) ? base64Of(value) : told(value).text;
    });
    return [name, texts.length === 1 ? (texts[0] ?? null) : texts] as const;
  });
  if (binary.length === 0) return { headers: Object.fromEntries(shown) };
  return {
    headers: Object.fromEntries(shown),
    headerEncodings: Object.fromEntries(binary.map((name) => [name, 'base64'])),
  };
}

function told(bytes: Uint8Array | null): { readonly text: string | null; readonly base64: boolean } {
  if (bytes === null) return { text: null, base64: false };
  const text = textOf(bytes);
  return text === null ? { text: base64Of(bytes), base64: true } : { text, base64: false };
}
