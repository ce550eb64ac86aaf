import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordShape } from '../../../../src/app/produce/record-source.ts';
import { generatedRecords, lineRecords } from '../../../../src/app/produce/record-source.ts';

const SHAPE: RecordShape = { key: null, headers: {}, partition: null, partitions: 3 };
const values = { cluster: 'primary', now: () => 0 };
const textOf = (value: unknown): string => new TextDecoder().decode(value as Uint8Array);

describe('generated records', () => {
  it('have values of exactly the size asked for, in one line of printable text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 20 }), async (size, count) => {
        const records = await generatedRecords(SHAPE, { ...values, size }).take(count);
        expect(records).toHaveLength(count);
        for (const { value } of records) {
          expect(value).toHaveLength(size);
          expect(textOf(value)).toMatch(/^[\x20-\x7e]+$/);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('are numbered on over several takes', async () => {
    const source = generatedRecords(SHAPE, { ...values, size: null });
    const all = [...(await source.take(2)), ...(await source.take(1))];
    expect(all.map(({ value }) => textOf(value))).toEqual(
      [1, 2, 3].map((n) => `message ${n} sent to primary at 1970-01-01T00:00:00.000Z`),
    );
  });

  it('take turns over the partitions, unless a key or a partition decides', async () => {
    const of = async (shape: Partial<RecordShape>) =>
      (await generatedRecords({ ...SHAPE, ...shape }, { ...values, size: 5 }).take(4)).map(
        ({ partition }) => partition,
      );
    expect(await of({})).toEqual([0, 1, 2, 0]);
    expect(await of({ key: 'k' })).toEqual([undefined, undefined, undefined, undefined]);
    expect(await of({ key: 'k', partition: 2 })).toEqual([2, 2, 2, 2]);
  });
});

describe('records of lines', () => {
  it('are one a line and never wait for lines that have not come', async () => {
    async function* lines(): AsyncGenerator<readonly string[]> {
      yield ['a', ''];
      await Promise.resolve();
      yield ['ü'];
    }
    const source = lineRecords({ ...SHAPE, key: 'k', headers: { h: 'v' } }, lines());
    const first = await source.take(10);
    expect(first.map(({ value }) => textOf(value))).toEqual(['a', '']);
    expect(first[0]).toMatchObject({ headers: [{ key: 'h', value: new Uint8Array([0x76]) }] });
    expect((await source.take(10)).map(({ value }) => textOf(value))).toEqual(['ü']);
    expect(await source.take(10)).toEqual([]);
  });

  it('are the bytes they were given', async () => {
    async function* lines(): AsyncGenerator<readonly Uint8Array[]> {
      yield await Promise.resolve([new Uint8Array([0xe9])]);
    }
    const bytes = new Uint8Array([0xff, 0]);
    const [record] = await lineRecords({ ...SHAPE, key: bytes, headers: { h: bytes } }, lines()).take(1);
    expect(record).toMatchObject({ key: bytes, value: new Uint8Array([0xe9]), headers: [{ key: 'h', value: bytes }] });
  });

  it('leave what is more than asked for to the next take', async () => {
    async function* lines(): AsyncGenerator<readonly string[]> {
      yield await Promise.resolve(['a', 'b', 'c']);
    }
    const source = lineRecords(SHAPE, lines());
    expect(await source.take(2)).toHaveLength(2);
    expect(await source.take(2)).toHaveLength(1);
  });
});
