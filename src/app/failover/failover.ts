import type { FailoverDocument } from '../../domain/documents.ts';
import type { SimulatedDisaster } from '../../domain/fault.ts';
import { refuseImpossible } from '../../domain/fault.ts';
import { planFailover } from '../../domain/plan/plan-failover.ts';
import type { Lab } from '../lab/lab.ts';
import type { Run } from '../run.ts';
import type { PlannedMove } from './carry-out.ts';
import { carryOut } from './carry-out.ts';
import { takeSnapshot } from './take-snapshot.ts';

export interface FailoverRequest {
  /** Cause the disaster first; null where it has happened. */
  readonly simulate: SimulatedDisaster | null;
  /** Go on although the source is healthy. */
  readonly force: boolean;
  /** The caller has seen it die: no sign of life is waited for. */
  readonly gone?: boolean;
}

/** What a failover would do now, from a look at both clusters. Changes nothing. Throws KMK_WRONG_STATE after one. */
export async function previewFailover(lab: Lab, request: FailoverRequest, signal: AbortSignal): Promise<PlannedMove> {
  if (request.simulate !== null) refuseImpossible(request.simulate, lab.runtime.name, lab.record.setup);
  const { simulate, force, gone = false } = request;
  const snapshot = await takeSnapshot(lab, 'failover', signal, { doubted: simulate === null && !force && !gone });
  return { snapshot, plan: planFailover(snapshot, request) };
}

/**
 * Moves clients' service to the standby after the active cluster was lost: stops the flow, commits the groups' best
 * known positions, promotes, proves service with a client's record and checks the result. The caller has confirmed.
 */
export async function failover(
  lab: Lab,
  request: FailoverRequest,
  run: Run,
  signal: AbortSignal,
): Promise<FailoverDocument> {
  return carryOut(lab, await previewFailover(lab, request, signal), run, signal);
}
