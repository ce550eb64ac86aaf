import { describe, expect, it } from 'vitest';
import { assembleReport } from '../../../src/app/report/assemble-report.ts';
import type { FailoverDocument } from '../../../src/domain/documents.ts';
import { renderResultText } from '../../../src/report/terminal.ts';
import { HOSTILE, unplannedKill, unplannedKillReport } from './fixture.ts';
import { hostileRun } from './hostile-run.ts';

const failover: FailoverDocument = {
  schema: 'kmk.failover/v1',
  runId: 'run-1',
  kind: 'failover',
  simulated: true,
  from: 'primary',
  to: 'dr',
  verdict: 'fail',
  phases: [
    { id: 'stop-flow', startedAt: '2026-03-04T09:00:00.000Z', durationMs: 335, state: 'done' },
    { id: 'promote', startedAt: '2026-03-04T09:00:01.000Z', durationMs: 12_345, state: 'failed' },
  ],
  recovery: { writeMs: 3180, readMs: null, rtoMs: null },
  loss: { records: null, ms: null, basis: 'estimate' },
  duplicates: 0,
  stranded: null,
  groups: [{ group: 'g', type: 'classic', state: 'Empty', partitions: [], redelivered: null, skipped: 0 }],
  checks: [{ id: 'loss', verdict: 'fail', message: '1,200 records lost' }],
  journal: 'j',
  report: 'runs/run-1/report.html',
};

describe('the result as text', () => {
  it('of a failover', () => {
    expect(renderResultText(failover)).toBe(`FAIL  failover primary -> dr (simulated disaster)  run run-1

phases
  stop-flow  335 ms  done
  promote    12.3 s  failed

loss         unknown, by estimate
recovery     write 3.2 s, read –, RTO –
redelivered  not measured
skipped      0
duplicates   0
stranded     not measured

checks: 0 of 1 passed
  fail  loss  1,200 records lost

report: runs/run-1/report.html
`);
  });

  it('is the same under paint but for the colours', () => {
    const painted = renderResultText(failover, (tone, text) => `<${tone}>${text}</>`);
    expect(painted).toContain('<bad>FAIL</>  <strong>failover primary -> dr');
    expect(painted.replace(/<[a-z]*>|<\/>/g, '')).toBe(renderResultText(failover));
  });

  it('of a report indents inner steps and says when the run is unfinished', () => {
    expect(renderResultText(unplannedKillReport())).toMatch(
      /^ {2}fail over to dr .*\n {4}confirm that primary is gone /m,
    );
    expect(renderResultText(assembleReport(unplannedKill().slice(0, 90)))).toContain('This run is unfinished');
  });

  it('lets no control character through', () => {
    expect(renderResultText(assembleReport(hostileRun(`${HOSTILE}\r\n\u009b2J`)))).not.toMatch(
      /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/,
    );
  });
});
