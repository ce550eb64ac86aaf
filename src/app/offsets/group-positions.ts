import type { GroupOffsets } from '../../domain/documents.ts';
import { groupFilter, userTopicFilter } from '../../domain/flow-filter.ts';
import { translateExactly } from '../../domain/exact-translation.ts';
import type { KnownPosition } from '../../domain/position-verdict.ts';
import { judgePosition } from '../../domain/position-verdict.ts';
import { max, min } from '../../domain/sync-history.ts';
import type { Flow } from '../../domain/setup.ts';
import type { GroupDescription } from '../../domain/consumer-group.ts';
import type { LogRange, TopicPartition, TopicPartitionOffset } from '../../domain/topic.ts';
import { partitionKey } from '../../domain/topic.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import { mapLimited } from '../map-limited.ts';
import type { Checkpoints, SyncHistory } from './mm2-records.ts';
import { NO_SYNCS, readCheckpoints, readSyncs } from './mm2-records.ts';
import type { Question, Windows } from './prove-positions.ts';
import { compareWhereNeeded } from './prove-positions.ts';
import { recreatedTopics } from './topic-identity.ts';

/** Group requests under way at once per cluster: hundreds of groups must not open hundreds of requests. */
const PARALLEL_GROUPS = 8;

export interface GroupPositionRequest {
  readonly flow: Flow;
  /** Only these groups; all that the flow checkpoints where empty. */
  readonly groups: readonly string[];
  /** False where the source is gone: what is known then is the last checkpoint. */
  readonly sourceReachable: boolean;
  /** Compare contents where syncs alone prove no exact position: reads windows of both logs. */
  readonly compare?: boolean;
}

/** What the flow copies, and for which groups. */
interface Scope {
  readonly lab: Lab;
  readonly flow: Flow;
  readonly checkpoints: Checkpoints;
  /** Source topic of each remote topic. */
  readonly upstream: ReadonlyMap<string, string>;
}

/** What a group has committed. */
interface Committed {
  readonly description: GroupDescription;
  readonly onTarget: readonly TopicPartitionOffset[];
  /** null where the source is gone. */
  readonly onSource: readonly TopicPartitionOffset[] | null;
}

/** What translates it. */
interface Translator {
  readonly syncs: SyncHistory;
  /** Remote partitions on the target. */
  readonly remote: readonly LogRange[];
  readonly sourceReachable: boolean;
  readonly windows: Windows;
  /** Why a topic's syncs are void, by its name on the source. */
  readonly recreated: ReadonlyMap<string, string>;
}

/**
 * Positions of the flow's groups on both sides, translated forward, sorted by group, topic and partition. Read in the
 * order in which one rests on the other, so that a running flow never makes a position look ahead: commits on the
 * target, then those on the source, then ends and syncs.
 */
export async function readGroupPositions(
  lab: Lab,
  request: GroupPositionRequest,
  signal: AbortSignal,
): Promise<readonly GroupOffsets[]> {
  const { flow, sourceReachable } = request;
  const scope = await scopeOf(lab, flow, signal);
  const names = await groupNames(scope, request, signal);
  const committed = await mapLimited(names, PARALLEL_GROUPS, (group) => readCommitted(lab, request, group, signal));
  const target = await adminOf(lab, flow.target);
  const ranges = await target.logRanges([...scope.upstream.keys()], signal);
  const syncs = await readSyncs(lab, flow, signal);
  const recreated = await recreatedTopics(lab, flow, { upstream: scope.upstream, sourceReachable }, signal);
  const remote = ranges.map((range) => remoteRange(scope, range, syncs));
  const known = { syncs, remote, sourceReachable, recreated, windows: new Map<string, never[]>() };
  const positions = committed.map((of) => ({ of, partitions: positionsOf(scope, of, known) }));
  const compare = request.compare === true && sourceReachable;
  const windows = compare
    ? await compareWhereNeeded(lab, flow, questionsOf(positions.flatMap(({ partitions }) => partitions)), signal)
    : known.windows;
  return positions
    .map(({ of: { description }, partitions }) => {
      const { group, type, state } = description;
      const judged = partitions.map((at) => judgePosition({ ...at, windows: windows.get(partitionKey(at)) ?? [] }));
      return { group, type, state, partitions: judged };
    })
    .filter((group) => group.partitions.length > 0);
}

