import type { BackAnswer } from '../../domain/exact-translation.ts';
import { translateBack, translateExactly } from '../../domain/exact-translation.ts';
import { groupFilter } from '../../domain/flow-filter.ts';
import type { MoveFlows } from '../../domain/plan/part.ts';
import type { Flow } from '../../domain/setup.ts';
import type { Placing } from '../../domain/stranded-tail.ts';
import { placeGroup } from '../../domain/stranded-tail.ts';
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

const PARALLEL_GROUPS = 8;

/** A commit on the cluster that is left, and where its translation is to be found. */
interface Found extends Question {
  readonly group: string;
  readonly flow: Flow;
  /** Where the group is to be put. */
  readonly topic: string;
  readonly partition: number;
  /** Its commit on the cluster that is left. */
  readonly committed: bigint;
  /** It has read every copy of the other side's records there. */
  readonly readAll: boolean;
}

/** Which of a group's topics count: all that it has read, or only what is a copy of something on the other side. */
export type ReturnScope = 'all' | 'copies';

/**
 * Takes the groups' progress on the cluster they leave back to the one they return to. What they read of local topics
 * there goes forward through the reverse flow's syncs (`orders` -> `dr.orders`); what they read of the mirrored ones
 * goes back through the forward flow's (`primary.orders` -> `orders`), which MM2 never does (KIP-1098). Both clusters
 * answer, so contents prove what syncs do not. Commits are only raised, unless a tail is to be read again; a partition
 * without any gets its log start.
 */
export async function returnGroups(
  lab: Lab,
  { forward, reverse }: MoveFlows,
  scope: ReturnScope,
  signal: AbortSignal,
): Promise<Returned> {
  const [leaving, returning] = await Promise.all([adminOf(lab, reverse.source), adminOf(lab, reverse.target)]);
  const wanted = groupFilter(forward);
  const groups = (await leaving.listGroups(signal)).map(({ group }) => group).filter(wanted);
  const { policy } = lab.layout;
  const counts = (topic: string): boolean => scope === 'all' || policy.topicSource(topic) !== null;
  const commits = await mapLimited(groups, PARALLEL_GROUPS, async (group) => {
    const offsets = await leaving.groupOffsets(group, signal);
    return { group, offsets: offsets.filter(({ topic }) => counts(topic)) };
  });
  if (commits.every(({ offsets }) => offsets.length === 0)) return { written: 0, again: {} };
  const found = await questionsOf(lab, { forward, reverse, commits }, signal);
  const windows = new Map<Flow, Windows>();
  for (const flow of [forward, reverse]) {
    const asked = found.filter((question) => question.flow === flow);
    windows.set(flow, await compareWhereNeeded(lab, flow, asked, signal));
  }
  const ranges = byPartition(await returning.logRanges([...new Set(found.map(({ topic }) => topic))], signal));
  const tailOf = tailFacts(lab);
  const written = await mapLimited(groups, PARALLEL_GROUPS, async (group) => {
    const own = found.filter((question) => question.group === group);
    if (own.length === 0) return { group, written: 0, again: 0n };
    let again = 0n;
    const has = new Map((await returning.groupOffsets(group, signal)).map((at) => [partitionKey(at), at.offset]));
    const raise = own.flatMap((at) => {
      const range = ranges.get(partitionKey(at));
      if (range === undefined) return [];
      const compared = windows.get(at.flow)?.get(partitionKey(at.twin)) ?? [];
      const { offset, proof, lower, passed } = positionOf(at, at.ask({ windows: compared }).answer, range, tailOf(at));
      again += passed;
      const current = has.get(partitionKey(at));
      if (current !== undefined && (lower ? current === offset : current >= offset)) return [];
      return [{ topic: at.topic, partition: at.partition, offset, proof }];
    });
    await commitOffsets(lab, reverse.target, group, raise, has, signal);
    return { group, written: raise.length, again };
  });
  return {
    written: written.reduce((sum, one) => sum + one.written, 0),
    again: Object.fromEntries(written.flatMap(({ group, again }) => (again > 0n ? [[group, Number(again)]] : []))),
  };
}

/** What became of the groups. */
export interface Returned {
  /** Positions written. */
  readonly written: number;
  /** By group, how many records it was put before although it had read what follows them. */
  readonly again: Readonly<Record<string, number>>;
}

