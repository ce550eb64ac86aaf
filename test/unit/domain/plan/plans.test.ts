import { describe, expect, it } from 'vitest';
import type { PartitionOffsets } from '../../../../src/domain/documents.ts';
import type { StepKind } from '../../../../src/domain/plan/plan.ts';
import { isSealed, sealAnew, staleReasons, STEP_IDS } from '../../../../src/domain/plan/plan.ts';
import { DEDICATED_FAILBACK, planFailback } from '../../../../src/domain/plan/plan-failback.ts';
import { LIVES, planFailover } from '../../../../src/domain/plan/plan-failover.ts';
import { parsePlan } from '../../../../src/domain/plan/plan-file.ts';
import { DEDICATED_SWITCHOVER, planSwitchover } from '../../../../src/domain/plan/plan-switchover.ts';
import { planWave } from '../../../../src/domain/plan/plan-wave.ts';
import type { TailRequest } from '../../../../src/domain/stranded-tail.ts';
import { assumptionsOf } from '../../../../src/domain/plan/snapshot.ts';
import { groupAt, snapshotOf } from './snapshots.ts';

const REAL = { simulate: null, force: false };
const KILL = { simulate: 'kill', force: false };
const PART = { topics: ['orders'], groups: ['billing'], blockers: [], warnings: [] };
const NO_LIMIT = { maxLag: null };
const GONE = snapshotOf({ clusters: [{ alias: 'primary', clusterId: null }, ALIVE('dr')] });

function ALIVE(alias: string) {
  return { alias, clusterId: `id-of-${alias}` };
}

const BACK = snapshotOf({ from: 'dr', to: 'primary', active: 'dr', policy: 'identity' });

function tailOf(stranded: TailRequest['stranded']): TailRequest {
  return { stranded, tail: 'skip', acceptLoss: 5 };
}

const ids = (plan: ReturnType<typeof planFailover>): readonly string[] => plan.steps.map(({ id }) => id);

describe('every plan', () => {
  const plans = [
    planFailover(GONE, REAL),
    planFailover(snapshotOf(), { simulate: 'kill', force: false }),
    planFailover(snapshotOf(), { simulate: null, force: true }),
    planFailback(snapshotOf({ from: 'dr', to: 'primary', active: 'dr' })),
    ...(['export', 'replay', 'discard'] as const).map((stranded) => planFailback(BACK, tailOf(stranded))),
    planSwitchover(snapshotOf(), NO_LIMIT),
    planWave(snapshotOf({ scope: PART }), NO_LIMIT, { wave: 1, ...PART }),
    planFailback(snapshotOf({ from: 'dr', to: 'primary', moved: { from: 'primary', to: 'dr', ...PART }, scope: PART })),
  ];

  it('names each step once, and only steps before it as what it depends on', () => {
    for (const plan of plans) {
      expect(new Set(ids(plan)).size).toBe(plan.steps.length);
      plan.steps.forEach((step, index) => {
        const before = plan.steps.slice(0, index).map(({ id }) => id);
        expect(before).toEqual(expect.arrayContaining([...step.dependsOn]));
        if (index > 0) expect(step.dependsOn.length).toBeGreaterThan(0);
      });
    }
  });

  it('has no step that hooks cannot be named by', () => {
    for (const id of plans.flatMap(ids)) expect(STEP_IDS).toContain(id);
  });

  it('is the same plan from its file when nothing stands against it, and sealed where that has changed', () => {
    const blocked = {
      blockers: ['a reason'],
      blockedBy: [{ code: 'KMK_WRONG_STATE', text: 'a reason', hints: [] }],
    } as const;
    for (const plan of plans) {
      const { blockedBy, ...free } = { ...plan, blockers: [] as readonly string[] };
      const open = sealAnew({ ...free, ...blocked }, { ...free });
      expect(open).toEqual({ ...free, id: open.id });
      expect(isSealed(open)).toBe(true);
      expect(sealAnew(open, free)).toEqual(open);
      const closed = sealAnew(open, { ...free, ...blocked });
      expect(closed).toMatchObject(blocked);
      expect(isSealed(closed)).toBe(true);
      expect(blockedBy ?? []).toHaveLength(plan.blockers.length);
    }
  });

  it('says of each step until when it can be undone, naming a step that cannot', () => {
    for (const plan of plans) {
      for (const { reversible, until } of plan.steps) {
        const step = plan.steps.find(({ id }) => id === until);
        expect(step?.reversible ?? null).toBe(reversible === 'until' ? 'no' : null);
      }
    }
  });

  it('comes back from its file as it was, and is refused when it was edited', () => {
    for (const plan of plans) {
      const text = JSON.stringify(plan, null, 2);
      expect(parsePlan(text, 'plan.json')).toEqual(plan);
      expect(isSealed(plan)).toBe(true);
      expect(() => parsePlan(text.replace('"dr"', '"rd"'), 'plan.json')).toThrow('was changed after it was made');
      expect(() => parsePlan(text.replace('"planVersion": 1', '"planVersion": 2'), 'p')).toThrow('version 2');
    }
    for (const text of ['', '[]', 'null', '{}', '{"schema":"kmk.status/v1"}']) {
      expect(() => parsePlan(text, 'plan.json')).toThrow('plan file "plan.json"');
    }
  });
});

