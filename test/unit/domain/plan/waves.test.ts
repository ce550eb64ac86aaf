import { describe, expect, it } from 'vitest';
import { extentOf, staleReasons } from '../../../../src/domain/plan/plan.ts';
import { planFailback } from '../../../../src/domain/plan/plan-failback.ts';
import { planFailover } from '../../../../src/domain/plan/plan-failover.ts';
import { planSwitchover } from '../../../../src/domain/plan/plan-switchover.ts';
import { wrongState } from '../../../../src/domain/plan/blocker.ts';
import { planWave } from '../../../../src/domain/plan/plan-wave.ts';
import { assumptionsOf } from '../../../../src/domain/plan/snapshot.ts';
import { groupAt, snapshotOf } from './snapshots.ts';

const NO_LIMIT = { maxLag: null };
const ORDERS = { wave: null, topics: ['orders'], groups: [] };
const SCOPE = { topics: ['orders', 'payments'], groups: ['billing'], blockers: [], warnings: [] };
const MOVED = { from: 'primary', to: 'dr', topics: ['early'], groups: ['first'] };
const NONE = { topics: [], groups: [] };
const ids = (plan: ReturnType<typeof planSwitchover>): readonly string[] => plan.steps.map(({ id }) => id);

describe('planWave', () => {
  const plan = planWave(snapshotOf({ scope: SCOPE }), NO_LIMIT, ORDERS);

  it('moves as a whole switchover does, lets the rest go on at once, and only then starts the way back', () => {
    const order = [
      'prepare',
      'fence',
      'drain',
      'stop-flow',
      'offsets',
      'promote',
      'service',
      'rest',
      'reverse',
      'verify',
    ];
    expect(ids(plan)).toEqual(order);
    expect(plan.steps.filter(({ reversible }) => reversible === 'no').map(({ id }) => id)).toEqual(['promote']);
    for (const step of plan.steps.slice(0, 5)) expect(step).toMatchObject({ reversible: 'until', until: 'promote' });
  });

  it('names what it is about in every step that refuses, records or starts something', () => {
    for (const id of ['fence', 'promote', 'rest', 'reverse']) {
      expect(plan.steps.find((step) => step.id === id)?.title).toContain('"orders", "payments"');
    }
    expect(plan.steps.find(({ id }) => id === 'fence')?.title).toContain('and on nothing else');
  });

  it('keeps what moves and what had moved before, for whoever goes on with it', () => {
    const { topics, groups } = SCOPE;
    expect(extentOf(plan)).toEqual({ part: { topics, groups }, before: NONE, returns: false });
    const second = planWave(snapshotOf({ scope: SCOPE, moved: MOVED }), NO_LIMIT, ORDERS);
    expect(extentOf(second).before).toEqual({ topics: ['early'], groups: ['first'] });
  });

  it('is never taken for a move of everything, also where nothing was found that moves', () => {
    const { scope, ...rest } = snapshotOf({ scope: SCOPE });
    expect(scope).toBe(SCOPE);
    expect(extentOf(planWave(rest, NO_LIMIT, ORDERS)).part).toEqual(NONE);
  });

  it('is blocked by its scope, by what blocks any switchover, whatever the policy', () => {
    const blockers = (change: Parameters<typeof snapshotOf>[0]) =>
      planWave(snapshotOf({ scope: SCOPE, ...change }), { maxLag: 0 }, ORDERS).blockers;
    expect(blockers({})).toEqual([]);
    expect(blockers({ scope: { ...SCOPE, blockers: [wrongState('split')] } })).toEqual(['split']);
    expect(blockers({ policy: 'identity' })).toEqual([]);
    expect(blockers({ groups: [groupAt('billing', 'Stable')] })).toEqual(['groups with live members on "dr": billing']);
    expect(blockers({ flows: [{ flow: 'primary->dr', state: 'running', lagRecords: 1 }] })).toEqual([
      'the lag of primary->dr is 1 record, and must be at most 0',
    ]);
  });

  it('is stale once another group or topic belongs to it, or another wave has moved', () => {
    const then = plan.assumptions;
    const now = (change: Parameters<typeof snapshotOf>[0]) =>
      staleReasons(then, assumptionsOf(snapshotOf({ scope: SCOPE, ...change })));
    expect(now({})).toEqual([]);
    expect(now({ scope: { ...SCOPE, groups: ['billing', 'new'] } })).toEqual([
      'the groups that move was billing, is billing, new',
    ]);
    expect(now({ moved: MOVED })).toEqual(['what had moved was nothing, is early']);
  });
});

describe('after waves', () => {
  it('a switchover or failover without a scope moves the rest, and remembers what had moved', () => {
    const snapshot = snapshotOf({ moved: MOVED });
    const before = { topics: ['early'], groups: ['first'] };
    expect(extentOf(planSwitchover(snapshot, NO_LIMIT))).toMatchObject({ part: null, before });
    expect(extentOf(planFailover(snapshot, { simulate: 'kill', force: false }))).toMatchObject({ part: null, before });
    // Clients are back: nothing counts as moved.
    const back = planFailover(snapshotOf({ moved: { ...MOVED, returned: true } }), { simulate: 'kill', force: false });
    expect(extentOf(back)).toMatchObject({ part: null, before: NONE });
  });

  it('a failback brings the parts back, with groups that have come to them since; nothing is stranded', () => {
    const snapshot = snapshotOf({
      ...{ from: 'dr', to: 'primary', active: 'primary', moved: MOVED },
      scope: { ...SCOPE, topics: ['early'], groups: ['first', 'later'] },
    });
    const plan = planFailback(snapshot);
    expect(ids(plan)).toEqual(
      ['reverse', 'catch-up', 'fence', 'offsets', 'compare', 'switch-back', 'forward', 'verify'], //
    );
    expect(extentOf(plan)).toMatchObject({ part: { topics: ['early'], groups: ['first', 'later'] }, returns: true });
    expect(plan.steps.filter(({ reversible }) => reversible === 'no').map(({ id }) => id)).toEqual(['switch-back']);
    // Records that the way back does not bring may be given up here, too.
    const giving = planFailback(snapshot, { stranded: null, tail: 'skip', acceptLoss: 3 });
    expect(giving.request).toMatchObject({ acceptLoss: 3 });
    const cut = planFailback({ ...snapshot, moved: { ...MOVED, returned: true } });
    expect(ids(cut)).toEqual(['forward', 'verify']);
    const gone = {
      ...snapshot,
      clusters: [
        { alias: 'primary', clusterId: null },
        { alias: 'dr', clusterId: 'x' },
      ],
    };
    expect(planFailback(gone).blockers).toEqual(['"primary" does not answer']);
  });

  it('a failback after a promotion of the rest is the ordinary one', () => {
    const promotion = { from: 'primary', to: 'dr', runId: 'r', unfinished: false };
    const snapshot = snapshotOf({ from: 'dr', to: 'primary', active: 'dr', moved: MOVED, promotion });
    expect(ids(planFailback(snapshot))[0]).toBe('stranded');
    expect(extentOf(planFailback(snapshot)).part).toBeNull();
  });
});
