import type { Way } from '../traffic.ts';
import type { BrokerLayout, Layout, WorkerLayout } from './layout.ts';

/** A port that the gate holds on 127.0.0.1, and the one behind it. */
export interface GateWay extends Way {
  readonly listen: number;
  readonly to: number;
}

/** Rendered file with the gate's ways, and the one by which it is told the faults in force. */
export const GATE_WAYS_FILE = 'gate/ways.json';
export const GATE_FAULTS_FILE = 'gate/faults.json';
/** Written by the gate: which edition of the faults file it acts on. */
export const GATE_APPLIED_FILE = 'gate/applied.json';

/** The faults of the network as the gate is told them. */
export interface GateFaults<Fault> {
  /** Another one each time. */
  readonly edition: string;
  readonly faults: readonly Fault[];
}

/** Every way into a site of a local lab whose network may be broken; none where the setup does not ask for gates. */
export function gateWays(layout: Layout): readonly GateWay[] {
  return [
    ...layout.clusters.flatMap(({ brokers }) => brokers.flatMap(waysToBroker)),
    ...layout.workers.flatMap(waysToWorker),
  ];
}

function waysToBroker(broker: BrokerLayout): readonly GateWay[] {
  const { gated, name, client, internal } = broker;
  if (gated === null) return [];
  const way = { cluster: broker.cluster.alias, service: name, kind: 'broker', from: null } as const;
  return [
    { ...way, listen: client, to: gated.client },
    { ...way, listen: internal, to: gated.admin },
    ...gated.links.map(({ from, outer, inner }) => ({ ...way, from, listen: outer, to: inner })),
  ];
}

function waysToWorker({ alias, name, restPort, listenPort }: WorkerLayout): readonly GateWay[] {
  if (restPort === listenPort) return [];
  return [{ cluster: alias, service: name, kind: 'connect', from: null, listen: restPort, to: listenPort }];
}
