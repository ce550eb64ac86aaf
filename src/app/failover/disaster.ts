import type { Disaster } from '../../domain/fault.ts';
import type { Flow } from '../../domain/setup.ts';
import { partitionKey } from '../../domain/topic.ts';
import { injectFault } from '../disrupt/inject-fault.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import { copiedTopics } from '../replicate/source-topics.ts';

export interface Cut {
  /** Epoch ms just before the first process was hit. */
  readonly at: number;
  /** Ends of the source's partitions read just before, by `partitionKey`; null when they could not be read. */
  readonly sourceEnds: ReadonlyMap<string, bigint> | null;
}

/** Reads the source's ends, then takes its site away at once: the brokers and the Connect worker. */
export async function causeDisaster(lab: Lab, flow: Flow, disaster: Disaster, signal: AbortSignal): Promise<Cut> {
  const sourceEnds = await readEnds(lab, flow, signal).catch(() => null);
  const at = lab.tools.clock.now();
  await injectFault(lab, { kind: disaster, cluster: flow.source, scope: 'site' }, signal);
  return { at, sourceEnds };
}

/** Ends of every partition that the flow copies. */
export async function readEnds(lab: Lab, flow: Flow, signal: AbortSignal): Promise<ReadonlyMap<string, bigint>> {
  const source = await adminOf(lab, flow.source);
  const topics = await copiedTopics(lab, flow, signal);
  const ranges = await source.logRanges(topics, signal);
  return new Map(ranges.map((range) => [partitionKey(range), range.end]));
}
