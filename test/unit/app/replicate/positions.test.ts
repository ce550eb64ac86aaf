import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flow } from '../../../../scripts/examples.ts';
import { lagOf, totalLag } from '../../../../src/app/replicate/positions.ts';
import { partitionKey } from '../../../../src/domain/topic.ts';
import { fakeLab } from '../../../fakes/lab.ts';

const FLOW = flow('primary', 'dr');
const LAB = fakeLab();
const at = (topic: string, start: bigint, end: bigint) => ({ topic, partition: 0, start, end });

function lag(topic: string, start: bigint, end: bigint, position: bigint | null): bigint | undefined {
  const positions = new Map(position === null ? [] : [[partitionKey({ topic, partition: 0 }), position]]);
  return lagOf(FLOW, LAB, [at(topic, start, end)], positions)[0]?.lag;
}

describe('lagOf', () => {
  it.each([
    ['copied to the end', 0n, 100n, 100n, 0n],
    ['under way', 0n, 100n, 60n, 40n],
    ['never copied: all that the log holds', 30n, 100n, null, 70n],
    ['overtaken by retention: what is gone cannot be copied', 80n, 100n, 60n, 20n],
    ['truncated below the position', 0n, 50n, 60n, 0n],
    ['empty', 5n, 5n, null, 0n],
  ])('%s', (_case, start, end, position, expected) => {
    expect(lag('orders', start, end, position)).toBe(expected);
  });

  it('is never negative, and never more than the log holds', () => {
    const offset = fc.bigInt({ min: 0n, max: 1000n });
    fc.assert(
      fc.property(offset, offset, fc.option(offset), (start, size, position) => {
        const found = lag('orders', start, start + size, position);
        expect(found).toBeGreaterThanOrEqual(0n);
        expect(found).toBeLessThanOrEqual(size);
      }),
    );
  });

  it('leaves out what the flow does not copy', () => {
    expect(lag('dr.orders', 0n, 10n, null)).toBeUndefined();
    expect(lag('__consumer_offsets', 0n, 10n, null)).toBeUndefined();
  });

  it("sums up users' records only", () => {
    const ranges = [at('orders', 0n, 10n), at('payments', 0n, 5n), at('heartbeats', 0n, 99n), at('kmk-canary', 0n, 9n)];
    const lags = lagOf(FLOW, LAB, ranges, new Map());
    expect(lags).toHaveLength(4);
    expect(totalLag(lags)).toBe(15);
  });
});
