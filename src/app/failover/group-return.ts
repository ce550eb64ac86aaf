import type { BackAnswer } from '../../domain/exact-translation.ts';
import { translateBack, translateExactly } from '../../domain/exact-translation.ts';
import { groupFilter } from '../../domain/flow-filter.ts';
import type { Flow } from '../../domain/setup.ts';
import { max } from '../../domain/sync-history.ts';
import type { LogRange, TopicPartitionOffset } from '../../domain/topic.ts';
import { partitionKey } from '../../domain/topic.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import { mapLimited } from '../map-limited.ts';
import { commitOffsets } from '../offsets/commit-offsets.ts';
import type { SyncHistory } from '../offsets/mm2-records.ts';
import { NO_SYNCS, readSyncs } from '../offsets/mm2-records.ts';
import type { Question, Windows } from '../offsets/prove-positions.ts';
import { compareWhereNeeded } from '../offsets/prove-positions.ts';
import type { MoveFlows } from './take-snapshot.ts';

const PARALLEL_GROUPS = 8;

/** A commit on the cluster that is left, and where its translation is to be found. */
interface Found extends Question {
  readonly group: string;
  readonly flow: Flow;
  /** Where the group is to be put. */
  readonly topic: string;
  readonly partition: number;
}

/** Which of a group's topics count: all that it has read, or only what is a copy of something on the other side. */
export type ReturnScope = 'all' | 'copies';

/**
 * Takes the groups' progress on the cluster they leave back to the one they return to. What they read of local topics
 * there goes forward through the reverse flow's syncs (`orders` -> `dr.orders`); what they read of the mirrored ones
 * goes back through the forward flow's (`primary.orders` -> `orders`), which MM2 never does (KIP-1098). Both clusters
 * answer, so contents prove what syncs do not. Commits are only raised; a partition without any gets its log start. Gives
 * the number of positions written.
 */
export async function returnGroups(
  lab: Lab,
  { forward, reverse }: MoveFlows,
  scope: ReturnScope,
  signal: AbortSignal,
): Promise<number> {
  const [leaving, returning] = await Promise.all([adminOf(lab, reverse.source), adminOf(lab, reverse.target)]);
  const wanted = groupFilter(forward);
  const groups = (await leaving.listGroups(signal)).map(({ group }) => group).filter(wanted);
  const { policy } = lab.layout;
  const counts = (topic: string): boolean => scope === 'all' || policy.topicSource(topic) !== null;
  const commits = await mapLimited(groups, PARALLEL_GROUPS, async (group) => {
    const offsets = await leaving.groupOffsets(group, signal);
    return { group, offsets: offsets.filter(({ topic }) => counts(topic)) };
  });
  if (commits.every(({ offsets }) => offsets.length === 0)) return 0;
  const found = await questionsOf(lab, { forward, reverse, commits }, signal);
  const windows = new Map<Flow, Windows>();
  for (const flow of [forward, reverse]) {
    const asked = found.filter((question) => question.flow === flow);
    windows.set(flow, await compareWhereNeeded(lab, flow, asked, signal));
  }
  const ranges = byPartition(await returning.logRanges([...new Set(found.map(({ topic }) => topic))], signal));
  const written = await mapLimited(groups, PARALLEL_GROUPS, async (group) => {
    const own = found.filter((question) => question.group === group);
    if (own.length === 0) return 0;
    const has = new Map((await returning.groupOffsets(group, signal)).map((at) => [partitionKey(at), at.offset]));
    const raise = own.flatMap((at) => {
      const range = ranges.get(partitionKey(at));
      if (range === undefined) return [];
      const compared = windows.get(at.flow)?.get(partitionKey(at.twin)) ?? [];
      const { offset, proof } = positionOf(at.ask({ windows: compared }).answer, range);
      const current = has.get(partitionKey(at));
      if (current !== undefined && current >= offset) return [];
      return [{ topic: at.topic, partition: at.partition, offset, proof }];
    });
    await commitOffsets(lab, reverse.target, group, raise, has, signal);
    return raise.length;
  });
  return written.reduce((sum, count) => sum + count, 0);
}

