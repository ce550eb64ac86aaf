import { KmkError } from './errors.ts';
import type { RuntimeName } from './setup.ts';

/**
 * What can be done to the services of a site. `restart` is over when they run again; the others last until healed.
 * `partition` leaves them running and cuts each off from everything, its neighbours too.
 */
export const FAULT_KINDS = ['kill', 'stop', 'freeze', 'partition', 'restart'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Faults that take a whole site away from its clients: what a failover answers. */
export const DISASTERS = ['kill', 'stop', 'freeze', 'partition'] as const;
export type Disaster = (typeof DISASTERS)[number];

/** The disasters that `kmk failover --simulate` causes. */
export const SIMULATED = ['kill', 'stop', 'partition'] as const;
export type SimulatedDisaster = (typeof SIMULATED)[number];

/** A site is everything of a cluster: its brokers and its Connect worker. */
export type FaultScope = 'site' | 'brokers' | `broker-${number}`;

export interface Fault {
  readonly kind: FaultKind;
  /** Alias of the cluster that is hit. */
  readonly cluster: string;
  readonly scope: FaultScope;
}

/** Whether the fault's scope covers a service of its cluster. */
export function covers({ scope, cluster }: Fault, service: { readonly name: string; readonly kind: string }): boolean {
  if (scope === 'site') return true;
  if (scope === 'brokers') return service.kind === 'broker';
  return service.name === `${cluster}-${scope}`;
}

/** In a few words: `kill -9`, `freeze`. */
export const FAULT_WORDS: Readonly<Record<FaultKind, string>> = {
  kill: 'kill -9',
  stop: 'stop',
  freeze: 'freeze',
  partition: 'network partition',
  restart: 'restart',
};

/** Throws KMK_ENV_RUNTIME for a fault that the runtime cannot cause: JVMs of one machine share its network. */
export function refuseImpossible(kind: FaultKind, runtime: RuntimeName): void {
  if (kind !== 'partition' || runtime !== 'local') return;
  throw new KmkError(
    'KMK_ENV_RUNTIME',
    `the ${runtime} runtime has one network for everything: no site can be cut off`,
    {
      hints: [
        'Cause it on the Docker runtime: `kmk deploy --runtime docker`, `kmk scenario run unplanned-partition --runtime docker`.',
        'On this runtime `freeze` comes nearest: connections stay open and nothing answers.',
      ],
      context: { fault: kind, runtime },
    },
  );
}
