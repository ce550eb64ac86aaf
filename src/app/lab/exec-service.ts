import { clusterLayout } from '../../domain/lab/layout.ts';
import type { ExecIo } from '../ports/service-runtime.ts';
import { findService } from './find-service.ts';
import type { Lab } from './lab.ts';

/** Says what a missing command is in the same words everywhere, and exits 127. */
const SHELL = ['sh', '-c', 'exec "$@"', 'sh'] as const;

/**
 * Runs a command where a service runs; its exit code. KMK_BOOTSTRAP leads to the brokers of the service's cluster, as a
 * client beside them. Throws KMK_USAGE for an unknown service and KMK_WRONG_STATE for one that does not run.
 */
export async function execService(
  lab: Lab,
  service: string,
  command: readonly string[],
  io: Omit<ExecIo, 'environment'>,
): Promise<number> {
  const { name, cluster } = findService(await lab.runtime.list(), service);
  const known = lab.layout.clusters.some(({ alias }) => alias === cluster);
  const environment = known ? { KMK_BOOTSTRAP: clusterLayout(lab.layout, cluster).nearBootstrap } : {};
  return lab.runtime.exec(name, [...SHELL, ...command], { ...io, environment });
}
