import type { VerifyCheck } from './snapshot.ts';
import { listed } from './snapshot.ts';

/** A flow that stands still copies nothing; one that FAILED will not go on by itself. */
export const flowRunning: VerifyCheck = (flows) => {
  const id = 'flow.running';
  const idle = flows.filter(({ state }) => state !== 'running');
  const message = listed(idle.map(({ flow, state }) => `${flow} is ${state}`));
  if (idle.length === 0) return { id, verdict: 'pass', message: `running: ${listed(flows.map(({ flow }) => flow))}` };
  const failed = idle.some(({ state }) => state === 'faulted' || state === 'absent');
  return { id, verdict: failed ? 'fail' : 'inconclusive', message };
};
