import { userTopicFilter } from '../../domain/flow-filter.ts';
import { movedNow } from '../../domain/plan/part.ts';
import type { Flow } from '../../domain/setup.ts';
import { max, min } from '../../domain/sync-history.ts';
import type { LogRange } from '../../domain/topic.ts';
import { partitionKey } from '../../domain/topic.ts';
import type { Recreated } from '../../domain/topic-identity.ts';
import { copyIsAnother } from '../../domain/topic-identity.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import type { Checkpoints, SyncHistory } from './mm2-records.ts';
import { NO_SYNCS, readCheckpoints, readSyncs } from './mm2-records.ts';
import { recreatedOn, recreatedTopics } from './topic-identity.ts';

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
  /** Topics whose syncs are void, by their names on the source. */
  readonly recreated: ReadonlyMap<string, Recreated>;
}

/** Reads which topics the flow has copied, and MM2's checkpoints. */
export async function readScope(lab: Lab, flow: Flow, signal: AbortSignal): Promise<Scope> {
  const [upstream, checkpoints] = await Promise.all([copiesOf(lab, flow, signal), readCheckpoints(lab, flow, signal)]);
  return { lab, flow, upstream, checkpoints };
}

/**
 * Records the ids of the flow's topics where they were not known yet; both clusters must answer. Gives the topics that are
 * not what they were, by their names on the source.
 */
export async function recordTopicIds(
  lab: Lab,
  flow: Flow,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Recreated>> {
  const upstream = await copiesOf(lab, flow, signal);
  return recreatedTopics(lab, flow, { upstream, sourceReachable: true }, signal);
}

/** Source topic of each remote topic. */
async function copiesOf(lab: Lab, flow: Flow, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
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
  return upstream;
}

/** Reads ends, then syncs: what is to be translated must have been read before. */
export async function readTranslator(scope: Scope, sourceReachable: boolean, signal: AbortSignal): Promise<Translator> {
  const { lab, flow, upstream } = scope;
  const target = await adminOf(lab, flow.target);
  const endsAndSyncs = async () => {
    const ranges = await target.logRanges([...upstream.keys()], signal);
    return { ranges, syncs: await readSyncs(lab, flow, signal) };
  };
  const [{ ranges, syncs }, known] = await Promise.all([
    endsAndSyncs(),
    recreatedTopics(lab, flow, { upstream, sourceReachable }, signal),
  ]);
  const recreated = new Map(known);
  for (const topic of await otherCopies(scope, syncs, signal)) {
    const copy = lab.layout.policy.remoteTopic(flow.source, topic);
    if (!recreated.has(topic)) recreated.set(topic, recreatedOn(flow, ['target'], topic, copy));
  }
  const remote = ranges.map((range) => remoteRange(scope, range, syncs));
  return { syncs, remote, sourceReachable, recreated };
}

/** Topics, by their names on the source, whose syncs show that the copy is another one: kmk need not have seen the first. */
async function otherCopies(
  { lab, flow, upstream }: Scope,
  syncs: SyncHistory,
  signal: AbortSignal,
): Promise<readonly string[]> {
  // Read after the syncs: what they name is there, if it is the log that they were written for.
  const ends = await (await adminOf(lab, flow.target)).logRanges([...upstream.keys()], signal);
  return ends.flatMap(({ topic: copy, partition, end }) => {
    const topic = upstream.get(copy) ?? copy;
    return copyIsAnother(syncs.get(partitionKey({ topic, partition })) ?? NO_SYNCS, end) ? [topic] : [];
  });
}

/** The log's end is the watermark's once the target, or a part of it, was promoted: what follows has no original. */
function remoteRange({ lab, flow, upstream }: Scope, range: LogRange, syncs: SyncHistory): LogRange {
  const topic = upstream.get(range.topic) ?? range.topic;
  const begun = lab.record.promotion ?? movedNow(lab.record);
  const mark =
    begun?.to === flow.target && begun.from === flow.source
      ? begun.mirrored.find((at) => at.topic === topic && at.partition === range.partition)
      : undefined;
  if (mark !== undefined) return { ...range, end: min(range.end, BigInt(mark.d)) };
  // Syncs are read after the end: what they name is there.
  const last = syncs.get(partitionKey({ topic, partition: range.partition }))?.last?.downstream ?? -1n;
  return { ...range, end: max(range.end, last + 1n) };
}
