import { KmkError } from '../../domain/errors.ts';
import { movedNow } from '../../domain/plan/part.ts';
import type { Flow } from '../../domain/setup.ts';
import { flowId } from '../../domain/setup.ts';
import { nearestName } from '../../util/nearest.ts';
import type { Lab } from '../lab/lab.ts';
import { flowBetween, forwardFlows } from '../lab/lab.ts';

/** The setup's flows, and the reverse one while a failover, or waves, wait for their failback. */
export function flowsOf(lab: Lab): readonly Flow[] {
  const back = lab.record.promotion ?? movedNow(lab.record);
  const reverse = back === null ? null : flowBetween(lab, back.to, back.from);
  return reverse === null ? forwardFlows(lab) : [...forwardFlows(lab), reverse];
}

/**
 * The flow meant by a name: `primary->dr`, or `primary:dr` where a shell would take ">" for itself. Without a name the
 * only flow. Throws KMK_USAGE.
 */
export function findFlow(lab: Lab, name: string | undefined): Flow {
  const flows = flowsOf(lab);
  const known = flows.map((flow) => `${flow.source}:${flow.target}`);
  const [only] = flows;
  if (name === undefined) {
    if (only !== undefined && flows.length === 1) return only;
    throw new KmkError('KMK_USAGE', `there are ${flows.length} flows, name one`, { hints: [listHint(known)] });
  }
  const found = flows.find((flow) => [flowId(flow), `${flow.source}:${flow.target}`].includes(name));
  if (found !== undefined) return found;
  const close = nearestName(name.replace('->', ':'), known);
  const meant = known.find((id) => `${id.split(':')[0] ?? ''}-` === name) ?? close;
  throw new KmkError('KMK_USAGE', `unknown flow "${name}"`, {
    hints: [...(meant === null ? [] : [`Did you mean "${meant}"?`]), listHint(known)],
  });
}

function listHint(known: readonly string[]): string {
  return `Use ${known.map((id) => `"${id}"`).join(' or ')}; a shell takes the ">" of "->" for itself.`;
}
