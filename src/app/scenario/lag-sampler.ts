import { flowId } from '../../domain/setup.ts';
import { findLab, flowBetween, forwardFlows } from '../lab/lab.ts';
import type { Toolbox } from '../ports/toolbox.ts';
import { readLag, totalLag } from '../replicate/positions.ts';

const INTERVAL_MS = 500;

/**
 * Journals what each flow has still to copy until the signal aborts: the setup's flows, and after a failover the
 * reverse one once it runs. A side that does not answer gives no sample: the gap in the chart is the outage.
 */
export async function sampleLag(tools: Toolbox, topics: ReadonlySet<string>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const lab = await findLab(tools).catch(() => null);
    if (lab !== null) {
      const { promotion } = lab.record;
      const reverse = promotion?.seeded === true ? flowBetween(lab, promotion.to, promotion.from) : null;
      const flows = promotion === null ? forwardFlows(lab) : reverse === null ? [] : [reverse];
      for (const flow of flows) {
        const lags = await readLag(lab, flow, signal).catch(() => null);
        if (lags === null) continue;
        const lagRecords = totalLag(lags.filter(({ topic }) => topics.has(topic)));
        tools.events.emit('flow.lag.sampled', { flow: flowId(flow), lagRecords, lagMs: null });
      }
    }
    await tools.clock.sleep(INTERVAL_MS, signal).catch(() => undefined);
  }
}
