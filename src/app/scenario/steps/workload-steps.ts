import type { StepActions } from '../../../domain/scenario.ts';
import { clusterLayout } from '../../../domain/lab/layout.ts';
import { flowId } from '../../../domain/setup.ts';
import type { Lab } from '../../lab/lab.ts';
import { forwardFlows } from '../../lab/lab.ts';
import { readLag, totalLag } from '../../replicate/positions.ts';
import { done, pending, waitUntil } from '../../wait-until.ts';
import { unprocessed } from '../checks.ts';
import type { Drill } from '../drill.ts';
import { labOfDrill } from '../drill.ts';

/** Records take as long as they take; a rate that the machine cannot hold must not end a drill early. */
const RECORDS_LIMIT_MS = 30 * 60_000;

/** Lets the writers write. */
export async function steady(drill: Drill, of: StepActions['steady'], signal: AbortSignal): Promise<string> {
  const { clock } = drill.tools;
  const before = acknowledged(drill);
  drill.workload?.resume();
  drill.totals = null;
  if (of.durationMs !== null) await clock.sleep(of.durationMs + Math.floor(drill.random() * of.jitterMs), signal);
  const goal = before + (of.records ?? 0);
  await waitUntil(
    clock,
    {
      what: `${of.records ?? 0} more acknowledged records`,
      timeoutMs: RECORDS_LIMIT_MS,
      intervalMs: 100,
      probe: () => {
        const now = acknowledged(drill);
        return Promise.resolve(now >= goal ? done(undefined) : pending(`${now - before}`));
      },
    },
    signal,
  );
  return `${acknowledged(drill) - before} records acknowledged`;
}

function acknowledged(drill: Drill): number {
  const streams = [...(drill.workload?.streams.values() ?? [])];
  return streams.reduce(
    (sum, { partitions }) => sum + partitions.reduce((total, ledger) => total + ledger.allAcknowledged().size, 0),
    0,
  );
}

/** Stops the writers and waits until flows and groups have nothing left to do. */
export async function drain(drill: Drill, of: StepActions['drain'], signal: AbortSignal): Promise<undefined> {
  const { workload, tools } = drill;
  if (workload === null) return;
  workload.pause();
  await waitUntil(
    tools.clock,
    {
      what: 'the writers to end their last batch',
      timeoutMs: of.timeoutMs,
      probe: () => Promise.resolve(workload.busy ? pending('busy') : done(undefined)),
    },
    signal,
  );
  await waitFor(drill, { for: 'lag', max: 0, timeoutMs: of.timeoutMs }, signal);
  await waitFor(drill, { for: 'unprocessed', max: 0, timeoutMs: of.timeoutMs }, signal);
}

/** Waits until no more than `max` records are left to copy or to process. */
export async function waitFor(drill: Drill, of: StepActions['wait'], signal: AbortSignal): Promise<undefined> {
  const lab = await labOfDrill(drill);
  await waitUntil(
    drill.tools.clock,
    {
      what: of.for === 'lag' ? 'the flows to copy' : 'the groups to process',
      timeoutMs: of.timeoutMs,
      intervalMs: 200,
      probe: async () => {
        const left = of.for === 'lag' ? await lagOf(drill, lab, signal) : countUnprocessed(drill);
        return left <= of.max ? done(undefined) : pending(`${left} records left`);
      },
    },
    signal,
  );
}

function countUnprocessed(drill: Drill): number {
  return drill.workload === null ? 0 : unprocessed(drill.workload).reduce((sum, { left }) => sum + left.size, 0);
}

/** What the flows between running clusters have still to copy of the workload's topics. */
async function lagOf(drill: Drill, lab: Lab, signal: AbortSignal): Promise<number> {
  const topics = new Set([...(drill.workload?.streams.values() ?? [])].map(({ topic }) => topic));
  const services = await lab.runtime.list();
  const runs = (alias: string): boolean =>
    clusterLayout(lab.layout, alias).cluster.kind === 'existing' ||
    services.some(({ cluster, kind, state }) => cluster === alias && kind === 'broker' && state === 'running');
  let records = 0;
  for (const flow of forwardFlows(lab).filter(({ source, target }) => runs(source) && runs(target))) {
    if (lab.record.promotion !== null) continue;
    const lags = await readLag(lab, flow, signal);
    const lagRecords = totalLag(lags.filter(({ topic }) => topics.has(topic)));
    drill.tools.events.emit('flow.lag.sampled', { flow: flowId(flow), lagRecords, lagMs: null });
    records += lagRecords;
  }
  return records;
}
