import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StoredRecord } from '../../../src/app/ports/stored-record.ts';
import type { OutgoingRecord } from '../../../src/app/ports/record-client.ts';
import { codecFor, COMPRESSIONS } from '../../../src/kafka/compression/codecs.ts';
import { BatchBuilder } from '../../../src/kafka/records/batch-builder.ts';
import { batchesOf, recordsOf } from '../../../src/kafka/records/batch-reader.ts';
import { crc32c } from '../../../src/kafka/records/crc32c.ts';

const AT = { topic: 't', partition: 2 };
const NOBODY = { producerId: -1n, producerEpoch: -1, baseSequence: -1 };
const NOW_MS = 1_700_000_000_000;

const part = fc.option(fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.string({ unit: 'grapheme', maxLength: 40 })), {
  nil: null,
});
const record: fc.Arbitrary<OutgoingRecord> = fc.record(
  {
    key: part,
    value: part,
    headers: fc.dictionary(fc.string({ maxLength: 8 }), fc.string({ unit: 'grapheme', maxLength: 20 }), { maxKeys: 3 }),
    timestampMs: fc.integer({ min: 0, max: 4_000_000_000_000 }),
  },
  { requiredKeys: ['key', 'value'] },
);

async function build(records: readonly OutgoingRecord[], code = 0): Promise<Uint8Array> {
  const builder = new BatchBuilder();
  for (const one of records) builder.add(one, NOW_MS);
  return builder.build(NOBODY, code, code === 0 ? null : await codecFor(code));
}

async function read(bytes: Uint8Array, from = 0n): Promise<StoredRecord[]> {
  const batches = await Promise.all(batchesOf(bytes).map((batch) => recordsOf(batch, AT, from)));
  return batches.flat();
}

function bytesOf(value: Uint8Array | string | null): Buffer | null {
  return value === null ? null : Buffer.from(value);
}

function expected(records: readonly OutgoingRecord[]) {
  return records.map((one, index) => ({
    ...{ ...AT, offset: BigInt(index), timestampMs: one.timestampMs ?? NOW_MS },
    key: bytesOf(one.key),
    value: bytesOf(one.value),
    headers: Object.entries(one.headers ?? {}).map(([key, value]) => ({ key, value: Buffer.from(value) })),
    batch: { baseOffset: 0n, producerId: -1n, producerEpoch: -1 },
  }));
}

describe('record batches', () => {
  it.each(COMPRESSIONS.map((name, code) => ({ name, code })))('come back as written with $name', async ({ code }) => {
    const property = fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 20 }), async (records) => {
      expect(await read(await build(records, code))).toEqual(expected(records));
    });
    await fc.assert(property, { numRuns: 40 });
  });

  it('of many megabytes come back with every codec, also where the frame does not state its size', async () => {
    const value = Buffer.alloc(6_000_000, 'kmk ');
    for (const code of COMPRESSIONS.keys()) {
      const [found] = await read(await build([{ key: null, value }], code));
      expect(value.equals(found?.value ?? Buffer.alloc(0))).toBe(true);
    }
  });

  it('have the checksum of everything after it', async () => {
    const bytes = Buffer.from(await build([{ key: 'k', value: 'v' }]));
    expect(bytes.readUInt32BE(17)).toBe(crc32c(bytes, 21, bytes.length));
    expect(crc32c(Buffer.from('xx123456789xx'), 2, 11)).toBe(0xe3069283);
  });

  it('are read from an offset on', async () => {
    const records = Array.from({ length: 10 }, (_, index) => ({ key: null, value: String(index) }));
    const found = await read(await build(records), 7n);
    expect(found.map((one) => one.offset)).toEqual([7n, 8n, 9n]);
  });

  it('that are cut off at the end of a response are left for the next one', async () => {
    const bytes = await build([{ key: null, value: 'x' }]);
    for (let length = 0; length < bytes.length; length++) {
      expect(batchesOf(Buffer.concat([bytes, bytes.subarray(0, length)]))).toHaveLength(1);
    }
  });

  it('of another format are refused by name', async () => {
    const bytes = Buffer.from(await build([{ key: null, value: 'x' }]));
    bytes.writeInt8(1, 16);
    expect(() => batchesOf(bytes)).toThrow(/record format 1/);
  });

  it('with any bit changed since they were written are refused', async () => {
    const bytes = Buffer.from(await build([{ key: 'key', value: 'value' }]));
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 21, max: bytes.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        async (at, mask) => {
          const changed = Buffer.from(bytes);
          changed[at] = (changed[at] ?? 0) ^ mask;
          await expect(read(changed)).rejects.toThrow(/checksum of the batch at t-2 offset 0 is wrong/);
        },
      ),
    );
  });

  it('that contradict themselves are never read beyond their end', async () => {
    const bytes = Buffer.from(await build([{ key: 'key', value: 'value' }]));
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 57, max: bytes.length - 1 }),
        fc.integer({ min: 0, max: 255 }),
        async (at, byte) => {
          const broken = Buffer.from(bytes);
          broken[at] = byte;
          broken.writeUInt32BE(crc32c(broken, 21, broken.length), 17);
          const outcome = await read(broken).catch((error: unknown) => String(error));
          if (typeof outcome === 'string') expect(outcome).toMatch(/malformed response/);
          else expect(outcome.length).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});
