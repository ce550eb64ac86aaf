import { describe, expect, it } from 'vitest';
import type { MoveFindings } from '../../../../src/app/failover/move-context.ts';
import { newMove } from '../../../../src/app/failover/move-context.ts';
import { switchedBack, withSwitchedBack } from '../../../../src/app/failover/switched-back.ts';
import type { Run } from '../../../../src/app/run.ts';
import type { CheckResult } from '../../../../src/domain/documents.ts';
import type { LabRecord, Moved, Promotion } from '../../../../src/domain/lab/lab-record.ts';
import { fakeLab, labRecord } from '../../../fakes/lab.ts';

const TWICE: CheckResult = { id: 'reverse.nothing-twice', verdict: 'fail', message: '7 copied back, 2 of them twice' };
const RUNNING: CheckResult = { id: 'forward.running', verdict: 'pass', message: 'it runs' };
const SIDES = { from: 'primary', to: 'dr', watermarks: [], mirrored: [] };
const PROMOTION: Promotion = { ...SIDES, at: '', runId: 'earlier', seeded: true };
const MOVED: Moved = { ...SIDES, topics: ['orders'], groups: [], seeded: ['orders'], reverseStart: [] };

function runWith(found: MoveFindings, checks: readonly CheckResult[], record: Partial<LabRecord> = {}) {
  const move = newMove({ runId: 'r' } as Run);
  move.checks.push(...checks);
  return { found, move, lab: { ...fakeLab(), record: labRecord(record) } };
}

const first = runWith({ stranded: 25, duplicates: 2, redelivered: { billing: 9 }, cutAt: 5 }, [TWICE]);

describe('a failback that a second run completes', () => {
  it.each<[string, Partial<LabRecord>]>([
    ['a whole promotion', { promotion: { ...PROMOTION, switched: switchedBack(first) } }],
    ['waves', { moved: { ...MOVED, returned: true, switched: switchedBack(first) } }],
  ])('tells what the first run had counted and what had failed then, of %s', (_, record) => {
    const { found, move } = withSwitchedBack(runWith({}, [RUNNING], record));
    expect(found).toEqual({ stranded: 25, duplicates: 2, redelivered: { billing: 9 } });
    expect(move.checks).toEqual([TWICE, RUNNING]);
  });

  it('tells what it has found itself where both have', () => {
    const again = { ...TWICE, verdict: 'pass' as const, message: '7 copied back, 0 of them twice' };
    const record = { promotion: { ...PROMOTION, switched: switchedBack(first) } };
    const { found, move } = withSwitchedBack(runWith({ duplicates: 0 }, [again, RUNNING], record));
    expect(found).toMatchObject({ stranded: 25, duplicates: 0 });
    expect(move.checks).toEqual([again, RUNNING]);
  });

  it('claims nothing that the first run did not know', () => {
    const switched = switchedBack(runWith({}, []));
    expect(switched).toEqual({ checks: [] });
    const { found } = withSwitchedBack(runWith({}, [RUNNING], { promotion: { ...PROMOTION, switched } }));
    expect(found).toEqual({});
  });

  it('keeps the checks as they were when clients were let in', () => {
    const run = runWith({}, [TWICE]);
    const switched = switchedBack(run);
    run.move.checks.push(RUNNING);
    expect(switched.checks).toEqual([TWICE]);
  });
});
