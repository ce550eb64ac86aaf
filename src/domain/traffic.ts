import type { Fault } from './fault.ts';

/** A way into a site that faults of the network can be laid on. */
export interface Way {
  /** Alias of the cluster that it leads into. */
  readonly cluster: string;
  /** Service that it leads to, such as `primary-broker-1`. */
  readonly service: string;
  readonly kind: 'broker' | 'connect';
  /** Alias of the site whose worker takes it; null for clients and kmk. */
  readonly from: string | null;
}

/** What the network does to the traffic of a way. */
export interface Traffic {
  /** Nothing passes, and nobody is told. */
  readonly cut: boolean;
  /** Added to every round trip. */
  readonly delayMs: number;
  /** How many of a hundred packets are lost. */
  readonly lossPercent: number;
}

export const UNHINDERED: Traffic = { cut: false, delayMs: 0, lossPercent: 0 };

/** Whether the fault is laid on the way. */
export function isOnWay(fault: Fault, way: Way): boolean {
  const into = way.cluster === fault.cluster;
  const outOf = way.from === fault.cluster;
  switch (fault.scope) {
    case 'site':
      return into || outOf;
    case 'links': {
      const direction = fault.direction ?? 'both';
      return way.from !== null && ((into && direction !== 'out') || (outOf && direction !== 'in'));
    }
    case 'brokers':
      return into && way.kind === 'broker';
    default:
      return way.service === `${fault.cluster}-${fault.scope}`;
  }
}

/** All faults on a way together: delays add up, and what one lets pass another may still lose. */
export function trafficOn(way: Way, faults: readonly Fault[]): Traffic {
  return faults
    .filter((fault) => isOnWay(fault, way))
    .reduce((traffic, { kind, delayMs = 0, lossPercent = 0 }): Traffic => {
      if (kind === 'partition') return { ...traffic, cut: true };
      if (kind === 'latency') return { ...traffic, delayMs: traffic.delayMs + delayMs };
      const passes = (1 - traffic.lossPercent / 100) * (1 - lossPercent / 100);
      return { ...traffic, lossPercent: (1 - passes) * 100 };
    }, UNHINDERED);
}
