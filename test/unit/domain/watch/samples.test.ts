import { describe, expect, it } from 'vitest';
import type { SampleRound, Samples } from '../../../../src/domain/watch/samples.ts';
import { countPositions, isOf, MOST_POSITIONS, withRound, youngestMs } from '../../../../src/domain/watch/samples.ts';

const OF = { flow: 'primary->dr', epoch: 1, clusterIds: { primary: 'P', dr: 'D' } };

function round(change: Partial<SampleRound> & { readonly offsets?: Readonly<Record<string, bigint>>; atMs?: number }) {
  const { offsets = { 'orders/0': 5n }, atMs = 1000, ...rest } = change;
  const commits = Object.entries(offsets).map(([key, offset]) => {
    const [topic = '', partition = ''] = key.split('/');
    return { topic, partition: Number(partition), offset };
  });
  return {
    ...{ of: OF, topicIds: new Map([['orders', 'one']]), checkpointsEnd: 3n, existing: ['billing'], ends: null },
    loweredMs: 60_000,
    groups: [{ group: 'billing', beganMs: atMs, commits }],
    ...rest,
  };
}

function after(...rounds: readonly SampleRound[]): Samples {
  const last = rounds.reduce<Samples | null>((before, one) => withRound(before, one), null);
  if (last === null) throw new Error('no round');
  return last;
}

describe('withRound', () => {
  it('keeps a commit once its topic has had the same id in two rounds', () => {
    expect(after(round({})).groups['billing']?.offsets).toEqual({});
    expect(after(round({}), round({ atMs: 2000, checkpointsEnd: 9n })).groups['billing']).toEqual({
      ...{ beganMs: 2000, checkpointsEnd: '9', offsets: { 'orders/0': '5' }, lowered: {} },
    });
  });

  it('forgets the commits of a topic that was created anew, also of groups that were not asked since', () => {
    const anew = round({ topicIds: new Map([['orders', 'two']]), groups: [] });
    expect(after(round({}), round({}), anew).groups['billing']?.offsets).toEqual({});
  });

  it('forgets groups that are gone, and everything of other clusters or another epoch', () => {
    expect(after(round({}), round({}), round({ existing: [], groups: [] })).groups).toEqual({});
    for (const other of [{ epoch: 2 }, { clusterIds: { primary: 'Q', dr: 'D' } }, { flow: 'dr->primary' }]) {
      const of = { ...OF, ...other };
      const samples = after(round({}), round({}), round({ of }));
      expect(samples.groups['billing']?.offsets).toEqual({});
      expect([isOf(samples, of), isOf(samples, OF)]).toEqual([true, false]);
    }
  });

  it('remembers that a commit went back for as long as it is told', () => {
    const back = [round({}), round({ offsets: { 'orders/0': 9n } }), round({ atMs: 2000 })];
    expect(after(...back).groups['billing']?.lowered).toEqual({ 'orders/0': 2000 });
    expect(after(...back, round({ atMs: 61_999 })).groups['billing']?.lowered).toEqual({ 'orders/0': 2000 });
    expect(after(...back, round({ atMs: 62_000 })).groups['billing']?.lowered).toEqual({});
    const longer = round({ atMs: 62_000, loweredMs: 125_000 });
    expect(after(...back, longer).groups['billing']?.lowered).toEqual({ 'orders/0': 2000 });
  });

  it('keeps a bounded number of positions, the youngest groups first', () => {
    const commits = Array.from({ length: MOST_POSITIONS - 1 }, (_, partition) => ({
      ...{ topic: 'orders', partition, offset: 1n },
    }));
    const groups = [
      { group: 'old', beganMs: 1000, commits: commits.slice(0, 2) },
      { group: 'large', beganMs: 2000, commits },
      { group: 'small', beganMs: 500, commits: commits.slice(0, 1) },
    ];
    const samples = after(round({}), round({ groups, existing: ['old', 'large', 'small'] }));
    expect(Object.keys(samples.groups).toSorted()).toEqual(['large', 'small']);
    expect([countPositions(samples), youngestMs(samples)]).toEqual([MOST_POSITIONS, 2000]);
  });

  it('keeps the ends of the last look that had any', () => {
    const ends = { atMs: 700, ranges: [{ topic: 'orders', partition: 0, end: 12n }] };
    const kept = { atMs: 700, offsets: { 'orders/0': '12' } };
    expect(after(round({ ends })).ends).toEqual(kept);
    expect(after(round({ ends }), round({})).ends).toEqual(kept);
  });
});
