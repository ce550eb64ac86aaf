import { userTopicFilter } from '../../domain/flow-filter.ts';
import type { Flow } from '../../domain/setup.ts';
import { max, min } from '../../domain/sync-history.ts';
import type { LogRange } from '../../domain/topic.ts';
import { partitionKey } from '../../domain/topic.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import type { Checkpoints, SyncHistory } from './mm2-records.ts';
import { readCheckpoints, readSyncs } from './mm2-records.ts';
import { recreatedTopics } from './topic-identity.ts';

/** What the flow copies, and for which groups. */
export interface Scope {
  readonly lab: Lab;
  readonly flow: Flow;
  readonly checkpoints: Checkpoints;
  /** Source topic of each remote topic. */
  readonly upstream: ReadonlyMap<string, string>;
}

/** What translates positions of the flow. */
export interface Translator {
  readonly syncs: SyncHistory;
  /** Remote partitions on the target. */
  readonly remote: readonly LogRange[];
  readonly sourceReachable: boolean;
  /** Why a topic's syncs are void, by its name on the source. */
  readonly recreated: ReadonlyMap<string, string>;
}

/** Reads which topics the flow has copied, and MM2's checkpoints. */
export async function readScope(lab: Lab, flow: Flow, signal: AbortSignal): Promise<Scope> {
  const { policy } = lab.layout;
  const copied = userTopicFilter(flow, policy);
  const upstream = new Map<string, string>();
  for (const topic of await (await adminOf(lab, flow.target)).listTopics(signal)) {
    const original =
      policy.name === 'identity'
        ? topic
        : policy.topicSource(topic) === flow.source
          ? policy.upstreamTopic(topic)
          : null;
    if (original !== null && copied(original)) upstream.set(topic, original);
  }
  return { lab, flow, upstream, checkpoints: await readCheckpoints(lab, flow, signal) };
}

/** Reads ends, then syncs: what is to be translated must have been read before. */
export async function readTranslator(scope: Scope, sourceReachable: boolean, signal: AbortSignal): Promise<Translator> {
  const { lab, flow, upstream } = scope;
  const ranges = await (await adminOf(lab, flow.target)).logRanges([...upstream.keys()], signal);
  const syncs = await readSyncs(lab, flow, signal);
  const recreated = await recreatedTopics(lab, flow, { upstream, sourceReachable }, signal);
  const remote = ranges.map((range) => remoteRange(scope, range, syncs));
  return { syncs, remote, sourceReachable, recreated };
}

/** The log's end is the watermark's once the target was promoted: what follows has no original. */
function remoteRange({ lab, flow, upstream }: Scope, range: LogRange, syncs: SyncHistory): LogRange {
  const topic = upstream.get(range.topic) ?? range.topic;
  const { promotion } = lab.record;
  const mark =
    promotion?.to === flow.target && promotion.from === flow.source
      ? promotion.mirrored.find((at) => at.topic === topic && at.partition === range.partition)
      : undefined;
  if (mark !== undefined) return { ...range, end: min(range.end, BigInt(mark.d)) };
  // Syncs are read after the end: what they name is there.
  const last = syncs.get(partitionKey({ topic, partition: range.partition }))?.last?.downstream ?? -1n;
  return { ...range, end: max(range.end, last + 1n) };
}