function positionOf(answer: BackAnswer | null, { start, end }: LogRange) {
  if (answer === null) return { offset: start, proof: 'log-start' };
  return { offset: clamp(answer.offset, start, end), proof: answer.proof };
}

interface Commits {
  readonly forward: Flow;
  readonly reverse: Flow;
  readonly commits: readonly { readonly group: string; readonly offsets: readonly TopicPartitionOffset[] }[];
}

async function questionsOf(
  lab: Lab,
  { forward, reverse, commits }: Commits,
  signal: AbortSignal,
): Promise<readonly Found[]> {
  const { policy } = lab.layout;
  const [leaving, returning] = await Promise.all([adminOf(lab, reverse.source), adminOf(lab, reverse.target)]);
  const topics = [...new Set(commits.flatMap(({ offsets }) => offsets.map(({ topic }) => topic)))];
  const local = topics.filter((topic) => policy.topicSource(topic) === null);
  const copies = local.map((topic) => policy.remoteTopic(reverse.source, topic));
  const left = byPartition(await leaving.logRanges(topics, signal));
  const copied = byPartition(await returning.logRanges(copies, signal));
  // Ends first: what the syncs name lies below, or is added to them.
  const [forwardSyncs, reverseSyncs] = await Promise.all([
    readSyncs(lab, forward, signal),
    readSyncs(lab, reverse, signal),
  ]);
  return commits.flatMap(({ group, offsets }) =>
    offsets.flatMap((at): readonly Found[] => {
      const original = policy.topicSource(at.topic) === forward.source ? policy.upstreamTopic(at.topic) : null;
      if (original !== null) return [back(group, at, original, { flow: forward, syncs: forwardSyncs, ends: left })];
      if (policy.topicSource(at.topic) !== null) return [];
      const copy = policy.remoteTopic(reverse.source, at.topic);
      return [on(group, at, copy, { flow: reverse, syncs: reverseSyncs, ends: copied })];
    }),
  );
}

interface Mirrored {
  readonly flow: Flow;
  readonly syncs: SyncHistory;
  /** Partitions of the copies. */
  readonly ends: ReadonlyMap<string, LogRange>;
}

/** A commit on a mirrored topic, as a position in the original. */
function back(group: string, at: TopicPartitionOffset, topic: string, { flow, syncs, ends }: Mirrored): Found {
  const { partition } = at;
  const known = syncs.get(partitionKey({ topic, partition })) ?? NO_SYNCS;
  const remoteEnd = max(ends.get(partitionKey(at))?.end ?? 0n, (known.last?.downstream ?? -1n) + 1n);
  const twin = { topic, remoteTopic: at.topic, partition, remoteEnd };
  const facts = { remoteEnd, sourceReachable: true };
  return {
    group,
    flow,
    topic,
    partition,
    twin,
    ask: ({ windows }) => translateBack(known, at.offset, { ...facts, windows }),
  };
}

/** A commit on a local topic, as a position in its copy on the cluster that is returned to. */
function on(group: string, at: TopicPartitionOffset, copy: string, { flow, syncs, ends }: Mirrored): Found {
  const { topic, partition } = at;
  const known = syncs.get(partitionKey(at)) ?? NO_SYNCS;
  const end = ends.get(partitionKey({ topic: copy, partition }))?.end ?? 0n;
  const remoteEnd = max(end, (known.last?.downstream ?? -1n) + 1n);
  const twin = { topic, remoteTopic: copy, partition, remoteEnd };
  const facts = { remoteEnd, sourceReachable: true };
  const ask: Found['ask'] = ({ windows }) => translateExactly(known, at.offset, { ...facts, windows });
  return { group, flow, topic: copy, partition, twin, ask };
}

function byPartition(ranges: readonly LogRange[]): ReadonlyMap<string, LogRange> {
  return new Map(ranges.map((range) => [partitionKey(range), range]));
}

function clamp(offset: bigint, low: bigint, high: bigint): bigint {
  if (offset < low) return low;
  return offset > high ? high : offset;
}
