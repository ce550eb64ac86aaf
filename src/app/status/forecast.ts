import type { FlowStatus, Forecast } from '../../domain/documents.ts';
import { forecastOf } from '../../domain/forecast.ts';
import type { Flow } from '../../domain/setup.ts';
import type { Lab } from '../lab/lab.ts';
import { readGroupPositions } from '../offsets/group-positions.ts';

/** What a failover along the flow would cost now. What cannot be read within the signal's time is null. */
export async function readForecast(
  lab: Lab,
  flow: Flow,
  reachable: ReadonlySet<string>,
  status: Promise<FlowStatus>,
  signal: AbortSignal,
): Promise<Forecast> {
  const { source: from, target: to } = flow;
  const sourceReachable = reachable.has(from);
  const [groups, { lagRecords, heartbeatAgeMs }] = await Promise.all([
    reachable.has(to) ? readGroupPositions(lab, { flow, groups: [], sourceReachable }, signal).catch(() => null) : null,
    status,
  ]);
  // The newest heartbeat on the target is the last sign of a source that no longer answers.
  return forecastOf({ from, to, lagRecords, groups, knowledgeAgeMs: sourceReachable ? 0 : heartbeatAgeMs });
}
