import type { GroupOffsets, PartitionOffsets } from '../../domain/documents.ts';
import { groupFilter, userTopicFilter } from '../../domain/flow-filter.ts';
import { judgePosition } from '../../domain/position-verdict.ts';
import type { Flow } from '../../domain/setup.ts';
import type { LogRange, TopicPartitionOffset } from '../../domain/topic.ts';
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

/** Everything the answers rest on, read once. */
interface Knowledge {
  readonly lab: Lab;
  readonly flow: Flow;
  readonly syncs: SyncHistory;
  readonly checkpoints: Checkpoints;
  /** Remote partitions on the target, by their key. */
  readonly remote: ReadonlyMap<string, LogRange>;
  /** Source topic of each remote topic. */
  readonly upstream: ReadonlyMap<string, string>;
}

/** Positions of the flow's groups on both sides, translated forward, sorted by group, topic and partition. */
export async function readGroupPositions(
  lab: Lab,
  request: GroupPositionRequest,
  signal: AbortSignal,
): Promise<readonly GroupOffsets[]> {
  const knowledge = await gather(lab, request.flow, signal);
  const names = await groupNames(lab, request, knowledge, signal);
  const groups = await mapLimited(names, PARALLEL_GROUPS, (group) => describe(knowledge, request, group, signal));
  return groups.filter((group) => group.partitions.length > 0);
}

async function gather(lab: Lab, flow: Flow, signal: AbortSignal): Promise<Knowledge> {
  const target = await adminOf(lab, flow.target);
  const { policy } = lab.layout;
  const copied = userTopicFilter(flow, policy);
  const upstream = new Map<string, string>();
  for (const topic of await target.listTopics(signal)) {
    const original =
      policy.name === 'identity'
        ? topic
        : policy.topicSource(topic) === flow.source
          ? policy.upstreamTopic(topic)
          : null;
    if (original !== null && copied(original)) upstream.set(topic, original);
  }
  const [ranges, syncs, checkpoints] = await Promise.all([
    target.logRanges([...upstream.keys()], signal),
    readSyncs(lab, flow, signal),
    readCheckpoints(lab, flow, signal),
  ]);
  return {
    lab,
    flow,
    syncs,
    checkpoints,
    upstream,
    remote: new Map(ranges.map((range) => [partitionKey(range), range])),
  };
}

async function groupNames(
  lab: Lab,
  request: GroupPositionRequest,
  knowledge: Knowledge,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (request.groups.length > 0) return [...new Set(request.groups)].toSorted();
  const admins = [await adminOf(lab, request.flow.target)];
  if (request.sourceReachable) admins.push(await adminOf(lab, request.flow.source));
  const listed = (await Promise.all(admins.map((admin) => admin.listGroups(signal)))).flat();
  const wanted = groupFilter(request.flow);
  const names = [...listed.map(({ group }) => group), ...knowledge.checkpoints.keys()];
  return [...new Set(names)].filter(wanted).toSorted();
}

async function describe(
  knowledge: Knowledge,
  request: GroupPositionRequest,
  group: string,
  signal: AbortSignal,
): Promise<GroupOffsets> {
  const { lab, flow } = knowledge;
  const target = await adminOf(lab, flow.target);
  const [description, onTarget, onSource] = await Promise.all([
    target.describeGroup(group, signal),
    target.groupOffsets(group, signal),
    request.sourceReachable ? (await adminOf(lab, flow.source)).groupOffsets(group, signal) : null,
  ]);
  const read = new Set([
    ...topicsOf(onTarget).filter((topic) => knowledge.upstream.has(topic)),
    ...[...(knowledge.checkpoints.get(group)?.values() ?? [])].map(({ topic }) => topic),
    ...topicsOf(onSource ?? []).flatMap((topic) => remoteOf(knowledge, topic)),
  ]);
  const partitions = [...knowledge.remote.values()]
    .filter((range) => read.has(range.topic))
    .map((range) => position(knowledge, group, range, onSource, onTarget))
    .toSorted((a, b) => a.remoteTopic.localeCompare(b.remoteTopic) || a.partition - b.partition);
  return { group, type: description.type, state: description.state, partitions };
}

function remoteOf(knowledge: Knowledge, topic: string): readonly string[] {
  const remote = knowledge.lab.layout.policy.remoteTopic(knowledge.flow.source, topic);
  return knowledge.upstream.has(remote) ? [remote] : [];
}

function position(
  knowledge: Knowledge,
  group: string,
  range: LogRange,
  onSource: readonly TopicPartitionOffset[] | null,
  onTarget: readonly TopicPartitionOffset[],
): PartitionOffsets {
  const { partition } = range;
  const topic = knowledge.upstream.get(range.topic) ?? range.topic;
  const checkpoint = knowledge.checkpoints.get(group)?.get(partitionKey(range)) ?? null;
  const source = onSource?.find((at) => at.topic === topic && at.partition === partition)?.offset ?? null;
  return judgePosition({
    topic,
    remoteTopic: range.topic,
    partition,
    committed: onSource === null ? (checkpoint?.upstreamOffset ?? null) : source,
    checkpoint: checkpoint?.downstreamOffset ?? null,
    targetCommitted: onTarget.find((at) => at.topic === range.topic && at.partition === partition)?.offset ?? null,
    remoteStart: range.start,
    remoteEnd: range.end,
    syncs: knowledge.syncs.get(partitionKey({ topic, partition })) ?? [],
  });
}

function topicsOf(offsets: readonly TopicPartitionOffset[]): readonly string[] {
  return [...new Set(offsets.map(({ topic }) => topic))];
}
