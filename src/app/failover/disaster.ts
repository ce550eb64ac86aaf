import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import { topicFilter } from '../../domain/flow-filter.ts';
import type { Flow } from '../../domain/setup.ts';
import { partitionKey } from '../../domain/topic.ts';

export type Disaster = 'kill' | 'stop';

export interface Cut {
  /** Epoch ms just before the first process was hit. */
  readonly at: number;
  /** Ends of the source's partitions read just before, by `partitionKey`; null when they could not be read. */
  readonly sourceEnds: ReadonlyMap<string, bigint> | null;
}

/** A graceful stop flushes; a broker that hangs is killed after this. */
const STOP_GRACE_MS = 15_000;

/** Reads the source's ends, then ends its brokers and the Connect worker of that site at once. */
export async function causeDisaster(lab: Lab, flow: Flow, disaster: Disaster, signal: AbortSignal): Promise<Cut> {
  const sourceEnds = await readEnds(lab, flow, signal).catch(() => null);
  const services = (await lab.runtime.list()).filter(
    (service) => service.cluster === flow.source && (service.state === 'running' || service.state === 'frozen'),
  );
  const at = lab.tools.clock.now();
  await Promise.all(
    services.map((service) =>
      disaster === 'kill' ? lab.runtime.kill(service.name) : lab.runtime.stop(service.name, { graceMs: STOP_GRACE_MS }),
    ),
  );
  lab.tools.events.emit('fault.injected', {
    fault: disaster,
    cluster: flow.source,
    services: services.map((service) => service.name),
  });
  return { at, sourceEnds };
}

/** Ends of every partition that the flow copies. */
export async function readEnds(lab: Lab, flow: Flow, signal: AbortSignal): Promise<ReadonlyMap<string, bigint>> {
  const source = await adminOf(lab, flow.source);
  const topics = (await source.listTopics(signal)).filter(topicFilter(flow, lab.layout.policy));
  const ranges = await source.logRanges(topics, signal);
  return new Map(ranges.map((range) => [partitionKey(range), range.end]));
}