describe('planFailover', () => {
  it('stops the flow before positions are written, and writes them before anyone is let in', () => {
    expect(ids(planFailover(GONE, REAL))).toEqual(['stop-flow', 'offsets', 'promote', 'service', 'worker', 'verify']);
    expect(ids(planFailover(snapshotOf(), { simulate: 'kill', force: false }))[0]).toBe('disaster');
    const dedicated = planFailover({ ...GONE, mode: 'dedicated' }, REAL);
    expect(ids(dedicated)).not.toContain('worker');
  });

  it('fences a source that answers and is given up before anything else, and no other', () => {
    const forced = planFailover(snapshotOf(), { ...REAL, force: true });
    expect(ids(forced).slice(0, 2)).toEqual(['fence', 'stop-flow']);
    expect(forced.steps[0]).toMatchObject({ cluster: 'primary', reversible: 'until', until: 'promote' });
    for (const plan of [planFailover(GONE, { ...REAL, force: true }), planFailover(snapshotOf(), KILL)]) {
      expect(ids(plan)).not.toContain('fence');
    }
  });

  it('does only what is left where a failover was cut short after the promotion', () => {
    const promotion = { from: 'primary', to: 'dr', runId: 'r', unfinished: true };
    expect(ids(planFailover({ ...GONE, promotion }, REAL))).toEqual(['promote', 'service', 'worker', 'verify']);
  });

  it('names what it will touch', () => {
    const snapshot = snapshotOf({ groups: [groupAt('a'), groupAt('b')], topics: ['primary.orders'] });
    const titles = planFailover(snapshot, { simulate: 'kill', force: false }).steps.map(({ title }) => title);
    expect(titles).toContain('kill -9 the brokers of "primary" and the Connect worker of that site');
    expect(titles).toContain('commit the best known positions of 2 groups on "dr"');
    expect(titles).toContain('make "dr" active, with local topics for 1 mirrored topic');
    const identity = planFailover({ ...snapshot, policy: 'identity' }, { simulate: 'stop', force: false });
    expect(identity.steps.map(({ title }) => title)).toContain('let clients write on "dr" and make it active');
    expect(identity.steps[0]?.title).toMatch(/^stop the brokers/);
  });

  it('is blocked by a healthy source, unless it is given up or rehearsed', () => {
    expect(planFailover(snapshotOf(), REAL).blockers).toEqual(['"primary" is healthy']);
    expect(planFailover(snapshotOf(), { ...REAL, force: true }).blockers).toEqual([]);
    expect(planFailover(snapshotOf(), { ...REAL, simulate: 'kill' }).blockers).toEqual([]);
    expect(planFailover(GONE, REAL).blockers).toEqual([]);
  });

  it('is blocked by a source that only MM2 reaches: slow, or cut off from here', () => {
    const slow = { ...GONE, crossesStill: true };
    expect(planFailover(slow, REAL).blockers).toEqual([`"primary" ${LIVES}`]);
    expect(planFailover(slow, { ...REAL, force: true }).blockers).toEqual([]);
    expect(planFailover(slow, { ...REAL, simulate: 'kill' }).blockers).toEqual([]);
  });

  it('is blocked by live groups on the standby, whatever is forced', () => {
    const groups = [groupAt('billing', 'Stable'), groupAt('audit', 'Stable'), groupAt('idle', 'Empty')];
    const { blockers } = planFailover(snapshotOf({ groups }), { ...REAL, force: true });
    expect(blockers).toEqual(['groups with live members on "dr": billing, audit']);
  });

  it('says what it may cost', () => {
    const lagging = (lagRecords: number | null) =>
      planFailover(snapshotOf({ flows: [{ flow: 'primary->dr', state: 'running', lagRecords }] }), REAL).warnings;
    expect(lagging(1)).toEqual(['1 record not copied yet would be lost or late']);
    expect(lagging(0)).toEqual([]);
    expect(lagging(null)).toEqual([]);
    expect(planFailover({ ...snapshotOf(), twoWay: true }, REAL).warnings).toEqual([
      expect.stringContaining('the setup itself copies dr->primary'),
    ]);
    expect(planFailover({ ...GONE, flows: [] }, REAL).warnings).toEqual([
      '"primary" does not answer: what is known is as old as the last checkpoint',
    ]);
    const seen = ['2026-01-02T03:04:05.000Z', '2026-01-02T03:04:04.000Z'].map(
      (seenAt) => ({ seenAt }) as PartitionOffsets,
    );
    const groups = [{ ...groupAt('a'), partitions: seen }, groupAt('b')];
    expect(planFailover({ ...GONE, groups, flows: [] }, REAL).warnings).toEqual([
      '"primary" does not answer: what is known is as old as the last look of a watch, at 2026-01-02T03:04:05.000Z',
    ]);
  });
});

