import { KmkError } from '../errors.ts';
import type { PlanDocument } from './plan.ts';
import { isSealed, PLAN_VERSION } from './plan.ts';

/** Reads a saved plan. Throws KMK_CONFIG_INVALID where it is none, was edited, or is of another version. */
export function parsePlan(text: string, name: string): PlanDocument {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid(name, 'is not JSON');
  }
  const plan = value as Partial<PlanDocument> | null;
  if (typeof plan !== 'object' || plan?.schema !== 'kmk.plan/v1') throw invalid(name, 'is not a plan of kmk');
  if (plan.planVersion !== PLAN_VERSION) {
    throw invalid(name, `is a plan of version ${String(plan.planVersion)}, expected ${PLAN_VERSION}`);
  }
  if (!isSealed(plan as PlanDocument)) throw invalid(name, 'was changed after it was made');
  return plan as PlanDocument;
}

function invalid(name: string, problem: string): KmkError {
  return new KmkError('KMK_CONFIG_INVALID', `plan file "${name}" ${problem}`, {
    hints: ['Make one with `--plan-out FILE`.'],
    context: { file: name },
  });
}
