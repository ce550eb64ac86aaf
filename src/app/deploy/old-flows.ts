import { CONNECTOR_TYPES } from '../../domain/lab/connect-config.ts';
import type { Setup } from '../../domain/setup.ts';
import { flowId } from '../../domain/setup.ts';
import type { Lab } from '../lab/lab.ts';
import { connectOf, forwardFlows } from '../lab/lab.ts';
import { existingConnectors } from '../replicate/flow-connectors.ts';

/** Deletes the connectors of flows that an earlier deploy started and the file names no more. True when there were any. */
export async function removeOldFlows(lab: Lab, earlier: Setup, signal: AbortSignal): Promise<boolean> {
  const wanted = new Set(forwardFlows(lab).map(flowId));
  const old = earlier.replication.flows.filter((flow) => !wanted.has(flowId(flow)));
  for (const flow of old) {
    for (const name of await existingConnectors(lab, flow, CONNECTOR_TYPES, signal)) {
      await connectOf(lab, flow.target).delete(name, signal);
    }
    lab.tools.events.emit('note', { text: `removed the flow ${flowId(flow)}` });
  }
  return old.length > 0;
}