function positionOf(at: Found, answer: BackAnswer | null, { start, end }: LogRange, facts: TailFacts) {
  const placed = placeGroup({ ...facts, translated: answer?.offset ?? null, readAll: at.readAll });
  if (placed === null) return { offset: start, proof: 'log-start', lower: false, passed: 0n };
  const { offset, lower, again } = placed;
  const proof = offset === answer?.offset ? answer.proof : 'watermark';
  return { offset: clamp(offset, start, end), proof, lower, passed: again };
}

type TailFacts = Pick<Placing, 'tail' | 'ownEnd'>;

/** What the returning cluster's partitions hold of their own that has no copy, and what is to be done about it. */
function tailFacts(lab: Lab): (at: Found) => TailFacts {
  const { policy } = lab.layout;
  const { promotion, moved } = lab.record;
  const { tail } = promotion ?? {};
  const parts = new Map(tail?.parts.filter(({ records }) => records > 0).map((part) => [partitionKey(part), part]));
  const replayed = new Map(tail?.replayed.map((mark) => [partitionKey(mark), BigInt(mark.offset)]));
  const own = new Map((promotion ?? moved)?.reverseStart?.map((mark) => [partitionKey(mark), BigInt(mark.d)]));
  return (at) => {
    const part = parts.get(partitionKey(at));
    const ownEnd = policy.name === 'identity' ? (own.get(partitionKey(at)) ?? null) : null;
    if (part === undefined || tail === undefined) return { tail: null, ownEnd };
    // Whoever has not read all that was replayed reads the originals.
    const unread = tail.choice === 'replay' && at.committed < (replayed.get(partitionKey(at)) ?? 0n);
    const redeliver = unread || tail.position === 'redeliver';
    return { tail: { from: BigInt(part.from), end: BigInt(part.to), redeliver }, ownEnd };
  };
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
  // Below the watermark lie copies under the identity policy, nothing under the default one.
  const marks = new Map(
    policy.name === 'identity'
      ? (lab.record.promotion ?? lab.record.moved)?.watermarks.map((mark) => [partitionKey(mark), BigInt(mark.d)])
      : [],
  );
  return commits.flatMap(({ group, offsets }) =>
    offsets.flatMap((at): readonly Found[] => {
      const original = policy.topicSource(at.topic) === forward.source ? policy.upstreamTopic(at.topic) : null;
      if (original !== null) return [back(group, at, original, { flow: forward, syncs: forwardSyncs, ends: left })];
      if (policy.topicSource(at.topic) !== null) return [];
      const copy = policy.remoteTopic(reverse.source, at.topic);
      return [on(group, at, copy, { flow: reverse, syncs: reverseSyncs, ends: copied, marks })];
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
    ...{ group, flow, topic, partition, twin, committed: at.offset, readAll: at.offset >= remoteEnd },
    ask: ({ windows }) => translateBack(known, at.offset, { ...facts, windows }),
  };
}

/** A commit on a local topic, as a position in its copy on the cluster that is returned to. */
function on(
  group: string,
  at: TopicPartitionOffset,
  copy: string,
  { flow, syncs, ends, marks }: Mirrored & { readonly marks: ReadonlyMap<string, bigint> },
): Found {
  const { topic, partition } = at;
  const mark = marks.get(partitionKey(at));
  const known = syncs.get(partitionKey(at)) ?? NO_SYNCS;
  const end = ends.get(partitionKey({ topic: copy, partition }))?.end ?? 0n;
  const remoteEnd = max(end, (known.last?.downstream ?? -1n) + 1n);
  const twin = { topic, remoteTopic: copy, partition, remoteEnd };
  const facts = { remoteEnd, sourceReachable: true };
  const ask: Found['ask'] = ({ windows }) => translateExactly(known, at.offset, { ...facts, windows });
  const readAll = mark !== undefined && at.offset >= mark;
  return { group, flow, topic: copy, partition, twin, ask, committed: at.offset, readAll };
}

function byPartition(ranges: readonly LogRange[]): ReadonlyMap<string, LogRange> {
  return new Map(ranges.map((range) => [partitionKey(range), range]));
}

function clamp(offset: bigint, low: bigint, high: bigint): bigint {
  if (offset < low) return low;
  return offset > high ? high : offset;
}