describe('a blocked plan', () => {
  const live = snapshotOf({ groups: [groupAt('billing', 'Stable')] });
  const refusal = ({ blockedBy = [] }: ReturnType<typeof planFailover>) =>
    blockedBy.map(({ code, hints }) => [code, hints[0]]);

  it('says of each blocker, in the same order, with which error and hint it is refused', () => {
    const both = planFailover(live, REAL);
    expect(both.blockedBy?.map(({ text }) => text)).toEqual(both.blockers);
    expect(refusal(both)).toEqual([
      ['KMK_SOURCE_HEALTHY', expect.stringContaining('`--force`')],
      ['KMK_GROUP_ACTIVE', expect.stringContaining('Stop these consumers')],
    ]);
    const slow = planFailover({ ...GONE, crossesStill: true }, REAL);
    expect(refusal(slow)).toEqual([['KMK_SOURCE_HEALTHY', expect.stringContaining('`--force`')]]);
  });

  it('names the command that mends it', () => {
    const flow = (state: string, lagRecords = 0) => snapshotOf({ flows: [{ flow: 'primary->dr', state, lagRecords }] });
    const of = (plan: ReturnType<typeof planFailover>, hint: string): void => {
      expect(refusal(plan)).toEqual([['KMK_WRONG_STATE', expect.stringContaining(hint)]]);
    };
    of(planSwitchover(flow('paused'), NO_LIMIT), '`kmk flow resume`');
    of(planSwitchover(flow('running', 9), { maxLag: 1 }), '`--max-lag`');
    of(planSwitchover({ ...GONE, mode: 'dedicated', clusters: live.clusters }, NO_LIMIT), 'replication.mode');
    of(planSwitchover(GONE, NO_LIMIT), '`kmk status`');
    of(planFailback({ ...BACK, mode: 'dedicated' }), 'replication.mode');
    of(planFailback(BACK, tailOf('late')), '`kmk failback --help`');
  });

  it('is the only one that has refusals', () => {
    expect(planSwitchover(snapshotOf(), NO_LIMIT)).not.toHaveProperty('blockedBy');
  });
});

