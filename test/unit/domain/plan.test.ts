import { describe, expect, it } from 'vitest';
import type { MoveFacts } from '../../../src/domain/plan.ts';
import { DEDICATED_FAILBACK, planFailback, planFailover } from '../../../src/domain/plan.ts';

const FACTS: MoveFacts = {
  ...{ from: 'primary', to: 'dr', policy: 'default', mode: 'connect', simulate: null, sourceHealthy: false },
  ...{ force: false, groups: 2, topics: 1, liveGroups: [], lagRecords: null },
};

const ids = (facts: Partial<MoveFacts>): readonly string[] =>
  planFailover({ ...FACTS, ...facts }).steps.map(({ id }) => id);

describe('planFailover', () => {
  it('stops the flow before positions are written, and writes them before anyone is let in', () => {
    expect(ids({})).toEqual(['stop-flow', 'offsets', 'promote', 'service', 'verify']);
    expect(ids({ simulate: 'kill' })[0]).toBe('disaster');
  });

  it('names what it will touch', () => {
    const titles = planFailover({ ...FACTS, simulate: 'kill' }).steps.map(({ title }) => title);
    expect(titles).toContain('kill -9 the brokers of "primary" and the Connect worker of that site');
    expect(titles).toContain('commit the best known positions of 2 groups on "dr"');
    expect(titles).toContain('create the missing local topics for 1 mirrored topic on "dr" and make it active');
    const identity = planFailover({ ...FACTS, policy: 'identity', simulate: 'stop' }).steps.map(({ title }) => title);
    expect(identity).toContain('let clients write on "dr" and make it active');
    expect(identity[0]).toMatch(/^stop the brokers/);
  });

  it('is blocked by a healthy source, unless it is given up or rehearsed', () => {
    const blockers = (facts: Partial<MoveFacts>) => planFailover({ ...FACTS, sourceHealthy: true, ...facts }).blockers;
    expect(blockers({})).toEqual(['"primary" is healthy']);
    expect(blockers({ force: true })).toEqual([]);
    expect(blockers({ simulate: 'kill' })).toEqual([]);
    expect(blockers({ sourceHealthy: false })).toEqual([]);
  });

  it('is blocked by live groups on the standby, whatever is forced', () => {
    const { blockers } = planFailover({ ...FACTS, force: true, liveGroups: ['billing', 'audit'] });
    expect(blockers).toEqual(['groups with live members on "dr": billing, audit']);
  });

  it('says what it may cost', () => {
    expect(planFailover({ ...FACTS, sourceHealthy: true, lagRecords: 1 }).warnings).toEqual([
      '1 record not copied yet would be lost or late',
    ]);
    expect(planFailover({ ...FACTS, sourceHealthy: true, lagRecords: 0 }).warnings).toEqual([]);
    expect(planFailover(FACTS).warnings).toEqual([
      '"primary" does not answer: what is known is as old as the last checkpoint',
    ]);
  });
});

describe('planFailback', () => {
  const plan = planFailback({ from: 'dr', to: 'primary', mode: 'connect', policy: 'default' });
  const at = (id: string): number => plan.steps.findIndex((step) => step.id === id);

  it('seeds before it copies, fences before it drains for good, and lets clients in last', () => {
    const order = [
      'stranded',
      'reverse',
      'catch-up',
      'fence',
      'offsets',
      'compare',
      'switch-back',
      'forward',
      'verify',
    ];
    expect(plan.steps.map(({ id }) => id)).toEqual(order);
    expect(plan.steps[at('switch-back')]?.reversible).toBe(false);
    expect(plan).toMatchObject({ schema: 'kmk.plan/v1', kind: 'failback', blockers: [] });
  });

  it('is blocked in dedicated mode', () => {
    const dedicated = planFailback({ from: 'dr', to: 'primary', mode: 'dedicated', policy: 'default' });
    expect(dedicated.blockers).toEqual([DEDICATED_FAILBACK]);
  });
});
