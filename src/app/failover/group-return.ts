import { translateForward, translateInverse } from '../../domain/offset-translation.ts';
import type { Flow } from '../../domain/setup.ts';
import type { TopicPartitionOffset } from '../../domain/topic.ts';
import { partitionKey } from '../../domain/topic.ts';
import { groupFilter } from '../../domain/flow-filter.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import { mapLimited } from '../map-limited.ts';
import type { SyncHistory } from '../offsets/mm2-records.ts';
import { readSyncs } from '../offsets/mm2-records.ts';
import { commit } from './promotion.ts';

const PARALLEL_GROUPS = 8;

/**
 * Takes the groups' progress on the cluster they leave back to the one they return to. What they read of local topics
 * there goes forward through the reverse flow's syncs (`orders` -> `dr.orders`); what they read of the mirrored ones
 * goes back through the forward flow's (`primary.orders` -> `orders`), which MM2 never does (KIP-1098). Commits are
 * only raised; a partition without any gets its log start. Gives the number of positions written.
 */
export async function returnGroups(lab: Lab, forward: Flow, reverse: Flow, signal: AbortSignal): Promise<number> {
  const leaving = await adminOf(lab, reverse.source);
  const returning = await adminOf(lab, reverse.target);
  const [forwardSyncs, reverseSyncs, listed] = await Promise.all([
    readSyncs(lab, forward, signal),
    readSyncs(lab, reverse, signal),
    leaving.listGroups(signal),
  ]);
  const wanted = groupFilter(forward);
  const groups = listed.map(({ group }) => group).filter(wanted);
  const written = await mapLimited(groups, PARALLEL_GROUPS, async (group) => {
    const commits = await leaving.groupOffsets(group, signal);
    const found = commits.map(
      (at) => backPosition(lab, forward, at, forwardSyncs) ?? onPosition(lab, reverse, at, reverseSyncs),
    );
    const targets = found.filter((at) => at !== null);
    if (targets.length === 0) return 0;
    const [has, ranges] = await Promise.all([
      returning.groupOffsets(group, signal).then((known) => new Map(known.map((at) => [partitionKey(at), at.offset]))),
      returning.logRanges([...new Set(targets.map(({ topic }) => topic))], signal),
    ]);
    const log = new Map(ranges.map((range) => [partitionKey(range), range]));
    const raise = targets.flatMap((at) => {
      const range = log.get(partitionKey(at));
      if (range === undefined) return [];
      const offset = clamp(at.offset ?? range.start, range.start, range.end);
      const current = has.get(partitionKey(at));
      if (current !== undefined && current >= offset) return [];
      return [
        { topic: at.topic, partition: at.partition, offset, proof: at.offset === null ? 'log-start' : 'conservative' },
      ];
    });
    await commit(lab, reverse.target, group, raise, has, signal);
    return raise.length;
  });
  return written.reduce((sum, count) => sum + count, 0);
}

interface Found {
  readonly topic: string;
  readonly partition: number;
  /** null: nothing is known, the log start is. */
  readonly offset: bigint | null;
}

/** A commit on a mirrored topic, as a position in the original. */
function backPosition(lab: Lab, forward: Flow, at: TopicPartitionOffset, syncs: SyncHistory): Found | null {
  const { policy } = lab.layout;
  const original = policy.topicSource(at.topic) === forward.source ? policy.upstreamTopic(at.topic) : null;
  if (original === null) return null;
  const key = { topic: original, partition: at.partition };
  return { ...key, offset: translateInverse(syncs.get(partitionKey(key)) ?? [], at.offset) };
}

/** A commit on a local topic, as a position in its copy on the cluster that is returned to. */
function onPosition(lab: Lab, reverse: Flow, at: TopicPartitionOffset, syncs: SyncHistory): Found | null {
  const { policy } = lab.layout;
  if (policy.topicSource(at.topic) !== null) return null;
  const pairs = syncs.get(partitionKey(at)) ?? [];
  const last = pairs.at(-1);
  const remote = { topic: policy.remoteTopic(reverse.source, at.topic), partition: at.partition };
  if (last === undefined) return { ...remote, offset: null };
  // The reverse flow is drained: the remote end is at least one past the last synced record.
  return { ...remote, offset: translateForward(pairs, at.offset, last.downstream + 1n)?.offset ?? null };
}

function clamp(offset: bigint, low: bigint, high: bigint): bigint {
  if (offset < low) return low;
  return offset > high ? high : offset;
}
