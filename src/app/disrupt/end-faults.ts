import type { Lab } from '../lab/lab.ts';
import { awaitCluster, awaitWorker } from '../lab/readiness.ts';
import type { InjectedFault } from '../ports/fault-injector.ts';

/**
 * Heals every fault in force, a crashed kmk's too. A cluster that was left at a promotion is not touched: only a
 * failback brings it back, behind a fence. Gives the clusters that were healed, which have yet to answer.
 */
export async function healFaults(lab: Lab, signal: AbortSignal): Promise<readonly string[]> {
  const left = lab.record.promotion?.from;
  const faults = (await activeFaults(lab)).filter(({ fault }) => fault.cluster !== left);
  for (const injected of faults) {
    await injected.heal(signal);
    announce(lab, injected);
  }
  return [...new Set(faults.map(({ fault }) => fault.cluster))];
}

/** Heals every fault in force and waits until the clusters and their workers answer. Gives the clusters. */
export async function healAndWait(lab: Lab, signal: AbortSignal): Promise<readonly string[]> {
  const clusters = await healFaults(lab, signal);
  const services = await lab.runtime.list();
  const works = (alias: string): boolean =>
    services.some(({ cluster, kind, state }) => cluster === alias && kind === 'connect' && state === 'running');
  await Promise.all([
    ...clusters.map((alias) => awaitCluster(lab, alias, signal)),
    ...clusters.filter(works).map((alias) => awaitWorker(lab, alias, signal)),
  ]);
  return clusters;
}

/**
 * Ends the faults of a cluster that was left at a promotion. What of it still runs, frozen or cut off, is killed before
 * the fault is lifted: it must never take a write again that nobody copies.
 */
export async function endFaultsOf(lab: Lab, alias: string, signal: AbortSignal): Promise<void> {
  const faults = (await activeFaults(lab)).filter(({ fault }) => fault.cluster === alias);
  if (faults.length === 0) return;
  const alive = (await lab.runtime.list()).filter(
    ({ cluster, state }) => cluster === alias && (state === 'running' || state === 'frozen'),
  );
  await Promise.all(alive.map(({ name }) => lab.runtime.kill(name)));
  for (const { name } of alive) lab.tools.events.emit('service.stopped', { name, how: 'kill' });
  for (const injected of faults) {
    await injected.lift(signal);
    announce(lab, injected);
  }
}

async function activeFaults(lab: Lab): Promise<readonly InjectedFault[]> {
  return lab.tools.faults(lab.runtime).active();
}

function announce(lab: Lab, { fault }: InjectedFault): void {
  lab.tools.events.emit('fault.healed', { fault: fault.kind, cluster: fault.cluster });
}
