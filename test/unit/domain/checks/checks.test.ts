import { describe, expect, it } from 'vitest';
import { countsEqual, needsCounting } from '../../../../src/domain/checks/counts-equal.ts';
import { flowRunning } from '../../../../src/domain/checks/flow-running.ts';
import { checkpointsFresh, offsetsNotAhead } from '../../../../src/domain/checks/groups.ts';
import { evaluateAll, overallVerdict } from '../../../../src/domain/checks/index.ts';
import type { PartitionPair } from '../../../../src/domain/checks/snapshot.ts';
import { configsEqual, partitionsEqual, topicsIdentity, topicsPresent } from '../../../../src/domain/checks/topics.ts';
import type { PartitionOffsets } from '../../../../src/domain/documents.ts';
import { flow, partition, topic } from './snapshots.ts';

describe('a flow in order', () => {
  it('passes every check', () => {
    const checks = evaluateAll([flow()]);
    expect(checks.filter(({ verdict }) => verdict === 'fail' || verdict === 'inconclusive')).toEqual([]);
    expect(overallVerdict(checks)).toBe('pass');
  });
});

describe('the overall verdict', () => {
  it('is the worst one, a question that is open being worse than nothing to check', () => {
    const of = (...verdicts: ('pass' | 'fail' | 'inconclusive' | 'skipped')[]) =>
      overallVerdict(verdicts.map((verdict) => ({ id: 'x', verdict, message: '' })));
    expect(of('pass', 'skipped')).toBe('pass');
    expect(of('pass', 'inconclusive')).toBe('inconclusive');
    expect(of('inconclusive', 'fail', 'pass')).toBe('fail');
  });
});

describe('flow.running', () => {
  it.each([
    ['running', 'pass'],
    ['paused', 'inconclusive'],
    ['stopped', 'inconclusive'],
    ['unknown', 'inconclusive'],
    ['faulted', 'fail'],
    ['absent', 'fail'],
  ] as const)('%s: %s', (state, verdict) => {
    expect(flowRunning([flow({ state })]).verdict).toBe(verdict);
  });
});

describe('topics', () => {
  it('fails for a topic without a copy, and names both', () => {
    const { verdict, message } = topicsPresent([flow({ topics: [topic({ targetPartitions: null })] })]);
    expect(verdict).toBe('fail');
    expect(message).toContain('"primary.orders" of "orders"');
  });

  it.each([
    [['source'], 'its first records may have no copy'],
    [['target'], 'positions in it may pass unread records'],
    [['source', 'target'], 'records may have no copy, and positions may pass unread ones'],
  ] as const)('fails for one that was created anew on %j, and says what that means', (sides, meaning) => {
    const reason = '"orders" on "primary" was deleted and created anew';
    expect(topicsIdentity([flow({ recreated: [{ sides, reason }] })])).toEqual({
      id: 'topics.identity',
      verdict: 'fail',
      message: `${reason}: ${meaning}`,
    });
    expect(topicsIdentity([flow()]).verdict).toBe('pass');
  });

  it('fails for another number of partitions', () => {
    expect(partitionsEqual([flow({ topics: [topic({ targetPartitions: 2 })] })])).toMatchObject({ verdict: 'fail' });
  });

  it('fails for settings that differ, are missing, or are only on the copy', () => {
    const of = (sourceConfig: Record<string, string>, targetConfig: Record<string, string>) =>
      configsEqual([flow({ topics: [topic({ sourceConfig, targetConfig })] })]);
    expect(of({ a: '1' }, { a: '1' }).verdict).toBe('pass');
    expect(of({ a: '1' }, { a: '2' }).message).toContain('a is 1 on "orders", 2 on "primary.orders"');
    expect(of({ a: '1' }, {}).verdict).toBe('fail');
    expect(of({}, { a: '1' }).verdict).toBe('fail');
  });
});

