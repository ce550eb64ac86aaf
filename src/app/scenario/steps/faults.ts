import { KmkError } from '../../../domain/errors.ts';
import type { StepActions } from '../../../domain/scenario.ts';
import { healAndWait } from '../../disrupt/end-faults.ts';
import { injectFault } from '../../disrupt/inject-fault.ts';
import { resolveCluster } from '../../lab/lab.ts';
import type { Drill } from '../drill.ts';
import { labOfDrill } from '../drill.ts';

/** Breaks something that the clients' service is expected to survive. */
export async function runFault(drill: Drill, of: StepActions['fault'], signal: AbortSignal): Promise<string> {
  const lab = await labOfDrill(drill);
  const { alias } = resolveCluster(lab, of.cluster);
  drill.totals = null;
  const { fault: kind, ...how } = of;
  const services = await injectFault(lab, { ...how, kind, cluster: alias }, signal);
  if (services.length > 0) return services.join(', ');
  throw new KmkError(
    'KMK_WRONG_STATE',
    `nothing of "${alias}" that is "${of.scope}" runs: there is nothing to ${of.fault}`,
    {
      hints: ['Run `kmk status` to see what runs.'],
      context: { cluster: alias, scope: of.scope },
    },
  );
}

/** Ends every fault but those of a cluster that was left: that one is the failback's. */
export async function runHeal(drill: Drill, signal: AbortSignal): Promise<string> {
  drill.totals = null;
  const clusters = await healAndWait(await labOfDrill(drill), signal);
  return clusters.length === 0 ? 'nothing was broken' : `${clusters.join(', ')} answer again`;
}
