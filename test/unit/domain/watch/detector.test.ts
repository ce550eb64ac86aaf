import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Check, Finding } from '../../../../src/domain/watch/detector.ts';
import { UNSUSPECTED, judge } from '../../../../src/domain/watch/detector.ts';

const SECOND = 1000;

/** A check one second after the one before: the source dead, everything else as a failover needs it. */
const dead = (change: Partial<Check> = {}): Partial<Check> => ({ sourceUp: false, ...change });
const up: Partial<Check> = { sourceUp: true };

function findings(changes: readonly Partial<Check>[], checks: number): readonly Finding[] {
  let suspicion = UNSUSPECTED;
  return changes.map((change, index) => {
    const check: Check = {
      at: index * SECOND,
      ...{ sourceUp: true, targetUp: true, heartbeatAgeMs: 60_000, heartbeatAt: 0, heartbeatLimitMs: 2500 },
      ...{ silent: false, witnesses: [] },
      ...change,
    };
    const { after, finding } = judge(suspicion, check, checks);
    suspicion = after;
    return finding;
  });
}

const last = (changes: readonly Partial<Check>[], checks: number): Finding | undefined =>
  findings(changes, checks).at(-1);
const times = (count: number, change: Partial<Check>): readonly Partial<Check>[] =>
  Array.from({ length: count }, () => change);

describe('judge', () => {
  it('finds a source dead at the last of the failed checks asked for, not before', () => {
    const kinds = findings([up, ...times(5, dead())], 5).map(({ kind }) => kind);
    expect(kinds).toEqual(['healthy', 'suspect', 'suspect', 'suspect', 'suspect', 'dead']);
  });

  it('holds while there is a reason to, and says which', () => {
    const held = (change: Partial<Check>): unknown => last([up, ...times(5, dead(change))], 5);
    expect(held({ targetUp: false })).toMatchObject({
      kind: 'held',
      reason: expect.stringContaining('cut off') as string,
    });
    expect(held({ heartbeatAgeMs: 2500 })).toMatchObject({
      kind: 'held',
      reason: expect.stringContaining('heartbeats') as string,
    });
    expect(held({ witnesses: ['up', 'down', 'unknown'] })).toEqual({
      ...{ kind: 'held', failed: 5, needed: 5 },
      reason: 'only 2 of 4 watches see the source down',
    });
    expect(held({ witnesses: ['up', 'down'] })).toMatchObject({ kind: 'dead' });
    expect(last(times(9, dead()), 5)).toMatchObject({
      kind: 'held',
      reason: expect.stringContaining('before this watch') as string,
    });
    expect(held({ heartbeatAgeMs: null })).toMatchObject({ kind: 'dead' });
  });

  it('holds a silent source back until its heartbeats have stopped for long: a slow one sends late ones', () => {
    const silent = (heartbeatAt: number): Partial<Check> => dead({ silent: true, heartbeatAt });
    const late = Array.from({ length: 30 }, (_, index) => silent((index + 1) * SECOND));
    expect(last([up, ...late], 3)).toMatchObject({ kind: 'held', reason: expect.stringContaining('slow') as string });
    expect(last([up, silent(SECOND), ...times(9, silent(SECOND))], 3)).toMatchObject({ kind: 'held' });
    expect(last([up, silent(SECOND), ...times(10, silent(SECOND))], 3)).toMatchObject({ kind: 'dead' });
    expect(last([up, silent(SECOND), ...times(5, dead({ heartbeatAt: SECOND }))], 3)).toMatchObject({ kind: 'held' });
    // What refuses is gone, whatever was in flight.
    expect(last([up, dead({ heartbeatAt: SECOND })], 1)).toMatchObject({ kind: 'dead' });
  });

  it('asks for more of a source that flaps, and forgets in time', () => {
    const flap = [up, dead(), up];
    expect(last([...flap, ...times(9, dead())], 5)).toEqual({ kind: 'suspect', failed: 9, needed: 10 });
    expect(last([...flap, ...times(10, dead())], 5)).toMatchObject({ kind: 'dead', needed: 10 });
    expect(last([...flap, ...flap, ...flap, ...times(20, dead())], 5)).toMatchObject({ kind: 'dead', needed: 20 });
    expect(last([...flap, ...times(400, up), ...times(5, dead())], 5)).toMatchObject({ kind: 'dead', needed: 5 });
  });

  const anyCheck = fc.record({
    sourceUp: fc.boolean(),
    targetUp: fc.boolean(),
    heartbeatAgeMs: fc.option(fc.nat(6000)),
    witnesses: fc.array(fc.constantFrom('up' as const, 'down' as const, 'unknown' as const), { maxLength: 4 }),
  });

  it('never finds dead what answered within the checks asked for, nor against any evidence of life', () => {
    fc.assert(
      fc.property(fc.array(anyCheck, { maxLength: 60 }), fc.integer({ min: 1, max: 6 }), (checks, asked) => {
        findings(checks, asked).forEach((finding, index) => {
          if (finding.kind !== 'dead') return;
          const window = checks.slice(index + 1 - asked, index + 1);
          const now = checks[index]!;
          expect(window).toHaveLength(asked);
          expect(window.some(({ sourceUp }) => sourceUp)).toBe(false);
          expect(checks.slice(0, index).some(({ sourceUp }) => sourceUp)).toBe(true);
          expect(now.targetUp).toBe(true);
          expect(now.heartbeatAgeMs === null || now.heartbeatAgeMs > 2500).toBe(true);
          const down = now.witnesses.filter((view) => view === 'down').length;
          expect((down + 1) * 2).toBeGreaterThan(now.witnesses.length + 1);
        });
      }),
    );
  });

  it('never finds dead what comes back before the last check, however often', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 6 }), fc.integer({ min: 1, max: 30 }), (asked, rounds) => {
        const round = [up, ...times(asked - 1, dead())];
        const kinds = findings(Array.from({ length: rounds }, () => round).flat(), asked).map(({ kind }) => kind);
        expect(kinds).not.toContain('dead');
      }),
    );
  });
});
