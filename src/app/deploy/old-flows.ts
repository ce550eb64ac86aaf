import { CONNECTOR_TYPES, connectorName } from '../../domain/lab/connect-config.ts';
import type { Setup } from '../../domain/setup.ts';
import { flowId } from '../../domain/setup.ts';
import type { Lab } from '../lab/lab.ts';
import { connectOf, forwardFlows } from '../lab/lab.ts';

/** Deletes the connectors of flows that an earlier deploy started and the file names no more. True when there were any. */
export async function removeOldFlows(lab: Lab, earlier: Setup, signal: AbortSignal): Promise<boolean> {
  const wanted = new Set(forwardFlows(lab).map(flowId));
  const old = earlier.replication.flows.filter((flow) => !wanted.has(flowId(flow)));
  for (const flow of old) {
    const connect = connectOf(lab, flow.target);
    for (const name of CONNECTOR_TYPES.map((type) => connectorName(flow, type))) {
      if ((await connect.report(name, signal)) !== null) await connect.delete(name, signal);
    }
    lab.tools.events.emit('note', { text: `removed the flow ${flowId(flow)}` });
  }
  return old.length > 0;
}
