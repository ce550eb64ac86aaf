import { describe, expect, it } from 'vitest';
import { assembleReport } from '../../../../src/app/report/assemble-report.ts';
import type { AnyEvent, StepState } from '../../../../src/domain/events.ts';
import { event, run } from '../../report/fixture.ts';

const start = (atMs: number, id: string, kind: string) => event(atMs, 'step.started', { id, kind, title: `do ${id}` });
const finish = (atMs: number, id: string, durationMs: number, state: StepState = 'done') =>
  event(atMs, 'step.finished', { id, state, durationMs });
const stepsOf = (events: readonly AnyEvent[]) =>
  assembleReport(run(events)).steps.map(({ id, depth, startMs, durationMs, state }) => [
    id,
    depth,
    startMs,
    durationMs,
    state,
  ]);

describe('steps', () => {
  it('nest where their kinds differ and stand side by side where they are alike', () => {
    const steps = stepsOf([
      start(10, 'deploy', 'scenario'),
      start(20, 'a', 'service'),
      start(25, 'b', 'service'),
      finish(50, 'a', 30),
      finish(60, 'b', 35),
      finish(70, 'deploy', 60),
      start(80, 'c', 'scenario'),
      finish(90, 'c', 10),
    ]);
    expect(steps).toEqual([
      ['deploy', 0, 10, 60, 'done'],
      ['a', 1, 20, 30, 'done'],
      ['b', 1, 25, 35, 'done'],
      ['c', 0, 80, 10, 'done'],
    ]);
  });

  it('are not inside one that ended before them', () => {
    const steps = stepsOf([
      start(10, 'background', 'workload'),
      start(20, 'wait', 'wait'),
      finish(30, 'background', 20),
      finish(90, 'wait', 70),
    ]);
    expect(steps.map(([id, depth]) => [id, depth])).toEqual([
      ['background', 0],
      ['wait', 0],
    ]);
  });

  it('of one id that occur twice are two', () => {
    const steps = stepsOf([
      start(10, 'promote', 'phase'),
      finish(20, 'promote', 10, 'failed'),
      start(30, 'promote', 'phase'),
      finish(45, 'promote', 15),
    ]);
    expect(steps).toEqual([
      ['promote', 0, 10, 10, 'failed'],
      ['promote', 0, 30, 15, 'done'],
    ]);
  });

  it('whose start is missing begin where their duration says', () => {
    expect(stepsOf([finish(100, 'late', 40)])).toEqual([['late', 0, 60, 40, 'done']]);
  });

  it('come from the result where the journal has none', () => {
    const phases = [{ id: 'fence', startedAt: '2026-03-04T09:00:01.000Z', durationMs: 500, state: 'done' }];
    const recorded = event(2000, 'result.recorded', { schema: 'kmk.failover/v1', document: { phases } });
    expect(stepsOf([recorded])).toEqual([['fence', 0, 1000, 500, 'done']]);
  });
});
