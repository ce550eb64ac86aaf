import { describe, expect, it } from 'vitest';
import { asCommitted } from '../../../../src/app/failover/as-committed.ts';
import type { GroupOffsets, PartitionOffsets } from '../../../../src/domain/documents.ts';

const position = (change: Partial<PartitionOffsets>): PartitionOffsets => ({
  ...{ topic: 'orders', remoteTopic: 'primary.orders', partition: 0, direction: 'forward', committed: '100' },
  ...{ checkpoint: '90', targetCommitted: '90', translated: '90', exact: null, best: '95', proof: 'conservative' },
  ...{ bound: 5, verdict: 'behind', behindBy: 5, reason: null },
  ...change,
});
const group = (partitions: readonly PartitionOffsets[]): GroupOffsets => ({
  ...{ group: 'billing', type: 'classic', state: 'Stable' },
  partitions,
});

describe('asCommitted', () => {
  it("tells what the move committed where the group has read on since, not the group's own progress as ahead", () => {
    const after = [group([position({ targetCommitted: '160', verdict: 'ahead', behindBy: 0 })])];
    expect(asCommitted([group([position({})])], after)).toEqual([
      group([position({ targetCommitted: '95', behindBy: 0, reason: 'the group has read on to 160 since' })]),
    ]);
    const exact = position({ exact: '95', proof: 'sync', bound: 0 });
    expect(asCommitted([group([exact])], after)[0]?.partitions[0]).toMatchObject({ verdict: 'exact', bound: 0 });
  });

  it('leaves everything else as it was read', () => {
    const where = (change: Partial<PartitionOffsets>): readonly GroupOffsets[] => [group([position(change)])];
    for (const after of [where({ targetCommitted: '95' }), where({ targetCommitted: null }), where({ partition: 7 })]) {
      expect(asCommitted(where({}), after)).toEqual(after);
    }
    const ahead = where({ targetCommitted: '160', verdict: 'ahead' });
    expect(asCommitted(where({ best: null }), ahead)).toEqual(ahead);
    expect(asCommitted([], ahead)).toEqual(ahead);
  });
});
