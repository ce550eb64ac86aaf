import type { FailoverDocument } from '../../domain/documents.ts';
import type { SwitchoverIntent } from '../../domain/plan/plan-switchover.ts';
import { planSwitchover } from '../../domain/plan/plan-switchover.ts';
import { planWave } from '../../domain/plan/plan-wave.ts';
import type { Lab } from '../lab/lab.ts';
import type { Run } from '../run.ts';
import type { PlannedMove } from './carry-out.ts';
import { carryOut } from './carry-out.ts';
import { takeSnapshot } from './take-snapshot.ts';

/** What a switchover would do now. Changes nothing. Throws KMK_WRONG_STATE while a promotion is in force. */
export async function previewSwitchover(
  lab: Lab,
  request: SwitchoverIntent,
  signal: AbortSignal,
): Promise<PlannedMove> {
  const { scope = null } = request;
  const snapshot = await takeSnapshot(lab, 'switchover', signal, { scope });
  return { snapshot, plan: scope === null ? planSwitchover(snapshot, request) : planWave(snapshot, request, scope) };
}

/**
 * Moves clients to the standby while both sides work: nothing lost, nothing skipped. Whatever fails before the
 * promotion is taken back, and clients go on where they were. The caller has confirmed.
 */
export async function switchover(
  lab: Lab,
  request: SwitchoverIntent,
  run: Run,
  signal: AbortSignal,
): Promise<FailoverDocument> {
  return carryOut(lab, await previewSwitchover(lab, request, signal), run, signal);
}
