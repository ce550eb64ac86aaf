import { KmkError } from './errors.ts';
import type { Replication, RuntimeName, Setup } from './setup.ts';

/**
 * What can be done to the services of a site. `restart` is over when they run again; the others last until healed.
 * `partition`, `latency` and `loss` leave the services running and change what the network does with their traffic;
 * `disk-full` leaves a broker no byte to write.
 */
export const FAULT_KINDS = ['kill', 'stop', 'freeze', 'partition', 'latency', 'loss', 'disk-full', 'restart'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Faults of the network: the services do not notice that they are meant. */
const NETWORK_KINDS: readonly FaultKind[] = ['partition', 'latency', 'loss'];

/** Faults that take a whole site away from its clients: what a failover answers. */
export const DISASTERS = ['kill', 'stop', 'freeze', 'partition'] as const;
export type Disaster = (typeof DISASTERS)[number];

/** The disasters that `kmk failover --simulate` causes. */
export const SIMULATED = ['kill', 'stop', 'partition'] as const;
export type SimulatedDisaster = (typeof SIMULATED)[number];

/**
 * A site is everything of a cluster: its brokers and its Connect worker. Its links are the ways between its brokers and
 * other sites' workers, and between its worker and other sites' brokers; clients do not use them.
 */
export type FaultScope = 'site' | 'links' | 'brokers' | `broker-${number}`;

/** Of links: `in` is what other sites ask this one for, `out` what this site asks others for. */
export const DIRECTIONS = ['in', 'out', 'both'] as const;
export type Direction = (typeof DIRECTIONS)[number];

export interface Fault {
  readonly kind: FaultKind;
  /** Alias of the cluster that is hit. */
  readonly cluster: string;
  readonly scope: FaultScope;
  /** Which links, where the scope is `links`; both when it is not given. */
  readonly direction?: Direction;
  /** What `latency` adds to every round trip. */
  readonly delayMs?: number;
  /** How many of a hundred packets `loss` takes. */
  readonly lossPercent?: number;
}

export function isNetworkFault({ kind }: Pick<Fault, 'kind'>): boolean {
  return NETWORK_KINDS.includes(kind);
}

/** Whether the fault's scope covers a service of its cluster. Links are everybody's. */
export function covers({ scope, cluster }: Fault, service: { readonly name: string; readonly kind: string }): boolean {
  if (scope === 'site' || scope === 'links') return true;
  if (scope === 'brokers') return service.kind === 'broker';
  return service.name === `${cluster}-${scope}`;
}

/** In a few words: `kill -9`, `freeze`. */
export const FAULT_WORDS: Readonly<Record<FaultKind, string>> = {
  kill: 'kill -9',
  stop: 'stop',
  freeze: 'freeze',
  partition: 'network partition',
  latency: 'network latency',
  loss: 'packet loss',
  'disk-full': 'full disk',
  restart: 'restart',
};

/** What of a setup decides which faults its lab can have. */
export type Prepared = Pick<Setup, 'faults'> & { readonly replication: Pick<Replication, 'mode'> };

/** What a lab is that was deployed without a word on faults. */
export const UNPREPARED: Prepared = { faults: { network: false, diskMb: 0 }, replication: { mode: 'connect' } };

/**
 * Throws KMK_ENV_RUNTIME for a fault that the lab is not prepared for: JVMs of one machine share its network unless a
 * gate stands before each site, and a disk that is to be full must not be the machine's own.
 */
export function refuseImpossible(kind: FaultKind, runtime: RuntimeName, { faults, replication }: Prepared): void {
  const context = { fault: kind, runtime };
  const gates = faults.network && replication.mode === 'connect';
  if (NETWORK_KINDS.includes(kind) && runtime === 'local' && !gates) {
    const what = kind === 'partition' ? 'no site can be cut off' : `${FAULT_WORDS[kind]} is not to be had`;
    throw new KmkError('KMK_ENV_RUNTIME', `the ${runtime} runtime has one network for everything: ${what}`, {
      hints: [
        'Set `faults: { network: true }` in kmk.yaml, then run `kmk destroy` and `kmk deploy`: a gate then stands before each site (not with replication.mode dedicated).',
        'Or take the Docker runtime: `kmk deploy --runtime docker`.',
      ],
      context,
    });
  }
  if (kind === 'disk-full' && faults.diskMb === 0) {
    throw new KmkError('KMK_ENV_RUNTIME', 'the brokers of this lab are on the disk of the machine: it is not filled', {
      hints: [
        'Set `faults: { diskMb: 256 }` in kmk.yaml, then run `kmk destroy` and `kmk deploy`: each broker gets a disk of that size.',
      ],
      context,
    });
  }
}
