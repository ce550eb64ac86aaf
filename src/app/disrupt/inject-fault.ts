import type { Fault } from '../../domain/fault.ts';
import type { Lab } from '../lab/lab.ts';

/** Breaks something of the lab and says so. It lasts until it is healed, by whichever kmk comes first. */
export async function injectFault(lab: Lab, fault: Fault, signal: AbortSignal): Promise<readonly string[]> {
  const { services } = await lab.tools.faults(lab.runtime).inject(fault, signal);
  lab.tools.events.emit('fault.injected', { fault: fault.kind, cluster: fault.cluster, services });
  return services;
}
