import type { FlowSnapshot, PartitionPair, TopicPair } from '../../domain/checks/snapshot.ts';
import { syncedConfig } from '../../domain/config-sync.ts';
import type { Flow } from '../../domain/setup.ts';
import { flowId } from '../../domain/setup.ts';
import type { LogRange } from '../../domain/topic.ts';
import { partitionKey } from '../../domain/topic.ts';
import type { Recreated } from '../../domain/topic-identity.ts';
import { rangesByPartition } from '../groups/group-lag.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import { mapLimited } from '../map-limited.ts';
import { readGroupPositions } from '../offsets/group-positions.ts';
import { readCheckpoints } from '../offsets/mm2-records.ts';
import { withoutMarkers } from '../replicate/marker-tails.ts';
import { lagOf, readPositions } from '../replicate/positions.ts';
import { flowStatus } from '../status/flow-status.ts';

const PARALLEL = 8;

/** What the source had when verification began: everything is judged by that, whatever is written meanwhile. */
export interface Baseline {
  readonly flow: Flow;
  readonly topics: readonly string[];
  readonly ranges: readonly LogRange[];
  readonly groups: readonly string[];
  /** Commits on the source by group and then by `partitionKey`. */
  readonly commits: ReadonlyMap<string, ReadonlyMap<string, bigint>>;
  readonly recreated: readonly Recreated[];
}

/** Reads both sides of the flow once. */
export async function readFlow(lab: Lab, base: Baseline, signal: AbortSignal): Promise<FlowSnapshot> {
  const { flow } = base;
  const { policy } = lab.layout;
  const [source, target] = await Promise.all([adminOf(lab, flow.source), adminOf(lab, flow.target)]);
  const copies = base.topics.map((topic) => policy.remoteTopic(flow.source, topic));
  const existing = new Set(await target.listTopics(signal));
  const found = copies.filter((copy) => existing.has(copy));
  const lags = lagOf(flow, lab, base.ranges, await readPositions(lab, flow, signal));
  const settled = await withoutMarkers(lab, flow, lags, signal);
  const inFlight = new Map(settled.map((at) => [partitionKey(at), at.lag]));
  const [sourceNow, targetNow, services] = await Promise.all([
    source.logRanges(base.topics, signal),
    target.logRanges(found, signal),
    lab.runtime.list(),
  ]);
  const now = rangesByPartition(sourceNow);
  const there = rangesByPartition(targetNow);
  const topics = await mapLimited(base.topics, PARALLEL, async (topic): Promise<TopicPair> => {
    const remoteTopic = policy.remoteTopic(flow.source, topic);
    const own = base.ranges.filter((range) => range.topic === topic);
    const copied = existing.has(remoteTopic);
    const [sourceConfig, targetConfig] = await Promise.all([
      source.topicOverrides(topic, signal),
      copied ? target.topicOverrides(remoteTopic, signal) : {},
    ]);
    return {
      topic,
      remoteTopic,
      sourcePartitions: own.length,
      targetPartitions: copied ? targetNow.filter((range) => range.topic === remoteTopic).length : null,
      sourceConfig: syncedConfig(flow, sourceConfig),
      targetConfig: syncedConfig(flow, targetConfig),
      partitions: own.map((range) =>
        pairOf(
          range,
          now.get(partitionKey(range)),
          there.get(partitionKey({ ...range, topic: remoteTopic })),
          inFlight,
        ),
      ),
    };
  });
  const reachable = new Set([flow.source, flow.target]);
  const [status, groups, checkpoints] = await Promise.all([
    flowStatus(lab, flow, services, reachable, signal),
    readGroupPositions(lab, { flow, groups: base.groups, sourceReachable: true }, signal),
    checkpointStates(lab, base, signal),
  ]);
  const judged = groups.map((group) => ({
    ...group,
    partitions: group.partitions.filter(({ topic }) => base.topics.includes(topic)),
  }));
  return {
    flow: flowId(flow),
    policy: policy.name,
    state: status.state,
    promoted: isPromoted(lab, flow),
    topics,
    recreated: base.recreated,
    groups: judged.filter(({ partitions }) => partitions.length > 0),
    checkpoints,
  };
}

function isPromoted({ record: { promotion } }: Lab, { source, target }: Flow): boolean {
  return promotion?.from === source && promotion.to === target;
}

function pairOf(
  base: LogRange,
  now: LogRange | undefined,
  there: LogRange | undefined,
  inFlight: ReadonlyMap<string, bigint>,
): PartitionPair {
  return {
    partition: base.partition,
    sourceStart: now?.start ?? base.start,
    sourceEnd: base.end,
    targetStart: there?.start ?? 0n,
    targetEnd: there?.end ?? 0n,
    inFlight: inFlight.get(partitionKey(base)) ?? 0n,
    growing: (now?.end ?? base.end) > base.end,
    counted: null,
  };
}

async function checkpointStates(lab: Lab, base: Baseline, signal: AbortSignal): Promise<FlowSnapshot['checkpoints']> {
  const { policy } = lab.layout;
  const checkpoints = await readCheckpoints(lab, base.flow, signal);
  const written = new Set(base.ranges.filter(({ end }) => end > 0n).map(partitionKey));
  return [...base.commits].flatMap(([group, commits]) =>
    base.ranges.flatMap(({ topic, partition }) => {
      const committed = commits.get(partitionKey({ topic, partition }));
      // Without a record there is no offset sync, and without that never a checkpoint.
      if (committed === undefined || !written.has(partitionKey({ topic, partition }))) return [];
      const remoteTopic = policy.remoteTopic(base.flow.source, topic);
      const known = checkpoints.newest.get(group)?.get(partitionKey({ topic: remoteTopic, partition }));
      return [{ group, topic, partition, committed, upstream: known?.upstreamOffset ?? null }];
    }),
  );
}
