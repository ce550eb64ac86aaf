import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KnownPosition } from '../../../src/domain/position-verdict.ts';
import { judgePosition } from '../../../src/domain/position-verdict.ts';
import { Syncs } from '../../../src/domain/sync-history.ts';
import type { Mirrored } from '../../helpers/mirror-simulator.ts';
import { exactPosition, mirror, mirrorPlan } from '../../helpers/mirror-simulator.ts';

function known(overrides: Partial<KnownPosition>): KnownPosition {
  return {
    ...{ topic: 'orders', remoteTopic: 'primary.orders', partition: 0, remoteStart: 0n, remoteEnd: 100n },
    ...{ committed: null, checkpoint: null, checkpointOf: null, targetCommitted: null, syncs: new Syncs([]) },
    ...{ sourceReachable: false, atLeast: false, windows: [], voidBecause: null },
    ...overrides,
  };
}

const PAIRS = [
  { upstream: 0n, downstream: 0n },
  { upstream: 50n, downstream: 40n },
  { upstream: 90n, downstream: 80n },
];
const SYNCS = new Syncs(PAIRS);

describe('judgePosition', () => {
  it('never calls a position best that would skip, whatever the target and the checkpoint say', () => {
    fc.assert(
      fc.property(mirrorPlan, fc.nat(200), fc.nat(60), fc.nat(60), (plan, commit, rewound, target) => {
        const mirrored = mirror(plan);
        const committed = pick(mirrored.commits, commit);
        const checkpointOf = pick(mirrored.commits, commit + rewound);
        const answer = judgePosition(
          known({
            ...{ committed, syncs: new Syncs(mirrored.syncs), remoteEnd: BigInt(mirrored.log.length) },
            ...{ checkpointOf, checkpoint: exactPosition(mirrored, checkpointOf), targetCommitted: BigInt(target) },
          }),
        );
        const exact = exactPosition(mirrored, committed);
        if (answer.verdict === 'ahead') expect(BigInt(target)).toBeGreaterThan(exact);
        if (answer.best === null) return;
        expect(BigInt(answer.best)).toBeLessThanOrEqual(exact);
        expect(BigInt(answer.best) + BigInt(answer.bound ?? 0)).toBeGreaterThanOrEqual(exact);
      }),
      { numRuns: 1000 },
    );
  });

  it('falls back to the checkpoint of this commit, or of an earlier one, where the syncs begin too late', () => {
    const late = { syncs: new Syncs(PAIRS.slice(2)), committed: 60n, checkpoint: 45n };
    expect(judgePosition(known({ ...late, checkpointOf: 60n }))).toMatchObject({ best: '45', bound: 35 });
    expect(judgePosition(known({ ...late, checkpointOf: 55n }))).toMatchObject({ best: '45', verdict: 'behind' });
    expect(judgePosition(known({ ...late, checkpointOf: 61n }))).toMatchObject({
      ...{ best: null, proof: null, bound: null, verdict: 'untranslatable' },
    });
  });

  it('does not fall back to a checkpoint that rests on a sync which is not usable itself', () => {
    // Copied: 0 to 5, then 0 and 1 again by the next task; the first syncs of the one before were not written.
    const run = (generation: string, upstream: bigint, downstream: bigint) => ({ upstream, downstream, generation });
    const pairs = [run('a', 2n, 2n), run('a', 5n, 5n), run('b', 0n, 6n), run('b', 1n, 7n)];
    for (const [committed, checkpoint] of [
      [0n, 6n],
      [1n, 7n],
    ] as const) {
      const at = { ...{ committed, checkpoint, checkpointOf: committed }, syncs: new Syncs(pairs), remoteEnd: 8n };
      expect(judgePosition(known(at))).toMatchObject({ best: null });
    }
  });

  it('does not take what is committed on the target for proved', () => {
    const between = judgePosition(known({ syncs: SYNCS, committed: 60n, targetCommitted: 60n }));
    expect(between).toMatchObject({ best: '41', bound: 39, verdict: 'untranslatable', behindBy: 0 });
  });

  it.each([
    [{ committed: 50n, targetCommitted: 40n }, 'behind', 0],
    [{ committed: 50n, targetCommitted: 10n }, 'behind', 30],
    [{ committed: 50n, checkpoint: 10n, checkpointOf: 20n }, 'behind', 30],
    [{ committed: 50n, targetCommitted: 41n }, 'ahead', 0],
    [{ committed: 60n, targetCommitted: 81n }, 'ahead', 0],
    [{ committed: 50n }, 'missing', null],
    [{}, 'missing', null],
    [{ targetCommitted: 3n }, 'untranslatable', null],
  ] as const)('judges %o: %s', (position, verdict, behindBy) => {
    expect(judgePosition(known({ syncs: SYNCS, ...position }))).toMatchObject({ verdict, behindBy });
  });

  it('calls nothing exact of a commit that is only known at least', () => {
    const syncs = new Syncs(PAIRS.map((pair) => ({ ...pair, generation: '1:0' })));
    const proved = judgePosition(known({ syncs, committed: 50n, remoteEnd: 81n }));
    expect(proved).toMatchObject({ best: '40', exact: '40', proof: 'sync' });
    const atLeast = judgePosition(
      known({ syncs, committed: 50n, remoteEnd: 81n, atLeast: true, targetCommitted: 40n }),
    );
    expect(atLeast).toMatchObject({ best: '40', exact: null, proof: 'conservative', bound: 0, verdict: 'behind' });
  });

  it('starts where the remote log starts', () => {
    const cut = known({ syncs: SYNCS, committed: 50n, remoteStart: 60n, targetCommitted: 60n });
    expect(judgePosition(cut)).toMatchObject({ best: '60', bound: 0, verdict: 'behind' });
  });
});

function pick(commits: Mirrored['commits'], index: number): bigint {
  return commits[index % commits.length]!;
}
