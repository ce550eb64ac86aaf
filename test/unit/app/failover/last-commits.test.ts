import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { atEnds } from '../../../../src/app/failover/last-commits.ts';
import type { GroupOffsets } from '../../../../src/domain/documents.ts';

/** A group with a commit on one partition, whose best known position is a guess that lies before it. */
function groupWith(committed: string | null, best: string | null): GroupOffsets {
  const at = { topic: 'orders', remoteTopic: 'primary.orders', partition: 0, direction: 'forward' as const };
  const unknown = { checkpoint: null, targetCommitted: null, translated: best, exact: null, behindBy: null };
  const known = {
    ...unknown,
    best,
    proof: 'conservative' as const,
    bound: 9,
    verdict: 'missing' as const,
    reason: null,
  };
  return { group: 'g', type: 'classic', state: 'Empty', partitions: [{ ...at, ...known, committed }] };
}

describe('atEnds', () => {
  it('puts a group that has read the last record at the end of the copy, and leaves any other where it was', () => {
    fc.assert(
      fc.property(fc.nat(100), fc.nat(100), fc.nat(100), (committed, last, copyEnd) => {
        const group = groupWith(String(committed), '0');
        const remote = new Map([['primary.orders/0', BigInt(copyEnd)]]);
        const [at] = atEnds([group], { 'orders/0': String(last) }, remote)[0]?.partitions ?? [];
        if (committed < last) expect(at).toEqual(group.partitions[0]);
        else expect(at).toMatchObject({ exact: String(copyEnd), best: String(copyEnd), bound: 0, proof: 'end-of-log' });
      }),
    );
  });

  it('answers nothing for a group without a commit, and for what it knows no end of', () => {
    const remote = new Map([['primary.orders/0', 7n]]);
    for (const [group, lasts] of [
      [groupWith(null, null), { 'orders/0': '7' }],
      [groupWith('7', '3'), {}],
    ] as const) {
      expect(atEnds([group], lasts, remote)).toEqual([group]);
    }
    expect(atEnds([groupWith('7', '3')], { 'orders/0': '7' }, new Map())).toEqual([groupWith('7', '3')]);
  });
});
