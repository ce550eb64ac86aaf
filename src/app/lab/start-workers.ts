import { workerGroup } from '../../domain/lab/connect-config.ts';
import type { Lab } from './lab.ts';
import { adminOf, workerOf } from './lab.ts';
import { startServices } from './start-services.ts';
import { isWorkerUp, withFreeWorkerPort } from './worker-port.ts';

/** A cluster that answers does so in milliseconds; one that does not needs no goodbye. */
const GOODBYE_LIMIT_MS = 3000;

/** Starts Connect workers whose brokers run. Gives the lab whose record says their ports. */
export async function startWorkers(lab: Lab, aliases: readonly string[], signal: AbortSignal): Promise<Lab> {
  let current = lab;
  for (const alias of aliases) current = await withFreeWorkerPort(current, alias);
  const ready = current;
  await Promise.all(aliases.map((alias) => leaveForDead(ready, alias, signal)));
  await startServices(ready, { clusters: [], workers: aliases }, signal);
  return ready;
}

/**
 * A worker that was killed is a member of its group for 10 s more (Connect's session.timeout.ms), and its successor has to
 * wait so long for its first assignment: it is taken out of the group first. Where that fails there is the wait.
 */
export async function leaveForDead(lab: Lab, alias: string, signal: AbortSignal): Promise<void> {
  const { name } = workerOf(lab, alias);
  if (await isWorkerUp(lab, alias)) return;
  const group = workerGroup(alias);
  const soon = AbortSignal.any([signal, AbortSignal.timeout(GOODBYE_LIMIT_MS)]);
  try {
    const admin = await adminOf(lab, alias);
    const { members } = await admin.describeGroup(group, soon);
    const dead = members.filter(({ clientId }) => clientId === name);
    const ids = dead.map(({ memberId }) => memberId);
    await admin.removeMembers(group, ids, soon);
  } catch (error) {
    if (signal.aborted) throw error;
  }
}
