import { describe, expect, it } from 'vitest';
import type { GroupOffsets, PartitionOffsets } from '../../../src/domain/documents.ts';
import { forecastOf, forecastText } from '../../../src/domain/forecast.ts';

function position(change: Partial<PartitionOffsets> = {}): PartitionOffsets {
  return {
    ...{ topic: 'orders', remoteTopic: 'primary.orders', partition: 0, direction: 'forward', committed: '10' },
    ...{ checkpoint: '7', targetCommitted: '7', translated: '7', exact: null, best: '7', proof: 'conservative' },
    ...{ bound: 3, verdict: 'behind', behindBy: 0, reason: null },
    ...change,
  };
}

const group = (name: string, ...partitions: PartitionOffsets[]): GroupOffsets => {
  return { group: name, type: 'classic', state: 'Empty', partitions };
};

const FACTS = { from: 'primary', to: 'dr', lagRecords: 13, knowledgeAgeMs: 0 };

describe('the forecast of a failover', () => {
  it('adds up what is not copied, what may be read again and who starts at the beginning', () => {
    const groups = [
      group('a', position(), position({ partition: 1, exact: '10', best: '10', proof: 'sync', bound: 0 })),
      group('b', position({ best: null, bound: null, targetCommitted: null, checkpoint: null, verdict: 'missing' })),
    ];
    const forecast = forecastOf({ ...FACTS, groups });
    expect(forecast).toMatchObject({ notCopied: 13, reread: 3, fromBeginning: 1, knowledgeAgeMs: 0 });
    expect(forecast.groups).toEqual([
      { group: 'a', reread: 3, partitionsFromBeginning: 0 },
      { group: 'b', reread: 0, partitionsFromBeginning: 1 },
    ]);
    expect(forecastText(forecast)).toBe(
      '13 records not copied; at most 3 records read again; 1 group from the beginning',
    );
  });

  it('does not count a partition that keeps the commit it has, or that the group never read', () => {
    const kept = position({ best: null, bound: null });
    const never = position({ best: null, bound: null, committed: null, targetCommitted: null });
    expect(forecastOf({ ...FACTS, groups: [group('a', kept, never)] }).fromBeginning).toBe(0);
  });

  it('counts a partition whose copy was created anew: the commit there is of before', () => {
    const anew = position({ best: null, bound: null, recreated: ['target'] });
    const original = position({ best: null, bound: null, recreated: ['source'] });
    const forecast = forecastOf({ ...FACTS, groups: [group('a', anew), group('b', original)] });
    expect(forecast.groups.map(({ partitionsFromBeginning }) => partitionsFromBeginning)).toEqual([1, 0]);
  });

  it('says what is not known instead of zero', () => {
    const forecast = forecastOf({ ...FACTS, lagRecords: null, groups: null });
    expect(forecast).toMatchObject({ notCopied: null, reread: null, fromBeginning: null });
    expect(forecastText(forecast)).toBe('how much is not copied is not known; positions are not known');
  });
});