function questionsOf(positions: readonly KnownPosition[]): readonly Question[] {
  return positions.flatMap((at) => {
    const { committed, remoteEnd, sourceReachable, syncs } = at;
    if (committed === null || at.voidBecause !== null) return [];
    return [
      { twin: at, ask: ({ windows }) => translateExactly(syncs, committed, { remoteEnd, sourceReachable, windows }) },
    ];
  });
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

async function scopeOf(lab: Lab, flow: Flow, signal: AbortSignal): Promise<Scope> {
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

async function groupNames(
  { lab, checkpoints }: Scope,
  request: GroupPositionRequest,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (request.groups.length > 0) return [...new Set(request.groups)].toSorted();
  const admins = [await adminOf(lab, request.flow.target)];
  if (request.sourceReachable) admins.push(await adminOf(lab, request.flow.source));
  const listed = (await Promise.all(admins.map((admin) => admin.listGroups(signal)))).flat();
  const wanted = groupFilter(request.flow);
  const names = [...listed.map(({ group }) => group), ...checkpoints.keys()];
  return [...new Set(names)].filter(wanted).toSorted();
}

async function readCommitted(
  lab: Lab,
  { flow, sourceReachable }: GroupPositionRequest,
  group: string,
  signal: AbortSignal,
): Promise<Committed> {
  const target = await adminOf(lab, flow.target);
  const [description, onTarget] = await Promise.all([
    target.describeGroup(group, signal),
    target.groupOffsets(group, signal),
  ]);
  const onSource = sourceReachable ? await (await adminOf(lab, flow.source)).groupOffsets(group, signal) : null;
  return { description, onTarget, onSource };
}

function positionsOf(scope: Scope, committed: Committed, translator: Translator): readonly KnownPosition[] {
  const { group } = committed.description;
  const read = new Set([
    ...topicsOf(committed.onTarget).filter((topic) => scope.upstream.has(topic)),
    ...[...(scope.checkpoints.get(group)?.values() ?? [])].map(({ topic }) => topic),
    ...topicsOf(committed.onSource ?? []).flatMap((topic) => remoteOf(scope, topic)),
  ]);
  return translator.remote
    .filter((range) => read.has(range.topic))
    .map((range) => position(scope, committed, translator, range))
    .toSorted((a, b) => a.remoteTopic.localeCompare(b.remoteTopic) || a.partition - b.partition);
}

function remoteOf({ lab, flow, upstream }: Scope, topic: string): readonly string[] {
  const remote = lab.layout.policy.remoteTopic(flow.source, topic);
  return upstream.has(remote) ? [remote] : [];
}

function position(scope: Scope, committed: Committed, translator: Translator, range: LogRange): KnownPosition {
  const { description, onSource, onTarget } = committed;
  const topic = scope.upstream.get(range.topic) ?? range.topic;
  const checkpoint = scope.checkpoints.get(description.group)?.get(partitionKey(range)) ?? null;
  const at = { topic, partition: range.partition };
  return {
    ...at,
    remoteTopic: range.topic,
    committed: onSource === null ? (checkpoint?.upstreamOffset ?? null) : offsetAt(onSource, at),
    checkpoint: checkpoint?.downstreamOffset ?? null,
    checkpointOf: checkpoint?.upstreamOffset ?? null,
    targetCommitted: offsetAt(onTarget, range),
    remoteStart: range.start,
    remoteEnd: range.end,
    sourceReachable: translator.sourceReachable,
    syncs: translator.syncs.get(partitionKey(at)) ?? NO_SYNCS,
    windows: [],
    voidBecause: translator.recreated.get(topic) ?? null,
  };
}

function offsetAt(offsets: readonly TopicPartitionOffset[], at: TopicPartition): bigint | null {
  return offsets.find(({ topic, partition }) => topic === at.topic && partition === at.partition)?.offset ?? null;
}

function topicsOf(offsets: readonly TopicPartitionOffset[]): readonly string[] {
  return [...new Set(offsets.map(({ topic }) => topic))];
}
