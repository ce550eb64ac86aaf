import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  estimateCopiedEnd,
  highestPosition,
  translateForward,
  translateInverse,
} from '../../../src/domain/offset-translation.ts';
import { Syncs } from '../../../src/domain/sync-history.ts';
import { exactPosition, mirror, mirrorPlan } from '../../helpers/mirror-simulator.ts';

const RUNS = { numRuns: 500 };

describe('translateForward', () => {
  it('never passes the exact position, and the bound reaches it', () => {
    fc.assert(
      fc.property(mirrorPlan, (plan) => {
        const mirrored = mirror(plan);
        const end = BigInt(mirrored.log.length);
        const syncs = new Syncs(mirrored.syncs);
        for (const committed of mirrored.commits) {
          const exact = exactPosition(mirrored, committed);
          const answer = translateForward(syncs, committed, end);
          expect(highestPosition(syncs, committed, end)).toBeGreaterThanOrEqual(exact);
          if (answer === null) continue;
          expect(answer.offset).toBeLessThanOrEqual(exact);
          expect(answer.offset + answer.bound).toBeGreaterThanOrEqual(exact);
        }
      }),
      RUNS,
    );
  });

  it('never passes the exact position when any sync was lost, once everything was copied again', () => {
    fc.assert(
      fc.property(mirrorPlan, fc.infiniteStream(fc.boolean()), (plan, arrived) => {
        const mirrored = mirror({ ...plan, finished: true });
        const syncs = new Syncs(mirrored.syncs.filter(() => arrived.next().value === true));
        for (const committed of mirrored.commits) {
          const answer = translateForward(syncs, committed, BigInt(mirrored.log.length));
          if (answer !== null) expect(answer.offset).toBeLessThanOrEqual(exactPosition(mirrored, committed));
        }
      }),
      RUNS,
    );
  });

  it('is exact at every record of a log that was copied once with every record synced', () => {
    fc.assert(
      fc.property(mirrorPlan, ({ gaps }) => {
        const mirrored = mirror({
          ...{ gaps, lagMax: 0, sent: [true], finished: true },
          generations: [{ copies: gaps.length, rewind: 0 }],
        });
        for (const [at, upstream] of mirrored.log.entries()) {
          const answer = translateForward(new Syncs(mirrored.syncs), upstream, BigInt(mirrored.log.length));
          expect(answer).toEqual({ offset: BigInt(at), bound: 0n });
        }
      }),
    );
  });

  it('is the remote end for a group that has read everything', () => {
    expect(translateForward(pairs([0, 0], [9, 9]), 10n, 10n)).toEqual({ offset: 10n, bound: 0n });
  });

  it('counts on the last copy of records that were sent again', () => {
    // A B C | B C D
    const syncs = pairs([0, 0], [1, 1], [2, 2], [1, 3], [2, 4], [3, 5]);
    expect(translateForward(syncs, 1n, 6n)).toEqual({ offset: 3n, bound: 0n });
    expect(translateForward(syncs, 2n, 6n)).toEqual({ offset: 4n, bound: 0n });
  });

  it('does not skip a record when the source died while MM2 was sending again', () => {
    // A B C | B: MM2 itself translates 2 to 4, past the only copy of C.
    expect(translateForward(pairs([0, 0], [1, 1], [2, 2], [1, 3]), 2n, 4n)?.offset).toBe(2n);
  });

  it('says how far off it may be between two syncs', () => {
    expect(translateForward(pairs([0, 0], [100, 80]), 50n, 200n)).toEqual({ offset: 1n, bound: 79n });
  });

  it('knows nothing before the first sync', () => {
    expect(translateForward(pairs([5, 0]), 4n, 10n)).toBeNull();
    expect(translateForward(pairs(), 4n, 10n)).toBeNull();
  });

  it('never passes the remote end', () => {
    expect(translateForward(pairs([5, 50]), 5n, 10n)).toEqual({ offset: 10n, bound: 0n });
  });
});

describe('translateInverse', () => {
  it('never skips: every copied record below the answer has a copy below the position', () => {
    fc.assert(
      fc.property(mirrorPlan, fc.infiniteStream(fc.boolean()), (plan, arrived) => {
        const { log, syncs } = mirror(plan);
        const known = new Syncs(syncs.filter(() => arrived.next().value === true));
        for (let position = 0; position <= log.length; position += 1) {
          const answer = translateInverse(known, BigInt(position));
          if (answer === null) continue;
          const read = new Set(log.slice(0, position));
          expect(log.filter((upstream) => upstream < answer && !read.has(upstream))).toEqual([]);
        }
      }),
      RUNS,
    );
  });

  it('takes back exactly what translateForward gave where every record is synced once', () => {
    const syncs = pairs([3, 0], [5, 1], [6, 2]);
    for (const [upstream, downstream] of [
      [3n, 0n],
      [5n, 1n],
      [6n, 2n],
    ] as const) {
      expect(translateInverse(syncs, downstream)).toBe(upstream);
    }
    expect(translateInverse(syncs, 3n)).toBe(7n);
    expect(translateInverse(pairs([3, 2]), 1n)).toBeNull();
  });
});

describe('estimateCopiedEnd', () => {
  it('is the offset after the last copied record, and never above it', () => {
    fc.assert(
      fc.property(mirrorPlan, (plan) => {
        const { log, syncs } = mirror(plan);
        const copied = log.reduce((end, upstream) => (upstream >= end ? upstream + 1n : end), 0n);
        const estimate = estimateCopiedEnd(new Syncs(syncs), BigInt(log.length));
        if (log.length === 0) {
          expect(estimate).toBeNull();
          return;
        }
        expect(estimate).toBeLessThanOrEqual(copied);
        if (log.at(-1) === copied - 1n) expect(estimate).toBe(copied);
      }),
      RUNS,
    );
  });

  it('does not fall behind a sync while MM2 sends again', () => {
    expect(estimateCopiedEnd(pairs([0, 0], [7, 7], [2, 8]), 9n)).toBe(8n);
  });

  it('leaves out what a failback has settled, and what clients wrote on the other side before it', () => {
    // 60 copied; 15 given up and 30 written on the target, both below 105 on the source now; then 10 copied.
    const begun = pairs([0, 0], [59, 59]).since({ u: 105n, d: 90n });
    expect(estimateCopiedEnd(begun, 90n)).toBe(105n);
    expect(estimateCopiedEnd(begun, 100n)).toBe(115n);
    const synced = pairs([0, 0], [59, 59], [105, 90], [114, 99]).since({ u: 105n, d: 90n });
    expect(estimateCopiedEnd(synced, 100n)).toBe(115n);
    expect(estimateCopiedEnd(pairs().since({ u: 0n, d: 0n }), 7n)).toBe(7n);
  });
});

function pairs(...numbers: readonly (readonly [number, number])[]): Syncs {
  return new Syncs(
    numbers.map(([upstream, downstream]) => ({ upstream: BigInt(upstream), downstream: BigInt(downstream) })),
  );
}