describe('planFailback with a stranded tail', () => {
  it('deals with it once the old primary is fenced and before anything is copied back', () => {
    for (const stranded of ['export', 'replay', 'discard'] as const) {
      expect(ids(planFailback(BACK, tailOf(stranded))).slice(0, 3)).toEqual(['stranded', 'tail', 'reverse']);
    }
    for (const stranded of [null, 'late'] as const)
      expect(ids(planFailback(BACK, tailOf(stranded)))).not.toContain('tail');
  });

  it('can be taken back after a replay, which stays', () => {
    const tail = planFailback(BACK, tailOf('replay')).steps.find(({ id }) => id === 'tail');
    expect(tail).toMatchObject({ reversible: 'no', stands: true });
  });

  it('is blocked by what the policy makes impossible', () => {
    expect(planFailback(BACK, tailOf('late')).blockers).toEqual([expect.stringContaining('cannot arrive late')]);
    expect(planFailback({ ...BACK, policy: 'default' }, tailOf('replay')).blockers).toEqual([
      expect.stringContaining('cannot be replayed under the default policy'),
    ]);
    expect(planFailback(BACK, tailOf('replay')).blockers).toEqual([]);
  });

  it('says how large it is where that is known', () => {
    const stranded = [{ topic: 'orders', partition: 1, from: '7', to: '9', records: 2, exact: true }];
    expect(planFailback({ ...BACK, stranded }, tailOf(null)).warnings).toEqual([
      '2 records on "primary" never crossed to "dr": 2 in orders-1',
    ]);
  });
});

describe('planFailback', () => {
  const snapshot = snapshotOf({ from: 'dr', to: 'primary', active: 'dr' });
  const plan = planFailback(snapshot);

  it('seeds before it copies, fences before it drains for good, and lets clients in last', () => {
    const kinds = plan.steps.map(({ kind }) => kind);
    const inOrder: readonly (readonly [StepKind, StepKind])[] = [
      ['returnFenced', 'startReverseFlow'],
      ['startReverseFlow', 'catchUp'],
      ['catchUp', 'fenceSource'],
      ['fenceSource', 'commitGroupOffsets'],
      ['commitGroupOffsets', 'compareCopies'],
      ['compareCopies', 'promoteTarget'],
      ['promoteTarget', 'resumeForwardFlow'],
      ['resumeForwardFlow', 'runChecks'],
    ];
    for (const [first, then] of inOrder) expect(kinds.indexOf(then)).toBe(kinds.indexOf(first) + 1);
    expect(kinds[0]).toBe('returnFenced');
    expect(kinds).toHaveLength(inOrder.length + 1);
    expect(plan.steps.filter(({ reversible }) => reversible === 'no').map(({ id }) => id)).toEqual(['switch-back']);
    expect(plan).toMatchObject({ schema: 'kmk.plan/v1', kind: 'failback', blockers: [] });
  });

  it('has only the forward flow left once clients have been switched', () => {
    expect(ids(planFailback({ ...snapshot, active: 'primary' }))).toEqual(['forward', 'verify']);
  });

  it('is blocked in dedicated mode', () => {
    expect(planFailback({ ...snapshot, mode: 'dedicated' }).blockers).toEqual([DEDICATED_FAILBACK]);
  });
});

