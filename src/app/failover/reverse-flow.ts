import { CONNECTOR_TYPES } from '../../domain/lab/connect-config.ts';
import type { Lab } from '../lab/lab.ts';
import { saveRecord } from '../lab/lab.ts';
import { awaitWorker } from '../lab/readiness.ts';
import { startServices } from '../lab/start-services.ts';
import { withFreeWorkerPort } from '../lab/worker-port.ts';
import { awaitHeartbeat, sendCanary } from '../replicate/canary.ts';
import { ensureConnectors, resumeConnectors } from '../replicate/flow-connectors.ts';
import { awaitCaughtUp } from './drain.ts';
import { remoteEnds } from './failback-checks.ts';
import { openCluster } from './fence.ts';
import { seedReverseFlow } from './seed-reverse.ts';
import type { MoveFlows } from './take-snapshot.ts';

/** Starts the worker at the returning cluster, and the reverse flow: seeded once, resumed every time. */
export async function startReverse(lab: Lab, { forward, reverse }: MoveFlows, signal: AbortSignal): Promise<Lab> {
  const workers = [reverse.target, forward.target];
  let current = lab;
  for (const alias of workers) current = await withFreeWorkerPort(current, alias);
  const started = current;
  await startServices(started, { clusters: [reverse.target], workers }, signal);
  await Promise.all(workers.map((alias) => awaitWorker(started, alias, signal)));
  const { promotion } = started.record;
  if (promotion === null) throw new Error('no promotion says where the reverse flow starts');
  if (!promotion.seeded) {
    await seedReverseFlow(current, reverse, promotion.watermarks, signal);
    const reverseStart = await remoteEnds(current, reverse, signal);
    current = await saveRecord(current, { promotion: { ...promotion, seeded: true, reverseStart } });
  }
  await resumeConnectors(current, reverse, CONNECTOR_TYPES, signal);
  return current;
}

/** The setup's own flow runs again from where it stopped; the side that was left is writable again (default policy). */
export async function resumeForward(lab: Lab, { forward, reverse }: MoveFlows, signal: AbortSignal): Promise<Lab> {
  // Open already, unless an earlier failback was interrupted just before.
  await openCluster(lab, forward.source, signal);
  const current = await withFreeWorkerPort(lab, forward.target);
  await startServices(current, { clusters: [], workers: [forward.target] }, signal);
  await awaitWorker(current, forward.target, signal);
  await ensureConnectors(current, forward, 'RUNNING', signal);
  await resumeConnectors(current, forward, CONNECTOR_TYPES, signal);
  if (current.record.setup.replication.policy === 'default') await openCluster(current, reverse.source, signal);
  await Promise.all([sendCanary(current, forward, signal), awaitHeartbeat(current, forward, signal)]);
  await awaitCaughtUp(current, forward, 'forward', signal);
  // The worker at the returned cluster has nothing to run until the next failback.
  await current.runtime.stop(`${reverse.target}-connect`, { graceMs: 10_000 });
  return current;
}
