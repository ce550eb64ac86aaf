import { describe, expect, it } from 'vitest';
import { lossOf } from '../../../../src/app/failover/loss.ts';

const ends = (entries: Readonly<Record<string, bigint>>) => ({ at: 0, sourceEnds: new Map(Object.entries(entries)) });
const mark = (topic: string, u: string | null) => ({ topic, partition: 0, u, d: '0' });

describe('lossOf', () => {
  it('counts what the source held and the target did not, per partition', () => {
    const cut = ends({ 'orders/0': 100n, 'payments/0': 10n });
    expect(lossOf(cut, [mark('orders', '90'), mark('payments', '10')], null)).toEqual({
      ...{ records: 10, ms: null, basis: 'offsets' },
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
    });
    expect(lossOf(ends({ 'orders/0': 95n }), [mark('orders', '90')], seen).records).toBe(5);
  });

  it('is unknown where nobody read the ends before the cut', () => {
    expect(lossOf({ at: 0, sourceEnds: null }, [mark('orders', '90')], null)).toEqual({
      ...{ records: null, ms: null, basis: 'estimate' },
    });
  });
});
