import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SeenCommit, ToldCommit } from '../../../src/domain/last-commit.ts';
import { lastCommit } from '../../../src/domain/last-commit.ts';

/** What happens one after the other on the source, in MM2's checkpoint task and in a watch. */
type Happening =
  | { readonly kind: 'commit'; readonly offset: bigint }
  /** MM2 takes the time, reads, writes its checkpoint. */
  | { readonly kind: 'stamp' | 'read' | 'write' }
  /** The watch reads the end of the checkpoints topic, takes the time, asks for the commit. */
  | { readonly kind: 'end' | 'begin' | 'ask' };

const commit = fc.record({ kind: fc.constant('commit' as const), offset: fc.bigInt(0n, 30n) });
const mm2 = fc.record({ kind: fc.constantFrom('stamp' as const, 'read' as const, 'write' as const) });
const looks = fc.record({ kind: fc.constantFrom('end' as const, 'begin' as const, 'ask' as const) });
const history: fc.Arbitrary<readonly Happening[]> = fc.array(
  fc.oneof({ weight: 1, arbitrary: commit }, { weight: 2, arbitrary: mm2 }, { weight: 2, arbitrary: looks }),
  { maxLength: 25, size: 'max' },
);
const RUNS = { numRuns: 10_000 };

interface Known {
  readonly seen: SeenCommit | null;
  readonly told: ToldCommit | null;
  /** Commits by the time from which on the group held them. */
  readonly held: readonly (readonly [atMs: number, offset: bigint])[];
}

/** Plays the history; each happening takes a millisecond, and MM2 and the watch go through their steps in order. */
function play(happenings: readonly Happening[]): Known {
  const held: [number, bigint][] = [[0, 0n]];
  const checkpoints: ToldCommit[] = [];
  let task: { timestampMs: number; upstreamOffset: bigint | null } | null = null;
  let look: { checkpointsEnd: bigint; beganMs: number | null } | null = null;
  let seen = null as SeenCommit | null;
  const now = (): bigint => held.at(-1)?.[1] ?? 0n;
  for (const [index, of] of happenings.entries()) {
    const at = index + 1;
    if (of.kind === 'commit') held.push([at, of.offset]);
    if (of.kind === 'stamp') task ??= { timestampMs: at, upstreamOffset: null };
    if (of.kind === 'read' && task !== null) task.upstreamOffset ??= now();
    if (of.kind === 'write' && task !== null && task.upstreamOffset !== null) {
      const { upstreamOffset, timestampMs } = task;
      checkpoints.push({ upstreamOffset, timestampMs, at: BigInt(checkpoints.length) });
      task = null;
    }
    if (of.kind === 'end') look ??= { checkpointsEnd: BigInt(checkpoints.length), beganMs: null };
    if (of.kind === 'begin' && look !== null) look.beganMs ??= at;
    if (of.kind === 'ask' && look !== null && look.beganMs !== null) {
      const { checkpointsEnd, beganMs } = look;
      const lowered: boolean = (seen?.offset ?? 0n) > now();
      seen = { offset: now(), checkpointsEnd, beganMs, lowered };
      look = null;
    }
  }
  return { seen, told: checkpoints.at(-1) ?? null, held };
}

/** The highest commit that the group has held since then. */
function highestSince(held: Known['held'], sinceMs: number): bigint {
  const before = held.filter(([at]) => at <= sinceMs).at(-1);
  const since = held.filter(([at]) => at > sinceMs);
  return [...(before === undefined ? [] : [before]), ...since].reduce((most, [, at]) => (at > most ? at : most), 0n);
}

const forward = (happenings: readonly Happening[]): readonly Happening[] => {
  let highest = 0n;
  return happenings.map((of) => {
    if (of.kind !== 'commit') return of;
    highest += of.offset;
    return { ...of, offset: highest };
  });
};

describe('lastCommit', () => {
  it('is never above what the group has held since the watch began to look, however often it was put back', () => {
    fc.assert(
      fc.property(history, (happenings) => {
        const { seen, told, held } = play(happenings);
        const { committed } = lastCommit(seen, told, null);
        if (committed === null || seen === null) return;
        expect(committed).toBeLessThanOrEqual(highestSince(held, seen.beganMs));
      }),
      RUNS,
    );
  });

  it('of a group that only goes forward is never past its last commit, and no lower than what MM2 told before the look', () => {
    fc.assert(
      fc.property(history.map(forward), (happenings) => {
        const { seen, told, held } = play(happenings);
        const { committed } = lastCommit(seen, told, null);
        if (committed === null) return;
        expect(committed).toBeLessThanOrEqual(held.at(-1)?.[1] ?? 0n);
        if (seen !== null && told !== null && told.at < seen.checkpointsEnd) {
          expect(committed).toBe(seen.offset);
          expect(committed).toBeGreaterThanOrEqual(told.upstreamOffset);
        }
      }),
      RUNS,
    );
  });

  const seen = { offset: 100n, beganMs: 5000, checkpointsEnd: 7n, lowered: false };

  it('takes the look over an older checkpoint, a younger checkpoint over the look, and the lower one in between', () => {
    const told = (at: bigint, timestampMs: number, upstreamOffset: bigint) => ({ at, timestampMs, upstreamOffset });
    expect(lastCommit(seen, told(6n, 9000, 120n), null)).toMatchObject({ committed: 100n, sampled: true });
    expect(lastCommit(seen, told(7n, 5000, 90n), null)).toMatchObject({ committed: 90n, sampled: false });
    expect(lastCommit(seen, told(7n, 4999, 90n), null)).toMatchObject({ committed: 90n });
    expect(lastCommit(seen, told(7n, 4999, 120n), null)).toMatchObject({ committed: 100n });
    expect(lastCommit(null, told(7n, 0, 90n), null)).toMatchObject({ committed: 90n, sampled: false });
    expect(lastCommit(seen, null, null)).toMatchObject({ committed: 100n, sampled: true });
    expect(lastCommit(null, null, 50n)).toEqual({ committed: null, atLeast: false, sampled: false });
  });

  it('takes what MM2 committed on the target where it is more, unless the group was seen to go back', () => {
    expect(lastCommit(seen, null, 130n)).toEqual({ committed: 130n, atLeast: true, sampled: false });
    expect(lastCommit(seen, null, 80n)).toMatchObject({ committed: 100n, atLeast: false });
    expect(lastCommit({ ...seen, lowered: true }, null, 130n)).toMatchObject({ committed: 100n, atLeast: false });
  });
});
