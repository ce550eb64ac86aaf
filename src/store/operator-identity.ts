import { hostname } from 'node:os';
import type { OperatorIdentity } from '../app/ports/operator.ts';
import { identify } from '../util/process-identity.ts';

/** This process, told from others by host, PID and start time. */
export function createOperatorIdentity(): OperatorIdentity {
  return {
    async me() {
      return { host: hostname(), pid: process.pid, startTime: (await identify(process.pid))?.startTime ?? '' };
    },
    async isGone({ host, pid, startTime }) {
      return host === hostname() && (await identify(pid))?.startTime !== startTime;
    },
  };
}
