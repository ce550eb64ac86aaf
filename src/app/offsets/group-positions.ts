import type { GroupOffsets, PartitionOffsets } from '../../domain/documents.ts';
import { groupFilter, userTopicFilter } from '../../domain/flow-filter.ts';
import { judgePosition } from '../../domain/position-verdict.ts';
import type { Flow } from '../../domain/setup.ts';
import type { GroupDescription } from '../../domain/consumer-group.ts';
import type { LogRange, TopicPartition, TopicPartitionOffset } from '../../domain/topic.ts';
import { partitionKey } from '../../domain/topic.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import { mapLimited } from '../map-limited.ts';
import type { Checkpoints, SyncHistory } from './mm2-records.ts';
import { readCheckpoints, readSyncs } from './mm2-records.ts';

/** Group requests under way at once per cluster: hundreds of groups must not open hundreds of requests. */
const PARALLEL_GROUPS = 8;

export interface GroupPositionRequest {
  readonly flow: Flow;
  /** Only these groups; all that the flow checkpoints where empty. */
  readonly groups: readonly string[];
  /** False where the source is gone: what is known then is the last checkpoint. */
  readonly sourceReachable: boolean;
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
}

/**
 * Positions of the flow's groups on both sides, translated forward, sorted by group, topic and partition. Read in the
 * order in which one rests on the other, so that a running flow never makes a position look ahead: commits on the
 * target, then those on the source, then syncs and ends.
 */
export async function readGroupPositions(
  lab: Lab,
  request: GroupPositionRequest,
  signal: AbortSignal,
): Promise<readonly GroupOffsets[]> {
  const scope = await scopeOf(lab, request.flow, signal);
  const names = await groupNames(scope, request, signal);
  const committed = await mapLimited(names, PARALLEL_GROUPS, (group) => readCommitted(lab, request, group, signal));
  const target = await adminOf(lab, request.flow.target);
  const [remote, syncs] = await Promise.all([
    target.logRanges([...scope.upstream.keys()], signal),
    readSyncs(lab, request.flow, signal),
  ]);
  return committed.map((of) => translated(scope, of, { syncs, remote })).filter((group) => group.partitions.length > 0);
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

function translated(scope: Scope, committed: Committed, translator: Translator): GroupOffsets {
  const { group, type, state } = committed.description;
  const read = new Set([
    ...topicsOf(committed.onTarget).filter((topic) => scope.upstream.has(topic)),
    ...[...(scope.checkpoints.get(group)?.values() ?? [])].map(({ topic }) => topic),
    ...topicsOf(committed.onSource ?? []).flatMap((topic) => remoteOf(scope, topic)),
  ]);
  const partitions = translator.remote
    .filter((range) => read.has(range.topic))
    .map((range) => position(scope, committed, translator, range))
    .toSorted((a, b) => a.remoteTopic.localeCompare(b.remoteTopic) || a.partition - b.partition);
  return { group, type, state, partitions };
}

function remoteOf({ lab, flow, upstream }: Scope, topic: string): readonly string[] {
  const remote = lab.layout.policy.remoteTopic(flow.source, topic);
  return upstream.has(remote) ? [remote] : [];
}

function position(scope: Scope, committed: Committed, { syncs }: Translator, range: LogRange): PartitionOffsets {
  const { description, onSource, onTarget } = committed;
  const topic = scope.upstream.get(range.topic) ?? range.topic;
  const checkpoint = scope.checkpoints.get(description.group)?.get(partitionKey(range)) ?? null;
  const at = { topic, partition: range.partition };
  return judgePosition({
    ...at,
    remoteTopic: range.topic,
    committed: onSource === null ? (checkpoint?.upstreamOffset ?? null) : offsetAt(onSource, at),
    checkpoint: checkpoint?.downstreamOffset ?? null,
    checkpointOf: checkpoint?.upstreamOffset ?? null,
    targetCommitted: offsetAt(onTarget, range),
    remoteStart: range.start,
    remoteEnd: range.end,
    syncs: syncs.get(partitionKey(at)) ?? [],
  });
}

function offsetAt(offsets: readonly TopicPartitionOffset[], at: TopicPartition): bigint | null {
  return offsets.find(({ topic, partition }) => topic === at.topic && partition === at.partition)?.offset ?? null;
}

function topicsOf(offsets: readonly TopicPartitionOffset[]): readonly string[] {
  return [...new Set(offsets.map(({ topic }) => topic))];
}