describe('planSwitchover', () => {
  const plan = planSwitchover(snapshotOf(), NO_LIMIT);
  const at = (id: string): number => ids(plan).indexOf(id);

  it('refuses clients as late as it can, and lets them in only behind the drain, the stop and the positions', () => {
    const order = ['prepare', 'fence', 'drain', 'stop-flow', 'offsets', 'promote', 'service', 'reverse', 'verify'];
    expect(ids(plan)).toEqual(order);
    expect(plan).toMatchObject({ schema: 'kmk.plan/v1', kind: 'switchover', blockers: [], warnings: [] });
  });

  it('does nothing that cannot be undone before the drain is verified, and one such thing in all', () => {
    expect(plan.steps.filter(({ reversible }) => reversible === 'no').map(({ id }) => id)).toEqual(['promote']);
    for (const step of plan.steps.slice(0, at('promote'))) {
      expect(step).toMatchObject({ reversible: 'until', until: 'promote' });
    }
    const before = plan.steps.slice(at('fence') + 1, at('promote'));
    expect(before.map(({ kind }) => kind)).toEqual(['drainFlow', 'stopFlow', 'commitGroupOffsets']);
    for (const { verification } of before) expect(verification).not.toBe('the step ends without an error');
  });

  it('rests every step between fence and promotion on the fence', () => {
    for (const { precondition } of plan.steps.slice(at('fence') + 1, at('promote'))) {
      expect(precondition).toContain('"primary" refuses client writes');
    }
    expect(plan.steps[at('promote')]?.precondition).toBe('nothing was written on "primary" past the fence');
  });

  it('moves whichever way the snapshot looks', () => {
    const back = planSwitchover(
      snapshotOf({
        ...{ from: 'dr', to: 'primary', active: 'dr' },
        flows: [{ flow: 'dr->primary', state: 'running', lagRecords: 0 }],
      }),
      NO_LIMIT,
    );
    expect(back.blockers).toEqual([]);
    expect(back.steps.find(({ id }) => id === 'reverse')?.title).toContain('primary->dr');
  });

  it('is blocked where it could not be done to its end', () => {
    const blockers = (change: Parameters<typeof snapshotOf>[0]) =>
      planSwitchover(snapshotOf(change), NO_LIMIT).blockers;
    const flow = (state: string) => ({ flows: [{ flow: 'primary->dr', state, lagRecords: 0 }] });
    expect(blockers({ mode: 'dedicated' })).toEqual([DEDICATED_SWITCHOVER]);
    expect(blockers({ twoWay: true })).toEqual([
      'the setup itself copies dr->primary, which would be set to begin anew',
    ]);
    expect(blockers(flow('stopped'))).toEqual(['the flow primary->dr is stopped']);
    expect(blockers({ flows: [] })).toEqual(['the flow primary->dr is absent']);
    expect(blockers({ clusters: [ALIVE('primary'), { alias: 'dr', clusterId: null }] })).toEqual([
      '"dr" does not answer',
    ]);
    expect(blockers({ groups: [groupAt('billing', 'Stable'), groupAt('idle')] })).toEqual([
      'groups with live members on "dr": billing',
    ]);
  });

  it('is blocked by a lag above the limit, and by one that nobody knows', () => {
    const blockers = (lagRecords: number | null, maxLag: number | null) =>
      planSwitchover(snapshotOf({ flows: [{ flow: 'primary->dr', state: 'running', lagRecords }] }), { maxLag })
        .blockers;
    expect(blockers(11, 10)).toEqual(['the lag of primary->dr is 11 records, and must be at most 10']);
    expect(blockers(null, 10)).toEqual(['the lag of primary->dr is not known, and must be at most 10']);
    expect([blockers(10, 10), blockers(0, 0), blockers(1e9, null), blockers(null, null)]).toEqual([[], [], [], []]);
  });

  it('says what is copied first', () => {
    const warnings = (lagRecords: number | null) =>
      planSwitchover(snapshotOf({ flows: [{ flow: 'primary->dr', state: 'running', lagRecords }] }), NO_LIMIT).warnings;
    expect(warnings(7)).toEqual(['7 records are copied before clients are refused']);
    expect(warnings(1)).toEqual(['1 record is copied before clients are refused']);
    expect([warnings(0), warnings(null)]).toEqual([[], []]);
  });
});

describe('a plan is stale', () => {
  const then = assumptionsOf(snapshotOf());
  const reasonsWith = (change: Parameters<typeof snapshotOf>[0]) =>
    staleReasons(then, assumptionsOf(snapshotOf(change)));

  it('never where nothing has changed but how far things are', () => {
    expect(reasonsWith({})).toEqual([]);
    expect(reasonsWith({ takenAt: 'later', groups: [groupAt('new', 'Empty')], topics: ['primary.new'] })).toEqual([]);
    expect(reasonsWith({ flows: [{ flow: 'primary->dr', state: 'running', lagRecords: 7 }] })).toEqual([]);
  });

  it('where a cluster, a flow, a group or the active side has become another', () => {
    expect(reasonsWith({ clusters: [ALIVE('primary'), { alias: 'dr', clusterId: 'other' }] })).toEqual([
      'the cluster id of "dr" was id-of-dr, is other',
    ]);
    expect(reasonsWith({ clusters: [{ alias: 'primary', clusterId: null }, ALIVE('dr')] })).toHaveLength(1);
    expect(reasonsWith({ flows: [{ flow: 'primary->dr', state: 'stopped', lagRecords: 0 }] })).toEqual([
      'the flow primary->dr was running, is stopped',
    ]);
    expect(reasonsWith({ groups: [groupAt('billing', 'Stable')] })).toHaveLength(1);
    expect(reasonsWith({ epoch: 2 })).toEqual(['the epoch was 1, is 2']);
    expect(reasonsWith({ active: 'dr', epoch: 2 })).toHaveLength(2);
  });
});
