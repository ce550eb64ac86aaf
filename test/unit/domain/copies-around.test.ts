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
    expect(copied(0, 1, 2, 3, 4, 0, 1, 2).lastCopyBefore(at(2, 7), null)).toBe(3n);
    expect(copied(0, 1, 2, 3, 4, 0).lastCopyBefore(at(0, 5), null)).toBe(1n);
  });

  it('finds none where they were copied again after the sync, or nothing was copied twice', () => {
    expect(copied(0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 5).lastCopyBefore(at(2, 7), null)).toBeNull();
    expect(copied(0, 1, 2, 3, 4, 5).lastCopyBefore(at(3, 3), null)).toBeNull();
    expect(copied(0, 1, 2, 0, 1, 2).lastCopyBefore(at(2, 5), null)).toBeNull();
    expect(copied(0, 1, 2, 0, 1, 0, 1, 2).lastCopyBefore(at(2, 7), null)).toBeNull();
  });

  it('looks at every task that has died: what the second one copied again lies further on', () => {
    expect(copied(0, 1, 2, 0, 1, 2, 3, 4, 0, 1, 2).lastCopyBefore(at(2, 10), null)).toBe(6n);
    expect(copied(0, 1, 2, 3, 4, 0, 1, 2, 3, 0, 1, 2).lastCopyBefore(at(2, 11), null)).toBe(4n);
  });

  it('takes all that was read for copied after a record that was first copied before it', () => {
    const around = new CopiesAround({ from: 2n, to: 8n });
    for (const [position, upstream] of [2, 3, 4, 0, 1, 2].entries()) around.add(BigInt(2 + position), upstream);
    expect(around.lastCopyBefore(at(1, 6), 1n)).toBe(3n);
    expect(around.lastCopyBefore(at(1, 6), 2n)).toBeNull();
    expect(around.lastCopyBefore(at(1, 6), null)).toBeNull();
  });

  it('says nothing of a sync whose record was not read', () => {
    expect(copied(0, 1, 2, 3, 0, 1).lastCopyBefore(at(1, 9), null)).toBeNull();
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

  it('begins where the records that tasks have sent again were copied first', () => {
    const again = new Syncs([
      run('a', 0, 0),
      run('a', 500, 500),
      run('a', 800, 800),
      run('b', 700, 1100),
      run('b', 1200, 1600),
    ]);
    // The task may have begun 300 records before its first sync: at 400, behind the sync of 0.
    expect(copiesToRead(again, 700n, log)).toEqual({ from: 1n, to: 1100n + 2n * 1299n });
    const far = new Syncs([run('a', 0, 0), run('a', 80_000, 80_000), run('b', 100, 90_000), run('b', 90_000, 179_900)]);
    expect(copiesToRead(far, 100n, { ...log, remoteEnd: 300_000n })).toEqual({ from: 0n, to: 180_000n });
  });

  it('begins no further back than 160,000 positions', () => {
    const syncs = new Syncs([
      run('a', 0, 0),
      run('a', 250_000, 250_000),
      run('b', 1, 260_000),
      run('b', 260_000, 519_999),
    ]);
    expect(copiesToRead(syncs, 1n, { ...log, remoteEnd: 600_000n })).toEqual({ from: 100_000n, to: 420_000n });
  });

  it('is what lies before the first sync that is known, 20,000 positions of it', () => {
    const syncs = new Syncs([run('b', 60_000, 50_000), run('b', 65_000, 55_000)]);
    expect(copiesToRead(syncs, 66_000n, log)).toEqual({ from: 30_000n, to: 75_000n });
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
