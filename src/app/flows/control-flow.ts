import { KmkError } from '../../domain/errors.ts';
import { CONNECTOR_TYPES } from '../../domain/lab/connect-config.ts';
import type { Flow } from '../../domain/setup.ts';
import { flowId } from '../../domain/setup.ts';
import type { Lab } from '../lab/lab.ts';
import { connectOf } from '../lab/lab.ts';
import {
  awaitState,
  existingConnectors,
  pauseConnectors,
  resumeConnectors,
  stopConnectors,
} from '../replicate/flow-connectors.ts';

export type FlowAction = 'pause' | 'resume' | 'stop' | 'restart';

/** Throws KMK_WRONG_STATE where the flow has no connectors to act on, or its direction is not in service. */
export function refuseUncontrollable(lab: Lab, flow: Flow, action: FlowAction): void {
  const id = flowId(flow);
  if (lab.record.setup.replication.mode === 'dedicated') {
    throw new KmkError('KMK_WRONG_STATE', `flow ${id} runs in dedicated MM2, which can not ${action} a flow`, {
      hints: ['Set `replication.mode: connect` in kmk.yaml and deploy anew: Connect can.'],
    });
  }
  const { promotion } = lab.record;
  const starts = action === 'resume' || action === 'restart';
  if (starts && promotion !== null && flow.source === promotion.from) {
    throw new KmkError('KMK_WRONG_STATE', `flow ${id} was ended by the failover to "${promotion.to}"`, {
      hints: ['Run `kmk failback`, which starts it again where it may go on.'],
    });
  }
}

/** Brings all connectors of the flow into the state and waits for it. Restarting also resumes what does not run. */
export async function controlFlow(lab: Lab, flow: Flow, action: FlowAction, signal: AbortSignal): Promise<void> {
  switch (action) {
    case 'pause':
      return pauseConnectors(lab, flow, CONNECTOR_TYPES, signal);
    case 'resume':
      return resumeConnectors(lab, flow, CONNECTOR_TYPES, signal);
    case 'stop':
      return stopConnectors(lab, flow, CONNECTOR_TYPES, signal);
    case 'restart':
      return restart(lab, flow, signal);
  }
}

async function restart(lab: Lab, flow: Flow, signal: AbortSignal): Promise<void> {
  const connect = connectOf(lab, flow.target);
  for (const name of await existingConnectors(lab, flow, CONNECTOR_TYPES, signal)) {
    const report = await connect.report(name, signal);
    if (report?.state === 'RUNNING' || report?.state === 'FAILED') await connect.restart(name, signal);
    else await connect.resume(name, signal);
    await awaitState(lab, flow, name, 'RUNNING', signal);
    lab.tools.events.emit('connector.state', { flow: flowId(flow), connector: name, state: 'RUNNING' });
  }
}
