/** One process or container of a lab, described without saying which of the two it will be. */
export interface ServiceSpec {
  /** Unique in the lab and stable: `primary-broker-1`, `dr-connect`, `dr-mm2`, `dr-zookeeper`. */
  readonly name: string;
  readonly kind: 'broker' | 'connect' | 'mm2' | 'zookeeper' | 'ui' | 'job' | 'gate' | 'disk';
  readonly cluster: string;
  /** Kafka's own main class, every service runs from the same jars; of a gate the module below kmk's own code. */
  readonly mainClass: string;
  /** Arguments; files are named relative to the directory of the rendered files. */
  readonly args: readonly string[];
  readonly heapMb: number;
  /** `host:port` that a host client uses. */
  readonly endpoint: string;
  /** Ports on the host that it binds. */
  readonly ports: readonly number[];
  /** Broker storage to prepare before the first start. */
  readonly storage?: { readonly directory: string; readonly clusterId: string; readonly nodeId: number };
  /** A disk of its own, in memory, for that directory. */
  readonly disk?: { readonly directory: string; readonly sizeMb: number };
  /** Where it registers under that id; it can start only when its earlier registration is gone. */
  readonly zookeeper?: { readonly port: number; readonly brokerId: number };
  /** Changes when anything that matters to a running service changes. */
  readonly specHash: string;
}

/** How the first line of each start begins in a service's log, which keeps those of earlier starts. */
export const START_MARK = '=== started by kmk';

/**
 * Services stop from 0 to 2, gates and disks with the last: workers before brokers, because a worker commits its position on the way down, and brokers
 * before what they are registered with.
 */
export function stopRank(kind: ServiceSpec['kind']): 0 | 1 | 2 {
  if (kind === 'zookeeper' || kind === 'gate' || kind === 'disk') return 2;
  return kind === 'broker' ? 1 : 0;
}
