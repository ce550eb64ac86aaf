import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assembleReport } from '../../../../src/app/report/assemble-report.ts';
import { EVENT_LEVELS } from '../../../../src/domain/events.ts';
import type { AnyEvent } from '../../../../src/domain/events.ts';
import { event, run, unplannedKill, unplannedKillReport } from '../../report/fixture.ts';

describe('the report of a finished drill', () => {
  it('names the run and its scenario', () => {
    expect(unplannedKillReport()).toMatchObject({
      schema: 'kmk.report/v1',
      runId: '20260304-091500-k3x9',
      command: 'demo',
      project: 'kmk-demo',
      scenario: 'unplanned-kill',
      seed: 42,
      startedAt: '2026-03-04T09:15:00.120Z',
      finishedAt: '2026-03-04T09:15:48.360Z',
      durationMs: 48_240,
      state: 'finished',
      exitCode: 0,
      verdict: 'pass',
    });
  });

  it('sums up what the disaster cost, not what the failback cost', () => {
    expect(unplannedKillReport().summary).toEqual({
      loss: { records: 58, ms: 290, basis: 'ledger' },
      recovery: { writeMs: 3180, readMs: 3940, rtoMs: 3940 },
      redelivered: 59,
      skipped: 0,
      duplicates: 0,
      late: 58,
      stranded: 58,
    });
  });

  it('keeps the ledger by partition with totals', () => {
    const [ledger, ...more] = unplannedKillReport().ledgers;
    expect(more).toEqual([]);
    expect(ledger?.partitions.map(({ lost }) => lost)).toEqual([18, 22, 18]);
    expect(ledger?.totals).toMatchObject({ sent: 4285, acknowledged: 4283, lost: 58, duplicated: 0 });
  });

  it('keeps groups with their offsets on both sides, per move and as last sampled', () => {
    const groups = unplannedKillReport().groups;
    expect(groups.map(({ context }) => context)).toEqual(['failover primary->dr', 'failback dr->primary', null]);
    expect(groups[0]?.positions[0]).toMatchObject({ committed: '612', targetCommitted: '594', verdict: 'behind' });
    expect(groups[2]?.positions.map(({ committed }) => committed)).toEqual(['870', '899', '914']);
  });

  it('marks faults, their healing and changes of the active cluster', () => {
    const marks = unplannedKillReport().marks.map(({ kind, label }) => `${kind}: ${label}`);
    expect(marks).toEqual([
      'fault: kill primary (primary-1)',
      'active: active: dr',
      'heal: kill primary healed',
      'active: active: primary',
    ]);
  });

  it('lists a check once though the event and the result both hold it', () => {
    const ids = unplannedKillReport().checks.map(({ id }) => id);
    expect(ids).toHaveLength(10);
    expect(new Set(ids).size).toBe(10);
  });
});

describe('a broken journal', () => {
  const whole = unplannedKill();

  it('gives a report wherever it is cut off, and says that the run is unfinished', () => {
    for (let length = 0; length < whole.length; length += 1) {
      const model = assembleReport(whole.slice(0, length));
      expect(model.state).toBe('unfinished');
      expect(model.finishedAt).toBeNull();
      const scenarioIsJudged = length > whole.findLastIndex(({ event: name }) => name === 'result.recorded');
      if (!scenarioIsJudged) expect(model.verdict).not.toBe('pass');
    }
  });

  it('calls a step without an end interrupted, with the last that it said', () => {
    const cut = whole.findIndex(({ event: name, data }) => name === 'step.progress' && data.id === 'catch-up');
    const steps = assembleReport(whole.slice(0, cut + 1)).steps;
    const open = steps.filter(({ state }) => state === 'interrupted');
    expect(open.map(({ id }) => id)).toEqual(['failback', 'catch-up']);
    expect(open[1]).toMatchObject({ depth: 1, progress: 'copying what dr took meanwhile' });
  });

  it('never throws, whatever the payloads are', () => {
    const anyEvent = fc.record({
      at: fc.oneof(fc.string(), fc.date({ noInvalidDate: true }).map(String), fc.constant(whole[0]?.at)),
      runId: fc.oneof(fc.string(), fc.constant(undefined)),
      event: fc.oneof(fc.constantFrom(...Object.keys(EVENT_LEVELS)), fc.string()),
      data: fc.oneof(fc.object({ key: fc.constantFrom(...keysOf(whole)) }), fc.jsonValue()),
    });
    fc.assert(
      fc.property(fc.array(fc.oneof(anyEvent, fc.jsonValue())), (events) => {
        const model = assembleReport(events as unknown as AnyEvent[]);
        expect(JSON.parse(JSON.stringify(model))).toEqual(model);
      }),
    );
  });

  it('counts events of a newer kmk', () => {
    const newer = { ...event(5, 'note', { text: '' }), event: 'quantum.flux' } as unknown as AnyEvent;
    expect(assembleReport(run([newer, newer])).unknownEvents).toEqual([{ event: 'quantum.flux', count: 2 }]);
  });

  it('does not let time run backwards', () => {
    const model = assembleReport([
      event(1000, 'note', { text: 'a' }),
      event(400, 'note', { text: 'b' }),
      event(1200, 'note', { text: 'c' }),
    ]);
    expect(model.notes.map(({ atMs }) => atMs)).toEqual([0, 0, 200]);
  });

  it('is unfinished again while a resumed run is at work', () => {
    const [start] = run([]);
    expect(assembleReport([...run([], 130), start as AnyEvent]).state).toBe('unfinished');
    expect(assembleReport([...run([], 130), ...run([])])).toMatchObject({ state: 'finished', exitCode: 0 });
  });
});

/** Every key of the events and of what lies in them, so that made-up payloads meet the fields that are read. */
function keysOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return ['x'];
  const own = Array.isArray(value) ? [] : Object.keys(value);
  return [...new Set([...own, ...Object.values(value).flatMap(keysOf)])];
}
