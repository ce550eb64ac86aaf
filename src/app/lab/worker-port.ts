import type { Lab } from './lab.ts';
import { saveRecord, workerOf } from './lab.ts';

/** A JVM that was killed is gone from the list of processes before the system has closed its sockets. */
const CLOSING_MS = 2000;

/**
 * Gives the worker of a cluster another REST port where its recorded one was taken while it was not running: nothing
 * holds the port of a worker that is only started at a failback. Gives the lab whose record says so.
 */
export async function withFreeWorkerPort(lab: Lab, alias: string): Promise<Lab> {
  const worker = workerOf(lab, alias);
  if (await isWorkerUp(lab, alias)) return lab;
  const use = { required: false, what: `Connect worker of "${alias}"`, ownWithinMs: CLOSING_MS };
  const port = await lab.tools.choosePort(worker.restPort, use);
  if (port === worker.restPort) return lab;
  const { ports } = lab.record;
  lab.tools.events.emit('note', { text: `port ${worker.restPort} of "${worker.name}" was taken, it uses ${port} now` });
  return saveRecord(lab, { ports: { ...ports, connect: { ...ports.connect, [alias]: port } } });
}

/** Whether the process of the cluster's Connect worker lives, frozen or not. */
export async function isWorkerUp(lab: Lab, alias: string): Promise<boolean> {
  const { name } = workerOf(lab, alias);
  const service = (await lab.runtime.list()).find((known) => known.name === name);
  return service?.state === 'running' || service?.state === 'frozen';
}
