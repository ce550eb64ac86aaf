import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { translateBack, translateExactly } from '../../../../src/domain/exact-translation.ts';
import { highestPosition } from '../../../../src/domain/offset-translation.ts';
import type { SyncPair } from '../../../../src/domain/sync-history.ts';
import { Syncs } from '../../../../src/domain/sync-history.ts';
import type { ReadSync, SampledSyncs } from '../../../../src/domain/watch/sampled-syncs.ts';
import {
  MOST_SYNCS,
  MOST_SYNCS_IN_ALL,
  sampledHistory,
  thinned,
  withSyncs,
} from '../../../../src/domain/watch/sampled-syncs.ts';
import type { Mirrored } from '../../../helpers/mirror-simulator.ts';
import { exactPosition, mirror, wildPlan } from '../../../helpers/mirror-simulator.ts';

const OF = { flow: 'primary->dr', epoch: 1, clusterIds: { primary: 'P', dr: 'D' } };
const RUNS = { numRuns: 1000 };

const toRead = ({ upstream, downstream, generation = null }: SyncPair): ReadSync => ({
  ...{ topic: 'orders', partition: 0, upstreamOffset: upstream, downstreamOffset: downstream, generation },
});

/** What is known when a watch has read the syncs in those portions and saw no more. */
function sampled(syncs: readonly SyncPair[], cuts: readonly number[]): Syncs {
  const ends = [...new Set(cuts.map((cut) => cut % (syncs.length + 1)))].toSorted((a, b) => a - b);
  let [known, from]: [SampledSyncs | null, number] = [null, 0];
  for (const to of ends) {
    known = withSyncs(known, OF, { syncs: syncs.slice(from, to).map(toRead), next: BigInt(to) });
    from = to;
  }
  const text = JSON.stringify(known ?? withSyncs(null, OF, { syncs: [], next: 0n }));
  return sampledHistory(JSON.parse(text) as SampledSyncs).get('orders/0') ?? new Syncs([], { partial: true });
}

const cuts = fc.array(fc.nat(60), { minLength: 1, maxLength: 6 });

function evidenceOf(mirrored: Mirrored) {
  return { remoteEnd: BigInt(mirrored.log.length), sourceReachable: false, windows: [] };
}

describe('sampled syncs', () => {
  it('never give a position ahead, wherever the watch was cut off, and exact means the very position', () => {
    fc.assert(
      fc.property(wildPlan, cuts, (plan, at) => {
        const mirrored = mirror(plan);
        const syncs = sampled(mirrored.syncs, at);
        for (const committed of mirrored.commits) {
          const { answer } = translateExactly(syncs, committed, evidenceOf(mirrored));
          if (answer === null) continue;
          const exact = exactPosition(mirrored, committed);
          expect(answer.offset).toBeLessThanOrEqual(exact);
          if (answer.exact && !mirrored.overlapping) expect(answer.offset).toBe(exact);
        }
      }),
      RUNS,
    );
  });

  it('never call a right position ahead: the exact one lies within the bound', () => {
    fc.assert(
      fc.property(wildPlan, cuts, (plan, at) => {
        const mirrored = mirror(plan);
        if (mirrored.overlapping) return;
        const syncs = sampled(mirrored.syncs, at);
        const { remoteEnd } = evidenceOf(mirrored);
        if (syncs.last === null || syncs.last.downstream + 1n >= remoteEnd) return;
        for (const committed of mirrored.commits) {
          const exact = exactPosition(mirrored, committed);
          expect(highestPosition(syncs, committed, remoteEnd)).toBeGreaterThanOrEqual(exact);
        }
      }),
      RUNS,
    );
  });

  it('never skip on the way back', () => {
    fc.assert(
      fc.property(wildPlan, cuts, (plan, at) => {
        const mirrored = mirror(plan);
        const syncs = sampled(mirrored.syncs, at);
        for (let position = 0n; position <= BigInt(mirrored.log.length); position += 1n) {
          const { answer } = translateBack(syncs, position, evidenceOf(mirrored));
          const read = new Set(mirrored.log.slice(0, Number(position)));
          const passed = mirrored.log.filter((upstream) => upstream < (answer?.offset ?? 0n) && !read.has(upstream));
          expect(passed).toEqual([]);
        }
      }),
      RUNS,
    );
  });

  it('give the same positions when they are thinned out, where records follow each other', () => {
    fc.assert(
      fc.property(wildPlan, (plan) => {
        const mirrored = mirror({ ...plan, gaps: plan.gaps.map(() => 1) });
        if (mirrored.overlapping) return;
        const [all, few] = [new Syncs(mirrored.syncs), new Syncs(thinned(mirrored.syncs))];
        for (const committed of mirrored.commits) {
          const [a, b] = [all, few].map((syncs) => translateExactly(syncs, committed, evidenceOf(mirrored)).answer);
          expect([b?.offset, b?.exact]).toEqual([a?.offset, a?.exact]);
        }
      }),
      RUNS,
    );
  });

  it('take two entries for a run of a million records, and nothing is kept of a partition full of holes', () => {
    const even = Array.from({ length: 20_000 }, (_, at) => ({
      ...{ upstream: BigInt(at * 50), downstream: BigInt(at * 50), generation: 'a' },
    }));
    expect(thinned(even)).toEqual([even[0], even.at(-1)]);
    const holes = Array.from({ length: MOST_SYNCS + 1 }, (_, at) => ({
      ...{ upstream: BigInt(at * 3), downstream: BigInt(at), generation: 'a' },
    }));
    const known = withSyncs(null, OF, { syncs: holes.map(toRead), next: 9n });
    expect(known.partitions).toEqual({ 'orders/0': null });
    expect(withSyncs(known, OF, { syncs: even.map(toRead), next: 10n })).toMatchObject({
      ...{ next: '10', partitions: { 'orders/0': null } },
    });
    expect([...sampledHistory(known)]).toEqual([]);
  });

  it('are bounded in all, the largest partitions go first', () => {
    const holes = (count: number): readonly SyncPair[] =>
      Array.from({ length: count }, (_, at) => ({ upstream: BigInt(at * 3), downstream: BigInt(at), generation: 'a' }));
    const large = Math.ceil(MOST_SYNCS_IN_ALL / MOST_SYNCS);
    const syncs = Array.from({ length: large + 1 }, (_, partition) =>
      holes(partition === 0 ? 1 : MOST_SYNCS).map((pair) => ({ ...toRead(pair), partition })),
    ).flat();
    const kept = [...sampledHistory(withSyncs(null, OF, { syncs, next: 1n })).keys()];
    expect(kept).toHaveLength(large);
    expect(kept).toContain('orders/0');
  });
});
