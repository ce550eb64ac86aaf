import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SyncPair } from '../../../src/domain/sync-history.ts';
import { Syncs } from '../../../src/domain/sync-history.ts';

const MOST = 12n;
const offset = fc.bigInt({ min: 0n, max: MOST });
const pair: fc.Arbitrary<SyncPair> = fc.record({
  upstream: offset,
  downstream: offset,
  generation: fc.constantFrom('a', 'b', null),
});
const far = fc.bigInt({ min: 0n, max: 3n });
const regular = far.map((by) => ({ up: by, down: by }));
const irregular = fc.record({ up: fc.bigInt({ min: -3n, max: 3n }), down: far });
/** What source tasks write: they go on, at times with a hole or from further back. */
const steps = fc.array(
  fc.tuple(fc.oneof({ weight: 6, arbitrary: regular }, irregular), fc.constantFrom('a', 'b', 'c')),
  { maxLength: 12 },
);
const written = steps.map((all): readonly SyncPair[] => {
  let [upstream, downstream] = [4n, 0n];
  return all.map(([{ up, down }, of]) => {
    upstream += up;
    downstream += down;
    return { upstream, downstream, generation: of };
  });
});

/** Everything that is asked of syncs. */
function answers(syncs: Syncs) {
  const indexes = [...syncs.pairs.keys()];
  const offsets = Array.from({ length: Number(MOST) + 8 }, (_, at) => BigInt(at) - 4n);
  return {
    ...{ pairs: syncs.pairs, partial: syncs.partial, highest: syncs.highestCopied() },
    usable: offsets.map((at) => syncs.usableAt(at)),
    contiguous: indexes.map((index) => syncs.isContiguous(index)),
    adjacent: indexes.map((index) => syncs.isAdjacent(index)),
    runs: indexes.map((index) => [syncs.beginOfRun(index), syncs.isOneRun(index)]),
    again: indexes.map((index) => offsets.map((at) => syncs.neverSentAgain(index, at))),
  };
}

describe('Syncs', () => {
  it('that grow in portions prove what they prove when they are read at once', () => {
    fc.assert(
      fc.property(fc.oneof(written, fc.array(pair, { maxLength: 10 })), fc.array(fc.nat({ max: 12 })), (all, cuts) => {
        const ends = [...new Set([...cuts.map((cut) => Math.min(cut, all.length)), all.length])].toSorted(
          (a, b) => a - b,
        );
        let [grown, begin] = [new Syncs([]), 0];
        for (const end of ends) {
          grown = grown.followedBy(all.slice(begin, end));
          begin = end;
        }
        expect(answers(grown)).toEqual(answers(new Syncs(all)));
      }),
      { numRuns: 1000 },
    );
  });

  it('stay as they were when more is known', () => {
    const first = new Syncs([{ upstream: 1n, downstream: 1n, generation: 'a' }]);
    const before = answers(first);
    first.followedBy([{ upstream: 5n, downstream: 2n, generation: 'a' }]);
    expect(answers(first)).toEqual(before);
  });
});
