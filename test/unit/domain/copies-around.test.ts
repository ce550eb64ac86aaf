import { describe, expect, it } from 'vitest';
import { CopiesAround, copiesToRead, joinRanges } from '../../../src/domain/copies-around.ts';
import { Syncs } from '../../../src/domain/sync-history.ts';

/** Records by their offsets on the source, in the order in which they were copied. */
function copied(...log: readonly number[]): CopiesAround {
  const around = new CopiesAround({ from: 0n, to: BigInt(log.length) });
  for (const [at, upstream] of log.entries()) around.add(BigInt(at), upstream);
  return around;
}

const at = (upstream: number, downstream: number) => ({ upstream: BigInt(upstream), downstream: BigInt(downstream) });

describe('CopiesAround', () => {
  it('finds the last copy of a record behind the sync that the next task did not come to', () => {
    expect(copied(0, 1, 2, 3, 4, 0, 1, 2).lastCopyBefore(at(2, 7))).toBe(3n);
    expect(copied(0, 1, 2, 3, 4, 0).lastCopyBefore(at(0, 5))).toBe(1n);
  });

  it('finds none where they were copied again after the sync, or nothing was copied twice', () => {
    expect(copied(0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 5).lastCopyBefore(at(2, 7))).toBeNull();
    expect(copied(0, 1, 2, 3, 4, 5).lastCopyBefore(at(3, 3))).toBeNull();
    expect(copied(0, 1, 2, 0, 1, 2).lastCopyBefore(at(2, 5))).toBeNull();
    expect(copied(0, 1, 2, 0, 1, 0, 1, 2).lastCopyBefore(at(2, 7))).toBeNull();
  });

  it('looks at every task that has died: what the second one copied again lies further on', () => {
    expect(copied(0, 1, 2, 0, 1, 2, 3, 4, 0, 1, 2).lastCopyBefore(at(2, 10))).toBe(6n);
    expect(copied(0, 1, 2, 3, 4, 0, 1, 2, 3, 0, 1, 2).lastCopyBefore(at(2, 11))).toBe(4n);
  });

  it('says nothing of a sync whose record was not read', () => {
    expect(copied(0, 1, 2, 3, 0, 1).lastCopyBefore(at(1, 9))).toBeNull();
  });
});

describe('copiesToRead', () => {
  const log = { remoteStart: 0n, remoteEnd: 100_000n };
  const run = (generation: string, upstream: number, downstream: number) => ({
    ...at(upstream, downstream),
    generation,
  });

  it('is what lies between the runs of two tasks, and as much behind', () => {
    const syncs = new Syncs([run('a', 0, 0), run('a', 90, 90), run('b', 150, 140), run('b', 160, 150)]);
    expect(copiesToRead(syncs, 160n, log)).toEqual({ from: 91n, to: 140n + 2n * 1049n });
    expect(copiesToRead(syncs, 160n, { remoteStart: 100n, remoteEnd: 170n })).toEqual({ from: 100n, to: 170n });
  });

  it('is what lies before the first sync that is known, 20,000 positions of it', () => {
    const syncs = new Syncs([run('b', 60_000, 50_000), run('b', 65_000, 55_000)]);
    expect(copiesToRead(syncs, 66_000n, log)).toEqual({ from: 30_000n, to: 72_000n });
  });

  it('is nothing where a task can have copied nothing in silence, or its successor all of it again', () => {
    const together = new Syncs([run('a', 0, 0), run('a', 20, 20), run('b', 15, 21), run('b', 30, 36)]);
    expect(copiesToRead(together, 30n, log)).toBeNull();
    const long = new Syncs([run('a', 0, 0), run('b', 50, 30), run('b', 1078, 1058), run('b', 1079, 1059)]);
    expect(copiesToRead(long, 1078n, log)).toEqual({ from: 1n, to: 30n + 2n * 1029n });
    expect(copiesToRead(long, 1079n, log)).toBeNull();
    expect(copiesToRead(new Syncs([]), 0n, log)).toBeNull();
  });

  it('takes a sync of an unknown run for the first of its own', () => {
    const syncs = new Syncs([at(0, 0), at(90_000, 90_000)]);
    expect(copiesToRead(syncs, 90_000n, log)).toEqual({ from: 70_000n, to: 100_000n });
  });
});

describe('joinRanges', () => {
  const range = (from: number, to: number) => ({ from: BigInt(from), to: BigInt(to) });

  it('leaves what lies apart, and makes one of what overlaps or follows', () => {
    expect(joinRanges([range(50, 60), range(0, 10), range(5, 20), range(20, 25), range(7, 9)])).toEqual([
      range(0, 25),
      range(50, 60),
    ]);
    expect(joinRanges([])).toEqual([]);
  });
});
