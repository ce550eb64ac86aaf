import { KmkError } from '../../domain/errors.ts';
import type { Flow } from '../../domain/setup.ts';
import type { Lab } from '../lab/lab.ts';
import { workerOf } from '../lab/lab.ts';
import { isWorkerUp } from '../lab/worker-port.ts';

/**
 * Gives what `work` gives. Where it fails because the Connect worker of the flow has ended, throws KMK_SERVICE_EXITED:
 * no waiting brings that back. A worker that is only slow keeps its own error.
 */
export async function orDown<T>(lab: Lab, flow: Flow, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (await isWorkerUp(lab, flow.target)) throw error;
    const { name } = workerOf(lab, flow.target);
    throw new KmkError('KMK_SERVICE_EXITED', `service "${name}" is down: nothing copies to "${flow.target}"`, {
      hints: [`Run \`kmk logs ${name}\` to see why.`],
      context: { service: name },
      cause: error,
    });
  }
}
