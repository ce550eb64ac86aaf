import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnyEvent } from '../../../../src/domain/events.ts';
import { eventsOfPlan, missingFrom } from '../../../../src/domain/plan/copied-events.ts';
import { planFailback } from '../../../../src/domain/plan/plan-failback.ts';
import { progressOf } from '../../../../src/domain/plan/progress.ts';
import { snapshotOf } from './snapshots.ts';

const PLAN = planFailback(snapshotOf({ from: 'dr', to: 'primary', active: 'dr' }));

const event = (name: string, data: object): AnyEvent => ({ event: name, data }) as unknown as AnyEvent;

/** The journal of a run that was done to its end. */
const JOURNAL = PLAN.steps.flatMap(({ id }) => [
  event('plan.step', { plan: PLAN.id, step: id, state: 'started', findings: null }),
  event('check.evaluated', { id: `${id}.holds`, verdict: 'pass', message: '' }),
  event('step.finished', { id, state: 'done', durationMs: 1 }),
  event('plan.step', { plan: PLAN.id, step: id, state: 'done', findings: { [id]: true } }),
]);

describe('missingFrom', () => {
  it('completes a copy that ends anywhere to what the journal tells, nothing twice', () => {
    const at = fc.nat({ max: JOURNAL.length });
    fc.assert(
      fc.property(at, at, (one, other) => {
        const [copied, written] = [Math.min(one, other), Math.max(one, other)];
        const [copy, local] = [JOURNAL.slice(0, copied), JOURNAL.slice(0, written)];
        const whole = [...copy, ...missingFrom(copy, local)];
        expect(progressOf(PLAN, whole)).toEqual(progressOf(PLAN, local));
        expect(new Set(whole).size).toBe(whole.length);
      }),
    );
  });

  it('adds nothing to a copy that has come further, or that tells something else', () => {
    expect(missingFrom(JOURNAL, JOURNAL.slice(0, 7))).toEqual([]);
    expect(missingFrom(JOURNAL.slice(4, 8), JOURNAL)).toEqual([]);
    expect(missingFrom(JOURNAL, JOURNAL)).toEqual([]);
  });
});

describe('eventsOfPlan', () => {
  const adopted = (plan: string): AnyEvent => event('plan.adopted', { plan });

  it('is what follows the adoption of that plan: of earlier moves of the run nothing', () => {
    const earlier = [adopted('earlier'), event('plan.step', { plan: 'earlier', step: 'a', state: 'done' })];
    const own = [adopted(PLAN.id), ...JOURNAL];
    expect(eventsOfPlan(PLAN.id, [...earlier, ...own])).toEqual(own);
  });

  it('is nothing before the plan is adopted', () => {
    expect(eventsOfPlan(PLAN.id, [adopted('earlier'), ...JOURNAL])).toEqual([]);
  });
});
