import { CONNECTOR_TYPES } from '../../domain/lab/connect-config.ts';
import type { Flow } from '../../domain/setup.ts';
import type { Lab } from '../lab/lab.ts';
import { stopConnectors } from '../replicate/flow-connectors.ts';

const MM2_STOP_GRACE_MS = 10_000;

/** Ends a flow so that it neither copies nor writes positions; in dedicated mode by ending its process. */
export async function stopFlow(lab: Lab, flow: Flow, signal: AbortSignal): Promise<void> {
  if (lab.record.setup.replication.mode === 'dedicated') {
    await lab.runtime.stop(`${flow.target}-mm2`, { graceMs: MM2_STOP_GRACE_MS });
    return;
  }
  await stopConnectors(lab, flow, CONNECTOR_TYPES, signal);
}
