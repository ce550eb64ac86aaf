import type { FailoverDocument } from '../../domain/documents.ts';
import type { SwitchoverIntent } from '../../domain/plan/plan-switchover.ts';
import { planSwitchover } from '../../domain/plan/plan-switchover.ts';
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
  const snapshot = await takeSnapshot(lab, 'switchover', signal);
  return { snapshot, plan: planSwitchover(snapshot, request) };
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
