import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SyncPair } from '../../../src/domain/sync-history.ts';
import { Syncs } from '../../../src/domain/sync-history.ts';
import { copyIsAnother } from '../../../src/domain/topic-identity.ts';
import { mirror, mirrorPlan, wildPlan } from '../../helpers/mirror-simulator.ts';

const pair = (upstream: number, downstream: number, generation: string | null = 'g'): SyncPair => ({
  upstream: BigInt(upstream),
  downstream: BigInt(downstream),
  generation,
});

describe('copyIsAnother', () => {
  it('is never said of a copy that is the one that was written to, records sent again and two tasks at once included', () => {
    fc.assert(
      fc.property(wildPlan, (plan) => {
        const { syncs, log } = mirror(plan);
        expect(copyIsAnother(new Syncs(syncs), BigInt(log.length))).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  it('is said of every copy that ends below what the syncs name', () => {
    fc.assert(
      fc.property(mirrorPlan, fc.nat(), (plan, cut) => {
        const { syncs } = mirror(plan);
        fc.pre(syncs.length > 0);
        const highest = Math.max(...syncs.map(({ downstream }) => Number(downstream)));
        expect(copyIsAnother(new Syncs(syncs), BigInt(cut % (highest + 1)))).toBe(true);
      }),
    );
  });

  it.each([
    ['one run that goes on in the new copy', [pair(0, 0), pair(59, 59), pair(60, 0), pair(99, 39)], true],
    ['another run', [pair(0, 0), pair(59, 59), pair(60, 0, 'h'), pair(99, 39, 'h')], true],
    ['runs that cannot be told apart', [pair(0, 0, null), pair(59, 59, null), pair(60, 0, null)], false],
    ['a run that tells late what it wrote before', [pair(0, 0), pair(1, 3, 'h'), pair(2, 2), pair(2, 4, 'h')], false],
    ['everything copied again', [pair(0, 0), pair(59, 59), pair(0, 60, 'h')], false],
  ])('by the syncs of %s: %#', (_what, pairs, anew) => {
    expect(copyIsAnother(new Syncs(pairs), 100n)).toBe(anew);
  });
});
