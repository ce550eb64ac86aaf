import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SnapshotGroup } from '../../../src/domain/offsets-snapshot.ts';
import { groupRestore, parseSnapshot, snapshotPosition } from '../../../src/domain/offsets-snapshot.ts';
import type { CommittedOffset } from '../../../src/domain/topic.ts';
import { partitionKey } from '../../../src/domain/topic.ts';

const committed: fc.Arbitrary<CommittedOffset> = fc.record(
  {
    topic: fc.constantFrom('a', 'b', 'primary.a'),
    partition: fc.nat({ max: 2 }),
    offset: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
    leaderEpoch: fc.nat({ max: 3 }),
    metadata: fc.constantFrom('note', 'ünïcode "quoted"'),
  },
  { requiredKeys: ['topic', 'partition', 'offset'] },
);
const commits = fc.uniqueArray(committed, { selector: partitionKey, maxLength: 9 });

function groupOf(positions: readonly CommittedOffset[]): SnapshotGroup {
  return { group: 'g', exists: true, type: 'classic', positions: positions.map(snapshotPosition) };
}

/** What the group's commits are once the plan was carried out. */
function after(now: readonly CommittedOffset[], plan: ReturnType<typeof groupRestore>): ReadonlyMap<string, unknown> {
  const state = new Map(now.map((at) => [partitionKey(at), snapshotPosition(at)]));
  for (const at of plan.put) state.set(partitionKey(at), snapshotPosition(at));
  for (const at of plan.remove) state.delete(partitionKey(at));
  return state;
}

describe('putting a group back', () => {
  it('makes it what it was, whatever it has become', () => {
    fc.assert(
      fc.property(commits, commits, (was, now) => {
        const plan = groupRestore(groupOf(was), now, () => null);
        const wanted = new Map(was.map((at) => [partitionKey(at), snapshotPosition(at)]));
        expect(after(now, plan)).toEqual(wanted);
        expect(plan.left).toEqual([]);
      }),
    );
  });

  it('touches nothing that stands right', () => {
    fc.assert(
      fc.property(commits, (was) => {
        expect(groupRestore(groupOf(was), was, () => null)).toMatchObject({ put: [], remove: [], left: [] });
      }),
    );
  });

  it('leaves topics alone that are not what they were, and says so', () => {
    fc.assert(
      fc.property(commits, commits, (was, now) => {
        const plan = groupRestore(groupOf(was), now, (topic) => (topic === 'a' ? 'gone' : null));
        expect(plan.put.filter(({ topic }) => topic === 'a')).toEqual([]);
        for (const at of plan.left) expect(at).toMatchObject({ topic: 'a', reason: 'gone' });
      }),
    );
  });
});

const WHOLE = {
  schema: 'kmk.offsets-snapshot/v1',
  ...{ project: 'p', cluster: 'dr', clusterId: 'id', takenAt: '2026-11-21T09:30:00.000Z', topicIds: { a: 'x' } },
  groups: [groupOf([{ topic: 'a', partition: 0, offset: 5n }])],
};

describe('a saved snapshot', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(commits, (was) => {
        const snapshot = { ...WHOLE, groups: [groupOf(was)] };
        expect(parseSnapshot(JSON.stringify(snapshot), 'f')).toEqual(snapshot);
      }),
    );
  });

  const withPosition = (change: object) => {
    const [group] = WHOLE.groups;
    return { ...WHOLE, groups: [{ ...group, positions: [{ ...group?.positions[0], ...change }] }] };
  };
  it.each([
    ['text', 'not json', 'is not JSON'],
    ['another document', '{"schema":"kmk.plan/v1"}', 'is a "kmk.plan/v1"'],
    ['a list', '[]', 'is not a snapshot of offsets'],
    ['no cluster id', JSON.stringify({ ...WHOLE, clusterId: undefined }), 'lacks a field'],
    [
      'a group twice',
      JSON.stringify({ ...WHOLE, groups: [...WHOLE.groups, ...WHOLE.groups] }),
      'names group "g" twice',
    ],
    ['an offset that is a number', JSON.stringify(withPosition({ offset: 5 })), 'that is none'],
    ['a negative offset', JSON.stringify(withPosition({ offset: '-1' })), 'that is none'],
    ['an offset past int64', JSON.stringify(withPosition({ offset: '9223372036854775808' })), 'that is none'],
    ['a partition that is no number', JSON.stringify(withPosition({ partition: '0' })), 'that is none'],
    ['a topic that Kafka would not take', JSON.stringify(withPosition({ topic: '../x' })), 'that is none'],
  ])('with %s is refused', (_name, text, problem) => {
    expect(() => parseSnapshot(text, 'kept.json')).toThrow(problem);
  });
});
