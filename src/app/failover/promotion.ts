import type { GroupOffsets } from '../../domain/documents.ts';
import { userTopicFilter } from '../../domain/flow-filter.ts';
import type { Watermark } from '../../domain/lab/lab-record.ts';
import { estimateCopiedEnd } from '../../domain/offset-translation.ts';
import type { Flow } from '../../domain/setup.ts';
import type { TopicPartitionOffset } from '../../domain/topic.ts';
import { partitionKey } from '../../domain/topic.ts';
import { clusterLayout } from '../../domain/lab/layout.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import { mapLimited } from '../map-limited.ts';
import { commitOffsets } from '../offsets/commit-offsets.ts';
import type { SyncHistory } from '../offsets/mm2-records.ts';
import { settledSyncs } from '../offsets/settled-syncs.ts';
import { copiedTopics } from '../replicate/source-topics.ts';
import { beforeStrays } from './stray-records.ts';

const PARALLEL_GROUPS = 8;

/** Topic settings that name brokers or replicas of the other cluster, or that MM2 itself never copies. */
const NOT_COPIED = /^(follower|leader)\.replication\.throttled\.replicas$|^confluent\./;

/**
 * Creates on the new active each local topic of a mirrored one that is missing, with its partitions and settings
 * (default policy; under identity the mirrored topic is the local one). Gives the local topics, new and old.
 */
export async function createLocalTopics(lab: Lab, flow: Flow, signal: AbortSignal): Promise<readonly string[]> {
  const { policy } = lab.layout;
  const admin = await adminOf(lab, flow.target);
  const mirrored = await mirroredTopics(lab, flow, signal);
  if (policy.name === 'identity') return mirrored;
  const existing = new Set(await admin.listTopics(signal));
  const locals = mirrored.map((name) => policy.upstreamTopic(name) ?? name);
  const missing = mirrored.filter((_, index) => !existing.has(locals[index] ?? ''));
  const described = await admin.describeTopics(missing, signal);
  const { replicationFactor } = clusterLayout(lab.layout, flow.target);
  await mapLimited(described, PARALLEL_GROUPS, async ({ name, partitions }) => {
    const local = policy.upstreamTopic(name) ?? name;
    const overrides = Object.entries(await admin.topicOverrides(name, signal)).filter(([key]) => !NOT_COPIED.test(key));
    const topic = {
      topic: local,
      partitions: partitions.length,
      replicationFactor,
      config: Object.fromEntries(overrides),
    };
    if (await admin.createTopic(topic, signal)) {
      lab.tools.events.emit('topic.created', { cluster: flow.target, topic: local, partitions: partitions.length });
    }
  });
  return locals;
}

/** Names on the target of the user topics that the flow copied, sorted. */
export async function mirroredTopics(lab: Lab, flow: Flow, signal: AbortSignal): Promise<readonly string[]> {
  const { policy } = lab.layout;
  const copied = userTopicFilter(flow, policy);
  const all = await (await adminOf(lab, flow.target)).listTopics(signal);
  return all
    .filter((topic) => {
      if (policy.name === 'identity') return copied(topic);
      const upstream = policy.topicSource(topic) === flow.source ? policy.upstreamTopic(topic) : null;
      return upstream !== null && copied(upstream);
    })
    .toSorted();
}

/**
 * Commits on the new active what the plan found best for each group; a partition of a mirrored topic without any
 * position gets its log start, never the client's auto.offset.reset; so does one of a copy that was created anew. Groups also get the log start of the local twin
 * (default policy). A commit above the proved position is lowered to it: whose it is nobody knows (a group that was rewound
 * on the source keeps its old one here), and what is read twice is not lost. Gives the number of positions written.
 */
export async function commitGroups(
  lab: Lab,
  flow: Flow,
  groups: readonly GroupOffsets[],
  signal: AbortSignal,
): Promise<number> {
  const admin = await adminOf(lab, flow.target);
  const { policy } = lab.layout;
  const locals =
    policy.name === 'identity' ? [] : groups.flatMap(({ partitions }) => partitions.map(({ topic }) => topic));
  const remotes = groups.flatMap(({ partitions }) => partitions.map(({ remoteTopic }) => remoteTopic));
  const ranges = await admin.logRanges([...new Set([...locals, ...remotes])], signal);
  const start = new Map(ranges.map((range) => [partitionKey(range), range.start]));
  const written = await mapLimited(groups, PARALLEL_GROUPS, async (group) => {
    const current = await admin.groupOffsets(group.group, signal);
    const has = new Map(current.map((at) => [partitionKey(at), at.offset]));
    const wanted: (TopicPartitionOffset & { proof: string })[] = [];
    for (const at of group.partitions) {
      const remote = { topic: at.remoteTopic, partition: at.partition };
      const offset = at.best === null ? (start.get(partitionKey(remote)) ?? 0n) : BigInt(at.best);
      const known = has.get(partitionKey(remote));
      // A commit on a copy that was created anew is of before: it may pass records that nobody has read.
      const stale = at.recreated?.includes('target') === true;
      const keep = known !== undefined && (known === offset || (at.best === null && !stale));
      if (!keep)
        wanted.push({ ...remote, offset, proof: at.best === null ? 'log-start' : (at.proof ?? 'conservative') });
      const local = { topic: at.topic, partition: at.partition };
      if (policy.name === 'default' && !has.has(partitionKey(local)) && start.has(partitionKey(local))) {
        wanted.push({ ...local, offset: start.get(partitionKey(local)) ?? 0n, proof: 'log-start' });
      }
    }
    await commitOffsets(lab, flow.target, group.group, wanted, has, signal);
    return wanted.length;
  });
  return written.reduce((sum, count) => sum + count, 0);
}

/** Where the reverse flow starts in every partition on the new active that it will copy: at its end, but before strays. */
export async function readWatermarks(lab: Lab, reverse: Flow, signal: AbortSignal): Promise<readonly Watermark[]> {
  const admin = await adminOf(lab, reverse.source);
  const topics = await copiedTopics(lab, reverse, signal);
  const ranges = await admin.logRanges(topics, signal);
  const startOf = beforeStrays(lab, reverse.source);
  const marks = ranges.map((range) => {
    const { topic, partition } = range;
    return { topic, partition, u: null, d: startOf(range).toString() };
  });
  for (const mark of marks)
    lab.tools.events.emit('watermark.recorded', { source: reverse.source, target: reverse.target, ...mark });
  return marks;
}

/** What of each mirrored partition has a copy: `u` from the newest sync and the remote end, `d` the remote end. */
export async function readMirrored(
  lab: Lab,
  flow: Flow,
  syncs: SyncHistory,
  signal: AbortSignal,
): Promise<readonly Watermark[]> {
  const { policy } = lab.layout;
  const syncsOf = settledSyncs(lab, flow, syncs);
  const mirrored = await mirroredTopics(lab, flow, signal);
  const ranges = await (await adminOf(lab, flow.target)).logRanges(mirrored, signal);
  return ranges.map(({ topic, partition, end }) => {
    const original = policy.name === 'identity' ? topic : (policy.upstreamTopic(topic) ?? topic);
    const u = estimateCopiedEnd(syncsOf(partitionKey({ topic: original, partition })), end);
    const mark = { topic: original, partition, u: u?.toString() ?? null, d: end.toString() };
    lab.tools.events.emit('watermark.recorded', { source: flow.source, target: flow.target, ...mark });
    return mark;
  });
}
