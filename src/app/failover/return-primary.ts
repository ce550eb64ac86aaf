import { endFaultsOf } from '../disrupt/end-faults.ts';
import type { Lab } from '../lab/lab.ts';
import { labOf } from '../lab/lab.ts';
import { awaitCluster } from '../lab/readiness.ts';
import { startServices } from '../lab/start-services.ts';
import { leaveForDead } from '../lab/start-workers.ts';
import { withFreeWorkerPort } from '../lab/worker-port.ts';
import { fenceCluster, isFenced } from './fence.ts';

const RESTART_GRACE_MS = 15_000;

/**
 * Brings the old primary back so that no client can write on it before its fence is up: first without its CLIENT
 * listener, then, once the DENY is in its metadata, with it on the old port. The worker of the way back starts beside it
 * and is not waited for: its connectors are stopped or not there yet. Gives the lab whose record says its port.
 */
export async function returnFenced(lab: Lab, alias: string, signal: AbortSignal): Promise<Lab> {
  await endFaultsOf(lab, alias, signal);
  if (await runsFenced(lab, alias, signal)) return lab;
  const closed = labOf(lab.tools, lab.record, [alias]);
  await startServices(closed, { clusters: [alias], workers: [] }, signal);
  await awaitCluster(closed, alias, signal);
  await fenceCluster(closed, alias, signal);
  // While the brokers answer; the worker starts beside them.
  await leaveForDead(closed, alias, signal);
  const open = await withFreeWorkerPort(labOf(lab.tools, lab.record), alias);
  const brokers = (await open.runtime.list()).filter(
    (service) => service.cluster === alias && service.kind === 'broker',
  );
  await Promise.all(brokers.map((broker) => open.runtime.stop(broker.name, { graceMs: RESTART_GRACE_MS })));
  await startServices(open, { clusters: [alias], workers: [alias] }, signal);
  await awaitCluster(open, alias, signal);
  return open;
}

/** True when an interrupted failback left it running behind its fence already. */
async function runsFenced(lab: Lab, alias: string, signal: AbortSignal): Promise<boolean> {
  const brokers = (await lab.runtime.list()).filter(
    (service) => service.cluster === alias && service.kind === 'broker',
  );
  const client = new Set(lab.layout.clusters.find((cluster) => cluster.alias === alias)?.clientBootstrap.split(','));
  const running =
    brokers.length > 0 && brokers.every((broker) => broker.state === 'running' && client.has(broker.endpoint));
  return running && (await isFenced(lab, alias, signal).catch(() => false));
}
