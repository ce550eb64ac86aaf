import { describe, expect, it } from 'vitest';
import { carryOut } from '../../../../src/app/failover/carry-out.ts';
import { newMove, orPartlyDone } from '../../../../src/app/failover/move-context.ts';
import type { Run } from '../../../../src/app/run.ts';
import { KmkError } from '../../../../src/domain/errors.ts';
import { planFailover } from '../../../../src/domain/plan/plan-failover.ts';
import { planSwitchover } from '../../../../src/domain/plan/plan-switchover.ts';
import { fakeLab, labRecord } from '../../../fakes/lab.ts';
import { groupAt, snapshotOf } from '../../domain/plan/snapshots.ts';

const RUN = { runId: 'r' } as Run;
const { signal } = new AbortController();

describe('carryOut', () => {
  it('refuses a blocked plan with the error and the hints of its first blocker', async () => {
    const snapshot = snapshotOf({ groups: [groupAt('billing', 'Stable')] });
    const plan = planFailover(snapshot, { simulate: 'kill', force: false });
    await expect(carryOut(fakeLab(), { plan, snapshot }, RUN, signal)).rejects.toMatchObject({
      code: 'KMK_GROUP_ACTIVE',
      message: 'refused: groups with live members on "dr": billing',
      hints: [expect.stringContaining('Stop these consumers')],
    });
  });

  it('refuses a plan that another move has overtaken before the lock was had, and reaches for no cluster', async () => {
    const snapshot = snapshotOf();
    const plan = planSwitchover(snapshot, { maxLag: null });
    for (const now of [{ epoch: 2, active: 'dr' }, { epoch: 2 }]) {
      const lab = { ...fakeLab(), record: labRecord(now) };
      await expect(carryOut(lab, { plan, snapshot }, RUN, signal)).rejects.toMatchObject({
        code: 'KMK_PLAN_STALE',
        message: expect.stringContaining('in epoch 2') as string,
      });
    }
  });
});

describe('orPartlyDone', () => {
  it('leaves the error of a run that another kmk has taken over as it is: there is nothing to go on with here', async () => {
    const move = newMove(RUN);
    move.phases.push({ id: 'fence', startedAt: '', durationMs: 1, state: 'done' });
    const taken = new KmkError('KMK_LOCKED', 'somebody has taken the lease of this run');
    await expect(orPartlyDone(move, 'Run `kmk resume`.', () => Promise.reject(taken))).rejects.toBe(taken);
    const other = new KmkError('KMK_KAFKA_UNREACHABLE', 'no broker answers');
    await expect(orPartlyDone(move, 'Run `kmk resume`.', () => Promise.reject(other))).rejects.toMatchObject({
      code: 'KMK_PARTLY_DONE',
    });
  });
});
