import { describe, expect, it } from 'vitest';
import type { PartitionOffsets } from '../../../src/domain/offsets-documents.ts';
import {
  countPositions,
  MOST_POSITIONS,
  WORST_POSITIONS,
  worstPositions,
} from '../../../src/domain/worst-positions.ts';

function position(partition: number, of: Partial<PartitionOffsets> = {}): PartitionOffsets {
  return {
    ...{ topic: 't', remoteTopic: 'primary.t', partition, direction: 'forward', committed: '1', checkpoint: '1' },
    ...{ targetCommitted: '1', translated: '1', exact: '1', best: '1', proof: 'sync', bound: 0, verdict: 'exact' },
    ...{ behindBy: 0, reason: null, ...of },
  };
}

const manyOf = (size: number) =>
  Array.from({ length: size / 10 }, (_, group) => ({
    group: `g${group}`,
    partitions: Array.from({ length: 10 }, (_, partition) => position(partition)),
  }));

describe('the worst positions', () => {
  it('are all of them where a document may hold them', () => {
    const groups = manyOf(MOST_POSITIONS);
    expect(worstPositions(groups)).toBe(groups);
  });

  it('are those that skip, then those that nobody knows, then those that read most again', () => {
    const groups = [
      { group: 'ahead', partitions: [position(0, { verdict: 'ahead' })] },
      { group: 'far', partitions: [position(0, { verdict: 'behind', behindBy: 900 })] },
      { group: 'near', partitions: [position(0, { verdict: 'behind', behindBy: 3 })] },
      { group: 'lost', partitions: [position(0, { verdict: 'untranslatable' })] },
      ...manyOf(20_000),
    ];
    const worst = worstPositions(groups);
    expect(countPositions(worst)).toBe(WORST_POSITIONS);
    expect(worst.slice(0, 4).map(({ group, partitions }) => [group, partitions.length])).toEqual([
      ['ahead', 1],
      ['far', 1],
      ['near', 1],
      ['lost', 1],
    ]);
  });
});
