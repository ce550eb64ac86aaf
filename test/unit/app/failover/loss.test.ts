import { describe, expect, it } from 'vitest';
import { lossOf, lossText } from '../../../../src/app/failover/loss.ts';

const ends = (entries: Readonly<Record<string, bigint>>) => ({ at: 0, sourceEnds: new Map(Object.entries(entries)) });
const mark = (topic: string, u: string | null, d = '0') => ({ topic, partition: 0, u, d });

describe('lossOf', () => {
  it('counts what the source held and the target did not, per partition', () => {
    const cut = ends({ 'orders/0': 100n, 'payments/0': 10n });
    expect(lossOf(cut, [mark('orders', '90'), mark('payments', '10')], null)).toEqual({
      ...{ records: 10, ms: null, basis: 'offsets' },
      ranges: [{ topic: 'orders', partition: 0, from: '90', to: '100' }],
    });
  });

  it('does not let one partition make up for another', () => {
    const cut = ends({ 'orders/0': 100n, 'payments/0': 10n });
    expect(lossOf(cut, [mark('orders', '200'), mark('payments', '4')], null).records).toBe(6);
  });

  it('counts everything of a partition that was never copied', () => {
    expect(lossOf(ends({ 'orders/0': 7n, 'orders/1': 3n }), [mark('orders', null)], null).records).toBe(10);
  });

  it("leaves out MM2's and kmk's own topics", () => {
    expect(lossOf(ends({ 'heartbeats/0': 50n, 'kmk-canary/0': 3n, 'dots.and-dashes/0': 1n }), [], null).records).toBe(
      1,
    );
  });

  it('is an estimate from the ends that a watch saw last, where nobody read them before the cut', () => {
    const seen = new Map([['orders/0', 100n]]);
    expect(lossOf({ at: 0, sourceEnds: null }, [mark('orders', '90')], seen)).toEqual({
      ...{ records: 10, ms: null, basis: 'estimate' },
      ranges: [{ topic: 'orders', partition: 0, from: '90', to: '100' }],
    });
    expect(lossOf(ends({ 'orders/0': 95n }), [mark('orders', '90')], seen).records).toBe(5);
  });

  it('is unknown where nobody read the ends before the cut', () => {
    expect(lossOf({ at: 0, sourceEnds: null }, [mark('orders', '90')], null)).toEqual({
      ...{ records: null, ms: null, basis: 'estimate' },
    });
  });

  it('is unknown where copies were made, and no sync tells of which records', () => {
    const cut = ends({ 'orders/0': 100n, 'payments/0': 10n });
    expect(lossOf(cut, [mark('orders', null, '60'), mark('payments', '4', '4')], null)).toEqual({
      ...{ records: null, ms: null, basis: 'offsets' },
      ranges: [{ topic: 'payments', partition: 0, from: '4', to: '10' }],
    });
  });
});

describe('lossText', () => {
  it('names the largest ranges, both ends included, and how sure that is', () => {
    const cut = ends(Object.fromEntries(Array.from({ length: 7 }, (_, at) => [`t${at}/0`, BigInt(at + 1)])));
    expect(lossText(lossOf(cut, [], null))).toBe(
      'not copied: 28 records (t6-0 0 to 6, t5-0 0 to 5, t4-0 0 to 4, t3-0 0 to 3, t2-0 0 to 2, and 2 more)',
    );
    const seen = new Map([['orders/0', 100n]]);
    expect(lossText(lossOf({ at: 0, sourceEnds: null }, [mark('orders', '90')], seen))).toBe(
      'not copied: at least 10 records (orders-0 90 to 99)',
    );
    expect(lossText(lossOf({ at: 0, sourceEnds: null }, [], null))).toBe(
      'how many records were not copied is not known',
    );
  });
});
