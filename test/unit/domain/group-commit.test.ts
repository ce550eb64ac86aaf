import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coordinatorPartition, decodeStoredCommit, upstreamOfCommit } from '../../../src/domain/group-commit.ts';
import { Syncs } from '../../../src/domain/sync-history.ts';
import { mirror, mirrorPlan } from '../../helpers/mirror-simulator.ts';

/** Version, then strings with their lengths, then the rest, as Kafka's generated classes write keys. */
function key(version: number, group: string, topic: string, partition: number): Buffer {
  const text = (value: string): Buffer => {
    const bytes = Buffer.from(value);
    const length = Buffer.alloc(2);
    length.writeInt16BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const [head, tail] = [Buffer.alloc(2), Buffer.alloc(4)];
  head.writeInt16BE(version);
  tail.writeInt32BE(partition);
  return Buffer.concat([head, text(group), text(topic), tail]);
}

function value(version: number, offset: bigint): Buffer {
  const bytes = Buffer.alloc(30);
  bytes.writeInt16BE(version);
  bytes.writeBigInt64BE(offset, 2);
  return bytes;
}

describe('commits as the coordinator keeps them', () => {
  it.each([0, 1])('are read from keys of version %i and values of every version', (version) => {
    for (const of of [0, 1, 2, 3, 4]) {
      const record = { group: 'billing', topic: 'primary.orders', partition: 7, offset: 2n ** 40n };
      expect(decodeStoredCommit(key(version, 'billing', 'primary.orders', 7), value(of, 2n ** 40n))).toEqual({
        kind: 'record',
        record,
      });
    }
  });

  it('are told from groups, from what was deleted, and from what is no record of it', () => {
    expect(decodeStoredCommit(key(2, 'billing', '', 0), value(3, 1n))).toEqual({ kind: 'record', record: null });
    expect(decodeStoredCommit(key(1, 'billing', 'orders', 0), null)).toEqual({ kind: 'tombstone' });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ maxLength: 40 }), (junk, more) => {
        expect(['record', 'malformed']).toContain(decodeStoredCommit(junk, more).kind);
      }),
    );
  });

  // From Java: Math.abs("...".hashCode()) % 50; the second one hashes to Integer.MIN_VALUE.
  it.each([
    ['billing', 50, 9],
    ['polygenelubricants', 50, 0],
    ['', 50, 0],
  ])('of %j lie in partition %#', (group, partitions, partition) => {
    expect(coordinatorPartition(group, partitions)).toBe(partition);
  });
});

/** A commit of a simulated life, and what MM2 makes of it with some sync; null where there is no such commit or sync. */
function translated({ commits, syncs }: ReturnType<typeof mirror>, at: number, which: number) {
  const committed = commits[at % Math.max(commits.length, 1)];
  if (committed === undefined) return null;
  const usable = syncs.filter(({ upstream }) => upstream <= committed);
  const sync = usable[which % Math.max(usable.length, 1)];
  if (sync === undefined) return null;
  return { committed, syncs, onTarget: sync.upstream === committed ? sync.downstream : sync.downstream + 1n };
}

describe('the commit that MM2 meant', () => {
  it('is never put above what the group had committed, whichever sync MM2 translated it with', () => {
    fc.assert(
      fc.property(mirrorPlan, fc.nat(200), fc.nat(60), (plan, at, which) => {
        const told = translated(mirror(plan), at, which);
        if (told === null) return;
        const { committed, onTarget, syncs } = told;
        const meant = upstreamOfCommit(new Syncs(syncs), onTarget);
        expect(meant).not.toBeNull();
        expect(meant ?? 0n).toBeLessThanOrEqual(committed);
      }),
      { numRuns: 2000 },
    );
  });

  it('is never put above it either where only the beginning of the syncs is known', () => {
    fc.assert(
      fc.property(mirrorPlan, fc.nat(200), fc.nat(60), fc.nat(60), (plan, at, which, cut) => {
        const told = translated(mirror(plan), at, which);
        if (told === null) return;
        const { committed, onTarget, syncs } = told;
        const known = new Syncs(syncs.slice(0, cut % (syncs.length + 1)), { partial: true });
        expect(upstreamOfCommit(known, onTarget) ?? 0n).toBeLessThanOrEqual(committed);
      }),
      { numRuns: 5000 },
    );
  });

  it('is unknown where no sync leads to it: somebody else made that commit', () => {
    const syncs = new Syncs([{ upstream: 50n, downstream: 40n }]);
    expect([39n, 40n, 41n, 42n].map((committed) => upstreamOfCommit(syncs, committed))).toEqual([null, 50n, 51n, null]);
  });
});
