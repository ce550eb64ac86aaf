import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinSpans, spanText, Tally } from '../../../../src/app/produce/tally.ts';
import { KmkError } from '../../../../src/domain/errors.ts';

const span = fc
  .tuple(fc.integer({ min: 1, max: 60 }), fc.nat(5))
  .map(([first, more]) => ({ first, last: first + more }));

describe('joinSpans', () => {
  it('covers the same numbers with as few spans as possible, in order', () => {
    fc.assert(
      fc.property(fc.array(span, { maxLength: 12 }), (spans) => {
        const numbers = (list: readonly { first: number; last: number }[]): number[] =>
          list.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, n) => first + n));
        const joined = joinSpans(spans);
        expect(numbers(joined)).toEqual([...new Set(numbers(spans))].toSorted((a, b) => a - b));
        joined.forEach(({ first }, index) => {
          if (index > 0) expect(first).toBeGreaterThan((joined[index - 1]?.last ?? 0) + 1);
        });
      }),
    );
  });
});

describe('a tally', () => {
  it('adds acknowledgements of a partition up, whatever order they come in', () => {
    const tally = new Tally();
    const at = { topic: 't', partition: 2 };
    for (const firstOffset of [10n, 5n, 12n]) {
      const own = { first: 1, last: 2 };
      tally.begin(own);
      tally.acknowledge(own, [{ ...at, firstOffset, count: 2 }], 7);
    }
    expect(tally.partitions()).toEqual([{ partition: 2, firstOffset: '5', lastOffset: '13', count: 6 }]);
    expect(tally).toMatchObject({ acknowledged: 6, bytes: 21 });
  });

  it('names what failed, what is still open and what was never sent', () => {
    const tally = new Tally();
    const [a, b, c] = [
      { first: 1, last: 3 },
      { first: 4, last: 6 },
      { first: 7, last: 7 },
    ];
    [a, b, c].forEach((own) => tally.begin(own));
    tally.acknowledge(b, [{ topic: 't', partition: 0, firstOffset: 0n, count: 3 }], 1);
    tally.fail(new KmkError('KMK_KAFKA_UNREACHABLE', 'first'));
    tally.fail(new KmkError('KMK_KAFKA_UNREACHABLE', 'second'));
    expect(tally.failure?.message).toBe('first');
    expect(tally.unacknowledged(7, 10).map(spanText)).toEqual(['1-3', '7-10']);
    expect(tally.unacknowledged(7, 7).map(spanText)).toEqual(['1-3', '7']);
  });
});
