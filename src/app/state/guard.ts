import { refuseSplitBrain } from '../../domain/cluster-state.ts';
import { findLab } from '../lab/lab.ts';
import type { Toolbox } from '../ports/toolbox.ts';
import { refuseLeased } from './lease.ts';
import { epochsOf, readStates } from './state-topic.ts';

/** What is checked before something is changed. `epoch`: clients, who work during a move. */
export type Guard = 'none' | 'epoch' | 'lease';

/**
 * Refuses to change anything by knowledge that the clusters have overtaken (KMK_SPLIT_BRAIN_RISK), or while another kmk
 * works on them (KMK_LOCKED). Where nothing is deployed, or no cluster answers, there is nothing to go by.
 */
export async function guardChange(tools: Toolbox, guard: Guard, signal: AbortSignal): Promise<void> {
  if (guard === 'none') return;
  const lab = await findLab(tools);
  if (lab?.record.complete !== true) return;
  const states = await readStates(lab, signal);
  refuseSplitBrain(lab.record, epochsOf(states));
  if (guard === 'epoch') return;
  for (const entries of states.values()) await refuseLeased(lab, entries);
}
