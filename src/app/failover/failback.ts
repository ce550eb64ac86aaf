import type { FailoverDocument } from '../../domain/documents.ts';
import { planFailback } from '../../domain/plan/plan-failback.ts';
import type { TailRequest } from '../../domain/stranded-tail.ts';
import type { Lab } from '../lab/lab.ts';
import type { Run } from '../run.ts';
import type { PlannedMove } from './carry-out.ts';
import { carryOut } from './carry-out.ts';
import { decisionNow } from './resolve-tail.ts';
import { takeSnapshot } from './take-snapshot.ts';

/** What a failback would do now. Changes nothing. Throws KMK_WRONG_STATE when nothing was failed over. */
export async function previewFailback(lab: Lab, request: TailRequest, signal: AbortSignal): Promise<PlannedMove> {
  const snapshot = await takeSnapshot(lab, 'failback', signal);
  return { snapshot, plan: planFailback(snapshot, decisionNow(lab, request)) };
}

/**
 * Brings the old primary back fenced, catches it up through a reverse flow that is seeded at the watermark (nothing is
 * copied twice), switches clients back and lets the forward flow run again. Interrupted anywhere, a second call goes on.
 */
export async function failback(
  lab: Lab,
  request: TailRequest,
  run: Run,
  signal: AbortSignal,
): Promise<FailoverDocument> {
  return carryOut(lab, await previewFailback(lab, request, signal), run, signal);
}
