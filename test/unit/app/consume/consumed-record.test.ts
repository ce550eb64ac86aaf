import { describe, expect, it } from 'vitest';
import { consumedRecord } from '../../../../src/app/consume/consumed-record.ts';
import type { StoredRecord } from '../../../../src/app/ports/stored-record.ts';

const bytes = (...list: readonly number[]): Uint8Array => new Uint8Array(list);

function record(parts: Partial<StoredRecord>): StoredRecord {
  return {
    topic: 't',
    partition: 0,
    offset: 7n,
    timestampMs: 0,
    key: null,
    value: null,
    headers: [],
    ...parts,
  };
}

describe('a consumed record', () => {
  it('is text where it is text, without a word about encodings', () => {
    const shown = consumedRecord(record({ key: bytes(0x6b), value: bytes(0xc3, 0xbc) }));
    expect(shown).toEqual({
      topic: 't',
      partition: 0,
      offset: '7',
      timestamp: '1970-01-01T00:00:00.000Z',
      key: 'k',
      value: 'ü',
      headers: {},
    });
  });

  it('is base64 where it is not, and says so', () => {
    const headers = [
      { key: 'a', value: bytes(0xff) },
      { key: 'a', value: bytes(0x61) },
      { key: 'b', value: null },
      { key: 'c', value: bytes() },
    ];
    expect(consumedRecord(record({ key: bytes(0xe9), value: bytes(0x63, 0x61, 0x66, 0xe9), headers }))).toMatchObject({
      key: '6Q==',
      value: 'Y2Fm6Q==',
      headers: { a: ['/w==', 'YQ=='], b: null, c: '' },
      keyEncoding: 'base64',
      valueEncoding: 'base64',
      headerEncodings: { a: 'base64' },
    });
  });
});
