import { describe, expect, it } from 'vitest';
import { notReturned, refuseNotReturned } from '../../../src/domain/returned.ts';

const mark = (partition: number, u: string | null) => ({ topic: 't', partition, u, d: '9' });
const range = (partition: number, end: bigint) => ({ topic: 't', partition, start: 0n, end });

describe('partitions of a returned cluster', () => {
  it('are back where they end at or behind what was copied from them', () => {
    expect(notReturned([mark(0, '5'), mark(1, '5'), mark(2, null)], [range(0, 5n), range(1, 7n)])).toEqual([]);
  });

  it('are not back below it, nor without a leader', () => {
    expect(notReturned([mark(0, '5'), mark(1, '5')], [range(0, 4n)])).toEqual([
      { topic: 't', partition: 0, wanted: 5n, end: 4n },
      { topic: 't', partition: 1, wanted: 5n, end: null },
    ]);
  });

  it('are refused with what they lack, unless so much may be lost', () => {
    const left = notReturned([mark(0, '5'), mark(1, '5')], [range(0, 4n)]);
    expect(() => refuseNotReturned('primary', left, null)).toThrow(
      '"primary" has not come back whole: t-0 ends at 4 and was copied up to 5',
    );
    expect(() => refuseNotReturned('primary', left, 5)).toThrow('has not come back whole');
    expect(() => refuseNotReturned('primary', left, 6)).not.toThrow();
    expect(() => refuseNotReturned('primary', [], null)).not.toThrow();
  });
});
