import { describe, expect, it } from 'vitest';
import { assembleReport } from '../../../../src/app/report/assemble-report.ts';
import type { AnyEvent, CheckVerdict } from '../../../../src/domain/events.ts';
import { event, run } from '../../report/fixture.ts';

const check = (verdict: CheckVerdict) => event(10, 'check.evaluated', { id: verdict, verdict, message: 'm' });
const result = (schema: string, document: object) => event(20, 'result.recorded', { schema, document });
const failover = (verdict: string, more: object = {}) =>
  result('kmk.failover/v1', { kind: 'failover', from: 'a', to: 'b', verdict, ...more });
const scenario = (verdict: string) => result('kmk.scenario/v1', { scenario: 's', verdict });
const verdictOf = (events: readonly AnyEvent[]) => assembleReport(events).verdict;

describe('the verdict', () => {
  it.each([
    ['nothing to judge', run([]), 'none'],
    ['an error without checks', run([], 5), 'none'],
    ['exit code 6', run([], 6), 'fail'],
    ['checks that pass', run([check('pass'), check('skipped')]), 'pass'],
    ['only skipped checks', run([check('skipped')]), 'inconclusive'],
    ['an inconclusive check', run([check('pass'), check('inconclusive')]), 'inconclusive'],
    ['a failed check', run([check('pass'), check('fail')]), 'fail'],
    ['checks that passed before the run broke off', run([check('pass')]).slice(0, -1), 'inconclusive'],
    ['checks that passed before an error', run([check('pass')], 5), 'inconclusive'],
    ['a move that weighed its checks', run([check('inconclusive'), failover('pass')]), 'pass'],
    ['the worst of two moves', run([failover('fail'), failover('pass')]), 'fail'],
    ['a good move in a run that broke off', run([failover('pass')]).slice(0, -1), 'inconclusive'],
    [
      'a good move and a failed check in a run that broke off',
      run([failover('pass'), check('fail')]).slice(0, -1),
      'fail',
    ],
    ['a scenario over its moves', run([failover('inconclusive'), scenario('pass')]), 'pass'],
    ['a scenario that failed', run([failover('pass'), scenario('fail')], 6), 'fail'],
  ] as const)('of %s is right', (_name, events, expected) => {
    expect(verdictOf(events)).toBe(expected);
  });
});

describe('the summary', () => {
  it('is empty where nothing was measured', () => {
    expect(Object.values(assembleReport(run([])).summary).every((value) => value === null)).toBe(true);
  });

  it('takes the outage from the first move and sums the groups', () => {
    const groups = [
      { group: 'g', redelivered: 3, skipped: 0 },
      { group: 'h', redelivered: 4, skipped: 1 },
    ];
    const loss = { records: 7, ms: null, basis: 'offsets' };
    const recovery = { writeMs: 10, readMs: 20, rtoMs: 20 };
    const none = { records: 0, ms: 0, basis: 'ledger' };
    const moves = [
      failover('pass', { groups, loss, recovery, duplicates: 1 }),
      failover('pass', { loss: none, duplicates: 2 }),
    ];
    expect(assembleReport(run(moves)).summary).toMatchObject({
      loss,
      recovery,
      redelivered: 7,
      skipped: 1,
      duplicates: 3,
    });
  });

  it('does not sum what was measured only in part', () => {
    const groups = [
      { group: 'g', redelivered: 3 },
      { group: 'h', redelivered: null },
    ];
    expect(assembleReport(run([failover('pass', { groups })])).summary.redelivered).toBeNull();
  });

  it('takes the last summary of each ledger', () => {
    const row = {
      partition: 0,
      sent: 9,
      acknowledged: 9,
      replicated: 9,
      late: 0,
      duplicated: 0,
      processed: 9,
      redelivered: 0,
      skipped: 0,
    };
    const ledger = (topic: string, lost: number) =>
      event(5, 'ledger.summarised', { topic, partitions: [{ ...row, lost }] });
    const model = assembleReport(run([ledger('a', 1), ledger('b', 2), ledger('a', 4)]));
    expect(model.ledgers.map(({ topic, totals }) => [topic, totals.lost])).toEqual([
      ['a', 4],
      ['b', 2],
    ]);
    expect(model.summary.loss).toEqual({ records: 6, ms: null, basis: 'ledger' });
  });
});
