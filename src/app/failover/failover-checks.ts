import { listed } from '../../domain/checks/snapshot.ts';
import { isIdleState } from '../../domain/consumer-group.ts';
import type { GroupOffsets } from '../../domain/documents.ts';
import type { Flow } from '../../domain/setup.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import type { Move } from './move-context.ts';
import { evaluate } from './move-context.ts';
import { mirroredTopics } from './promotion.ts';

/** Judges a failover by reading the new active: topics, positions, and that no position is beyond what the syncs allow. */
export async function checkFailover(
  lab: Lab,
  flow: Flow,
  move: Move,
  planned: readonly GroupOffsets[],
  found: readonly GroupOffsets[],
  signal: AbortSignal,
): Promise<void> {
  await checkLocalTopics(lab, flow, move, signal);
  const partitions = found.flatMap((group) => group.partitions.map((at) => ({ group: group.group, at })));
  const without = partitions.filter(({ at }) => at.targetCommitted === null);
  evaluate(
    move,
    'groups.positioned',
    without.length === 0 ? 'pass' : 'fail',
    without.length === 0
      ? `${found.length} groups have a position on each of their ${partitions.length} partitions`
      : `no position: ${without
          .slice(0, 5)
          .map(({ group, at }) => `${group} ${at.remoteTopic}-${at.partition}`)
          .join(', ')}`,
  );
  // A group whose consumers have come moves on by itself: its position is no longer what was committed for it.
  const live = new Set(found.filter(({ state }) => !isIdleState(state)).map(({ group }) => group));
  const ahead = partitions.filter(({ group, at }) => at.verdict === 'ahead' && !live.has(group));
  evaluate(
    move,
    'groups.not-ahead',
    ahead.length === 0 ? 'pass' : 'fail',
    ahead.length === 0
      ? 'no group stands beyond what was copied before its commit'
      : `would skip records: ${ahead
          .slice(0, 5)
          .map(({ group, at }) => `${group} ${at.remoteTopic}-${at.partition}`)
          .join(', ')}`,
  );
  const recreated = new Set(
    partitions.flatMap(({ at }) => (at.recreated === undefined ? [] : [at.reason ?? at.topic])),
  );
  if (recreated.size > 0) {
    evaluate(move, 'topics.identity', 'inconclusive', `no position in them is proved: ${listed([...recreated])}`);
  }
  const lost = planned.filter((group) => !found.some((other) => other.group === group.group));
  evaluate(
    move,
    'groups.complete',
    lost.length === 0 ? 'pass' : 'fail',
    lost.length === 0
      ? 'every group of the flow is there'
      : `missing groups: ${lost.map((group) => group.group).join(', ')}`,
  );
}

async function checkLocalTopics(lab: Lab, flow: Flow, move: Move, signal: AbortSignal): Promise<void> {
  const { policy } = lab.layout;
  const admin = await adminOf(lab, flow.target);
  const mirrored = await mirroredTopics(lab, flow, signal);
  const topics = new Map(
    (
      await admin.describeTopics(
        [...new Set([...mirrored, ...mirrored.map((name) => policy.upstreamTopic(name) ?? name)])],
        signal,
      )
    ).map((topic) => [topic.name, topic.partitions.length]),
  );
  const wrong = mirrored.filter((name) => topics.get(name) !== topics.get(policy.upstreamTopic(name) ?? name));
  evaluate(
    move,
    'topics.local',
    wrong.length === 0 ? 'pass' : 'fail',
    wrong.length === 0
      ? `each of ${mirrored.length} mirrored topics has its local topic with as many partitions`
      : `no local topic, or another partition count: ${wrong.slice(0, 5).join(', ')}`,
  );
}
