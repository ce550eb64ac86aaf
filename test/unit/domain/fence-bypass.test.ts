import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BypassRecord } from '../../../src/domain/fence-bypass.ts';
import { bypassText, writesByProducer } from '../../../src/domain/fence-bypass.ts';

const AT = { topic: 'orders', partition: 2 };
const T0 = Date.parse('2026-01-02T03:04:05.000Z');

const record = (offset: bigint, producerId = 4000n, producerEpoch = 0): BypassRecord => ({
  ...{ offset, producerId, producerEpoch },
  timestampMs: T0 + Number(offset),
});

describe('writesByProducer', () => {
  it('names each record once, under its own producer, whatever the order they came in', () => {
    const someone = fc.record({ id: fc.constantFrom(-1n, 7n, 8n), epoch: fc.constantFrom(0, 1) });
    fc.assert(
      fc.property(fc.array(someone, { maxLength: 60 }), (writers) => {
        const records = writers.map(({ id, epoch }, index) => record(BigInt(index), id, id < 0n ? -1 : epoch));
        const found = writesByProducer(AT, records, []);
        expect(found.reduce((sum, writes) => sum + writes.records, 0)).toBe(records.length);
        for (const { producerId, producerEpoch, firstOffset, lastOffset, records: count } of found) {
          const own = records.filter(
            (at) => at.producerId === BigInt(producerId ?? -1) && at.producerEpoch === (producerEpoch ?? -1),
          );
          expect([own.length, own[0]?.offset, own.at(-1)?.offset]).toEqual([
            ...[count, BigInt(firstOffset), BigInt(lastOffset)],
          ]);
        }
      }),
    );
  });

  it('tells an open transaction of exactly that producer and epoch', () => {
    const known = [
      { producerId: 4000n, producerEpoch: 0, openSince: null },
      { producerId: 4000n, producerEpoch: 1, openSince: 11n },
    ];
    const open = writesByProducer(AT, [record(10n), record(11n, 4000n, 1)], known).map((at) => at.transactionSince);
    expect(open).toEqual([null, '11']);
  });
});

describe('bypassText', () => {
  const textOf = (...records: BypassRecord[]): string[] => writesByProducer(AT, records, []).map(bypassText);

  it('says where, how many, when and who', () => {
    expect(textOf(record(10n), record(11n), record(12n))).toEqual([
      'orders-2 offsets 10 to 12 (3 records, 2026-01-02T03:04:05.010Z to 2026-01-02T03:04:05.012Z) by producer 4000, epoch 0',
    ]);
    expect(textOf(record(9n, -1n, -1))).toEqual([
      'orders-2 offset 9 (2026-01-02T03:04:05.009Z) by a producer without an id',
    ]);
  });

  it('survives a time that no calendar has', () => {
    expect(textOf({ ...record(9n), timestampMs: 9e15 })[0]).toContain('offset 9 (9000000000000000)');
  });
});
