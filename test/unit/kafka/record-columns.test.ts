import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OutgoingRecord } from '../../../src/app/ports/record-client.ts';
import { BatchBuilder } from '../../../src/kafka/records/batch-builder.ts';
import { batchesOf } from '../../../src/kafka/records/batch-reader.ts';
import { hashBytes } from '../../../src/kafka/records/hash-bytes.ts';
import { RecordColumns } from '../../../src/kafka/records/record-columns.ts';

const NOBODY = { producerId: -1n, producerEpoch: -1, baseSequence: -1 };

const part = fc.option(fc.constantFrom('', 'a', 'b', 'x'.repeat(30), 'x'.repeat(29) + 'y'), { nil: null });
const record: fc.Arbitrary<OutgoingRecord> = fc.record({
  key: part,
  value: part,
  headers: fc.constantFrom<Record<string, string>>({}, { h: '1' }, { h: '2' }),
  timestampMs: fc.constantFrom(1_700_000_000_000, 1_700_000_000_001),
});

async function columns(records: readonly OutgoingRecord[], withTimestamps = true): Promise<RecordColumns> {
  const builder = new BatchBuilder();
  for (const one of records) builder.add(one, 0);
  const [batch] = batchesOf(await builder.build(NOBODY, 0, null));
  const block = new RecordColumns(batch!.body, batch!.count, withTimestamps);
  block.addBatch({ ...batch!, baseOffset: 0 }, 0, 0, Infinity);
  return block;
}

describe('records as columns', () => {
  it('are equal, by bytes and by hash, exactly where key, value, headers and timestamp are', async () => {
    const property = fc.asyncProperty(fc.array(record, { minLength: 2, maxLength: 12 }), async (records) => {
      const [one, other] = [await columns(records), await columns(records.toReversed())];
      expect(one.equalRun(0, await columns(records), 0)).toBe(records.length);
      for (const [at, a] of records.entries()) {
        for (const [otherAt, b] of records.toReversed().entries()) {
          const equal = JSON.stringify(a) === JSON.stringify(b);
          expect(one.equalRun(at, other, otherAt) > 0).toBe(equal);
          expect(one.whole(at) === other.whole(otherAt)).toBe(equal);
          expect(Object.is(one.key(at), other.key(otherAt))).toBe(a.key === b.key);
          expect(Object.is(one.value(at), other.value(otherAt))).toBe(a.value === b.value);
        }
      }
    });
    await fc.assert(property, { numRuns: 25 });
  });

  it('are equal in spite of their times where the broker stamps them', async () => {
    const at = (timestampMs: number) => columns([{ key: 'k', value: 'v', timestampMs }], false);
    const [early, late] = [await at(1), await at(2)];
    expect(early.equalRun(0, late, 0)).toBe(1);
    expect(early.whole(0)).toBe(late.whole(0));
  });

  it('keep offset and time, and leave out what lies outside the range', async () => {
    const builder = new BatchBuilder();
    for (const timestampMs of [10, 20, 30, 40]) builder.add({ key: null, value: 'v', timestampMs }, 0);
    const [batch] = batchesOf(await builder.build(NOBODY, 0, null));
    const block = new RecordColumns(batch!.body, batch!.count, true);
    block.addBatch({ ...batch!, baseOffset: 100 }, 0, 101, 103);
    expect([block.count, block.offset(0), block.offset(1), block.timestampMs(1)]).toEqual([2, 101, 102, 30]);
  });
});

describe('hashes of bytes', () => {
  it('do not collide among a hundred thousand that are nearly alike', () => {
    const hashes = new Set<number>();
    const bytes = Buffer.alloc(32);
    for (let value = 1; value <= 100_000; value++) {
      const at = (value % 8) * 4;
      bytes.writeUInt32LE(value, at);
      hashes.add(hashBytes(bytes, 0, 32, 0));
      bytes.writeUInt32LE(0, at);
    }
    expect(hashes.size).toBe(100_000);
    expect([...hashes].every(Number.isSafeInteger)).toBe(true);
  });
});
