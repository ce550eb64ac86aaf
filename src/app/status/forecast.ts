import type { FlowStatus, Forecast } from '../../domain/documents.ts';
import { forecastOf } from '../../domain/forecast.ts';
import type { Flow } from '../../domain/setup.ts';
import type { Lab } from '../lab/lab.ts';
import { readGroupPositions } from '../offsets/group-positions.ts';
import { knowledgeAgeMs, seenLag } from '../offsets/samples.ts';

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
  const seen = async (): Promise<number | null> =>
    sourceReachable || !reachable.has(to) ? null : seenLag(lab, flow, signal).catch(() => null);
  const [groups, { lagRecords, heartbeatAgeMs }, lagSeen] = await Promise.all([
    reachable.has(to) ? readGroupPositions(lab, { flow, groups: [], sourceReachable }, signal).catch(() => null) : null,
    status,
    seen(),
  ]);
  const age = sourceReachable ? 0 : await knowledgeAgeMs(lab, flow, heartbeatAgeMs);
  return forecastOf({ from, to, lagRecords: lagRecords ?? lagSeen, groups, knowledgeAgeMs: age });
}
