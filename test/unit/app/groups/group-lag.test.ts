import { describe, expect, it } from 'vitest';
import { commitLags, rangesByPartition, totalOf } from '../../../../src/app/groups/group-lag.ts';

describe('commitLags', () => {
  it('counts what is still there behind each commit', () => {
    const ranges = rangesByPartition([
      { topic: 'a', partition: 0, start: 5n, end: 20n },
      { topic: 'a', partition: 1, start: 0n, end: 3n },
    ]);
    const lags = commitLags(
      [
        { topic: 'gone', partition: 0, offset: 1n },
        { topic: 'a', partition: 1, offset: 9n },
        { topic: 'a', partition: 0, offset: 2n },
      ],
      ranges,
    );
    expect(lags.map(({ topic, partition, end, lag }) => [topic, partition, end, lag])).toEqual([
      ['a', 0, 20n, 15],
      ['a', 1, 3n, 0],
      ['gone', 0, null, null],
    ]);
    expect(totalOf(lags)).toBe(15);
  });
});
