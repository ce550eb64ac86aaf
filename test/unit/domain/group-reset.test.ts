import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ResetTarget } from '../../../src/domain/group-reset.ts';
import { resetOffset } from '../../../src/domain/group-reset.ts';

const range = fc
  .tuple(fc.bigInt({ min: 0n, max: 100n }), fc.bigInt({ min: 0n, max: 100n }))
  .map(([start, length]) => ({ topic: 't', partition: 0, start, end: start + length }));
const target: fc.Arbitrary<ResetTarget> = fc.oneof(
  fc.constantFrom<ResetTarget>({ kind: 'earliest' }, { kind: 'latest' }, { kind: 'current' }),
  fc.bigInt({ min: 0n, max: 300n }).map((offset): ResetTarget => ({ kind: 'offset', offset })),
  fc.bigInt({ min: -300n, max: 300n }).map((by): ResetTarget => ({ kind: 'shift', by })),
);

describe('resetOffset', () => {
  it('never leaves the log, and says so when it was asked to', () => {
    fc.assert(
      fc.property(range, target, fc.bigInt({ min: 0n, max: 250n }), (at, to, committed) => {
        const found = resetOffset(to, at, committed, null);
        expect(found).not.toBeNull();
        expect(found!.offset >= at.start && found!.offset <= at.end).toBe(true);
        const wanted = to.kind === 'offset' ? to.offset : to.kind === 'shift' ? committed + to.by : null;
        if (wanted !== null) expect(found!.outside).toBe(wanted === found!.offset ? null : wanted);
      }),
    );
  });

  it('needs a commit to shift from, and takes the end for a current position that is not there', () => {
    const at = { topic: 't', partition: 0, start: 5n, end: 9n };
    expect(resetOffset({ kind: 'shift', by: 1n }, at, null, null)).toBeNull();
    expect(resetOffset({ kind: 'current' }, at, null, null)).toEqual({ offset: 9n, outside: null });
  });

  it('takes the answer of the log for a time, and its end where there is none', () => {
    const at = { topic: 't', partition: 0, start: 5n, end: 9n };
    expect(resetOffset({ kind: 'time', atMs: 1 }, at, null, 7n)?.offset).toBe(7n);
    expect(resetOffset({ kind: 'time', atMs: 1 }, at, null, null)?.offset).toBe(9n);
  });
});
