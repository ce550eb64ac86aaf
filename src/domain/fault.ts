/** What can be done to the services of a site. `restart` is over when they run again; the others last until healed. */
export const FAULT_KINDS = ['kill', 'stop', 'freeze', 'restart'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Faults that take a whole site away from its clients: what a failover answers. */
export const DISASTERS = ['kill', 'stop', 'freeze'] as const;
export type Disaster = (typeof DISASTERS)[number];

/** The disasters that `kmk failover --simulate` causes. */
export const SIMULATED = ['kill', 'stop'] as const;
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
  restart: 'restart',
};
