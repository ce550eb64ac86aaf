import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EpochRecord, Lease } from '../../../src/domain/cluster-state.ts';
import { judgeLease, leased, newestRecord, RECORD_KEY, refuseSplitBrain } from '../../../src/domain/cluster-state.ts';

const told = (epoch: number, active: string): EpochRecord => ({
  ...{ schema: 'kmk.epoch/v1', project: 'shop', epoch, active, at: '2026-01-02T03:04:05.000Z' },
});

describe('refuseSplitBrain', () => {
  it('goes by the highest epoch that any cluster was told, whoever else was told less', () => {
    const number = fc.integer({ min: 1, max: 5 });
    const alias = fc.constantFrom('primary', 'dr');
    const known = fc.option(fc.tuple(number, alias));
    fc.assert(
      fc.property(number, alias, known, known, (epoch, active, primary, dr) => {
        const record = (at: [number, string] | null): EpochRecord | null => (at === null ? null : told(...at));
        const check = (): void => refuseSplitBrain({ epoch, active }, { primary: record(primary), dr: record(dr) });
        const all = [primary, dr].flatMap((at) => (at === null ? [] : [at]));
        const highest = Math.max(0, ...all.map(([at]) => at));
        if (highest < epoch) expect(check).not.toThrow();
        if (highest > epoch) expect(check).toThrow(`in epoch ${highest}`);
      }),
    );
  });

  it('refuses two actives in one epoch, and says which cluster was told what', () => {
    expect(() => refuseSplitBrain({ epoch: 2, active: 'dr' }, { primary: null, dr: told(2, 'dr') })).not.toThrow();
    expect(() => refuseSplitBrain({ epoch: 2, active: 'primary' }, { primary: null, dr: told(2, 'dr') })).toThrow(
      '"dr" is active in epoch 2 since 2026-01-02T03:04:05.000Z, as "dr" was told; here "primary" is active in epoch 2',
    );
  });
});

describe('newestRecord', () => {
  it('is of the highest epoch, and of two of one epoch the later one, whichever cluster holds it', () => {
    const held = (epoch: number, savedAtMs: number) =>
      new Map([[RECORD_KEY, { active: 'primary', epoch, promotion: null, savedAtMs }]]);
    const states = [held(3, 5), held(3, 9), held(2, 99), new Map<string, unknown>()];
    fc.assert(
      fc.property(fc.shuffledSubarray(states, { minLength: 4 }), (order) => {
        expect(newestRecord(order)).toMatchObject({ epoch: 3, savedAtMs: 9 });
      }),
    );
    expect(newestRecord([new Map()])).toBeNull();
  });
});

describe('judgeLease', () => {
  const lease: Lease = {
    ...{ schema: 'kmk.lease/v1', id: 'x', host: 'there', pid: 7, startTime: '1', state: 'mark', command: 'failover' },
    ...{ runId: 'run', renewedAtMs: 1000, expiresAtMs: 31_000 },
  };
  const asker = { state: 'other', host: 'here', nowMs: 2000, gone: false };

  it('is free without a lease, and one’s own where the state directory’s lock was taken from its owner', () => {
    expect(judgeLease(null, asker)).toBe('free');
    expect(judgeLease(lease, { ...asker, state: 'mark', host: 'there' })).toBe('own');
    // The same path on another machine is another directory.
    expect(judgeLease(lease, { ...asker, state: 'mark' })).toBe('held');
  });

  it('is held until it runs out or its owner is known to be dead', () => {
    expect(judgeLease(lease, { ...asker, nowMs: 31_000 })).toBe('held');
    expect(judgeLease(lease, { ...asker, nowMs: 31_001 })).toBe('left');
    expect(judgeLease(lease, { ...asker, gone: true })).toBe('left');
  });

  it('names the other operator, and the way out only where there is one', () => {
    const who = '`kmk failover` (pid 7 on there, run run)';
    expect(leased(lease, 'held').message).toBe(`${who} works on these clusters`);
    expect(leased(lease, 'left').message).toContain(`${who} has not finished`);
    expect(leased(lease, 'held').hints.join()).not.toContain('--break-lock');
    expect(leased(lease, 'left').hints.join()).toContain('kmk resume --break-lock');
  });
});
