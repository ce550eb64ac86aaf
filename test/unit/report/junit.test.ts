import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assembleReport } from '../../../src/app/report/assemble-report.ts';
import type { AnyEvent, CheckVerdict, StepState } from '../../../src/domain/events.ts';
import { renderJunit } from '../../../src/report/junit.ts';
import { event, HOSTILE, run, unplannedKill } from './fixture.ts';
import { hostileRun } from './hostile-run.ts';
import { parseXml } from './strict-xml.ts';
import type { XmlElement } from './strict-xml.ts';

const suitesOf = (events: readonly AnyEvent[]) => parseXml(renderJunit(assembleReport(events)));
const casesOf = (root: XmlElement, suite: string) =>
  root.children.find(({ attributes }) => attributes['name'] === suite)?.children ?? [];
const outcome = (testCase: XmlElement | undefined) => testCase?.children[0]?.name ?? 'passed';
const check = (id: string, verdict: CheckVerdict) => event(10, 'check.evaluated', { id, verdict, message: `of ${id}` });
const step = (id: string, state: StepState) => [
  event(10, 'step.started', { id, kind: 'phase', title: id }),
  event(20, 'step.finished', { id, state, durationMs: 1500 }),
];

describe('the JUnit report', () => {
  it('has a case for each check', () => {
    const verdicts: CheckVerdict[] = ['pass', 'fail', 'inconclusive', 'skipped'];
    const root = suitesOf(
      run(
        verdicts.map((verdict) => check(verdict, verdict)),
        6,
      ),
    );
    const cases = casesOf(root, 'checks');
    expect(cases.map(outcome)).toEqual(['passed', 'failure', 'skipped', 'skipped']);
    expect(cases[1]?.children[0]?.attributes).toEqual({ type: 'check', message: 'of fail' });
    expect(root.attributes).toMatchObject({ tests: '5', failures: '1', errors: '0', skipped: '2' });
  });

  it('has a case for each step, and counts a failure once', () => {
    const root = suitesOf(run([...step('a', 'done'), ...step('b', 'failed'), ...step('c', 'skipped')], 5));
    const cases = casesOf(root, 'steps');
    expect(cases.map(({ attributes }) => attributes['name'])).toEqual(['a', 'b', 'c', 'run']);
    expect(cases.map(outcome)).toEqual(['passed', 'failure', 'skipped', 'passed']);
    expect(cases[0]?.attributes['time']).toBe('1.500');
  });

  it('is red where only the exit code tells of a failure', () => {
    expect(outcome(casesOf(suitesOf(run([], 5)), 'steps').at(-1))).toBe('failure');
    expect(outcome(casesOf(suitesOf(run([], 0)), 'steps').at(-1))).toBe('passed');
  });

  it('is red for a journal cut off anywhere', () => {
    const whole = unplannedKill();
    for (let length = 0; length < whole.length; length += 1) {
      const root = suitesOf(whole.slice(0, length));
      expect(outcome(casesOf(root, 'steps').at(-1))).toBe('error');
      expect(Number(root.attributes['errors'])).toBeGreaterThan(0);
    }
    expect(suitesOf(whole).attributes).toMatchObject({ failures: '0', errors: '0' });
  });

  it('gives cases of one name different names', () => {
    const cases = casesOf(suitesOf(run([check('a', 'pass'), check('a', 'fail')])), 'checks');
    expect(cases.map(({ attributes }) => attributes['name'])).toEqual(['a', 'a (2)']);
  });

  it('is well-formed whatever the texts are, and keeps what XML can hold', () => {
    const cases = casesOf(suitesOf(hostileRun(HOSTILE)), 'checks');
    const kept = `<script>alert("x")</script><img src=x onerror='y'>{{{z}}}|\`**b**]]>&amp;[31m\ufffd`;
    expect(cases[0]?.attributes['name']).toBe(kept);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(casesOf(suitesOf(hostileRun(text)), 'checks').length).toBeGreaterThan(0);
      }),
    );
  });
});