describe('counts.equal', () => {
  const judge = (change: Partial<PartitionPair>, policy: 'default' | 'identity' = 'default') =>
    countsEqual([flow({ policy, topics: [topic({ partitions: [partition(change)] })] })]);

  it.each([
    ['fewer on the target', { counted: { source: 10, target: 8 } }, 'fail', '2 are missing'],
    [
      'fewer, but on their way',
      { counted: { source: 10, target: 8 }, inFlight: 2n },
      'inconclusive',
      '2 are in flight',
    ],
    ['fewer, after its own retention', { counted: { source: 10, target: 8 }, targetStart: 3n }, 'inconclusive', ''],
    ['more on the target', { counted: { source: 10, target: 12 } }, 'fail', '2 too many'],
    ['more, while it grows', { counted: { source: 10, target: 12 }, growing: true }, 'inconclusive', ''],
    [
      'more, after retention on the source',
      { counted: { source: 7, target: 12 }, sourceStart: 3n },
      'inconclusive',
      '',
    ],
    [
      'markers only: other log ends, as many records',
      { sourceEnd: 11n, counted: { source: 10, target: 10 } },
      'pass',
      '',
    ],
    ['too large to count', { targetEnd: 9n }, 'inconclusive', 'too large'],
  ] as const)('%s', (_name, change, verdict, text) => {
    const result = judge(change);
    expect(result.verdict).toBe(verdict);
    expect(result.message).toContain(text);
  });

  it('leaves more on the target open under the identity policy', () => {
    expect(judge({ counted: { source: 10, target: 12 } }, 'identity').verdict).toBe('inconclusive');
    expect(judge({ counted: { source: 10, target: 8 } }, 'identity').verdict).toBe('fail');
  });

  it('does not compare compacted topics, and says so', () => {
    const compacted = topic({
      sourceConfig: { 'cleanup.policy': 'compact,delete' },
      partitions: [partition({ targetEnd: 3n })],
    });
    expect(countsEqual([flow({ topics: [compacted] })])).toMatchObject({ verdict: 'skipped' });
    expect(needsCounting(compacted, partition({ targetEnd: 3n }))).toBe(false);
    expect(needsCounting(topic(), partition({ targetEnd: 3n }))).toBe(true);
    expect(needsCounting(topic(), partition())).toBe(false);
  });
});

describe('checkpoints.fresh', () => {
  const judge = (upstream: bigint | null) =>
    checkpointsFresh([flow({ checkpoints: [{ group: 'g', topic: 'orders', partition: 0, committed: 5n, upstream }] })])
      .verdict;
  it('fails when the checkpoint is older than the commit, and is open without one', () => {
    expect([judge(4n), judge(5n), judge(6n), judge(null)]).toEqual(['fail', 'pass', 'pass', 'inconclusive']);
    expect(checkpointsFresh([flow()]).verdict).toBe('skipped');
  });
});

describe('offsets.not-ahead', () => {
  const judge = (...verdicts: PartitionOffsets['verdict'][]) =>
    offsetsNotAhead([
      flow({
        groups: verdicts.map((verdict) => ({
          group: 'g',
          type: 'classic' as const,
          state: 'Empty',
          partitions: [{ verdict, remoteTopic: 'primary.orders', partition: 0 } as PartitionOffsets],
        })),
      }),
    ]);
  it('fails for a single position that is ahead', () => {
    expect(judge('behind', 'exact', 'missing').verdict).toBe('pass');
    expect(judge('behind', 'ahead').verdict).toBe('fail');
    expect(judge('untranslatable').message).toContain('1 can not be judged');
    expect(judge().verdict).toBe('skipped');
  });
});

describe('groups of a flow whose target was promoted', () => {
  const partitions = [{ verdict: 'ahead', remoteTopic: 'orders', partition: 0 } as PartitionOffsets];
  const promoted = flow({
    ...{ promoted: true, groups: [{ group: 'g', type: 'classic', state: 'Empty', partitions }] },
    checkpoints: [{ group: 'g', topic: 'orders', partition: 0, committed: 5n, upstream: 4n }],
  });
  it('make their own progress there: neither what they read nor what MM2 last said of them is a fault', () => {
    for (const check of [offsetsNotAhead, checkpointsFresh]) {
      expect(check([promoted]).verdict).toBe('skipped');
      expect(check([promoted]).message).toContain('promoted');
      expect(check([promoted, { ...promoted, promoted: false }]).verdict).toBe('fail');
    }
  });
});
