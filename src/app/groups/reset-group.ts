import { KmkError } from '../../domain/errors.ts';
import { isIdle } from '../../domain/consumer-group.ts';
import { groupFilter } from '../../domain/flow-filter.ts';
import type { ResetTarget } from '../../domain/group-reset.ts';
import { resetOffset } from '../../domain/group-reset.ts';
import type { GroupResetDocument } from '../../domain/listing-documents.ts';
import type { LogRange, TopicPartition, TopicPartitionOffset } from '../../domain/topic.ts';
import { partitionKey } from '../../domain/topic.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf, forwardFlows, resolveCluster } from '../lab/lab.ts';
import type { KafkaAdmin } from '../ports/kafka-admin.ts';
import { requirePartition } from '../topics/ensure-topic.ts';
import { unknownTopic } from '../topics/unknown-topic.ts';
import { unknownGroup } from './describe-group.ts';
import { partitionsOf, translatedAt, translatedPositions } from './reset-translated.ts';

/** A topic, or some of its partitions. */
export interface ResetScope {
  readonly topic: string;
  /** null: all. */
  readonly partitions: readonly number[] | null;
}

export interface ResetRequest {
  readonly group: string;
  readonly cluster: string | undefined;
  /** null: every topic the group has a commit on. */
  readonly topics: readonly ResetScope[] | null;
  readonly to: ResetTarget;
}

export interface ResetPlan {
  readonly cluster: string;
  readonly group: string;
  readonly moves: readonly (TopicPartitionOffset & { readonly previous: bigint | null })[];
  /** What a person should know before agreeing. */
  readonly warnings: readonly string[];
}

/**
 * Where a reset would put the group. A group that does not exist gets its first commits when topics are named, as with
 * kafka-consumer-groups. Throws KMK_GROUP_ACTIVE, KMK_GROUP_UNKNOWN, KMK_TOPIC_UNKNOWN, KMK_USAGE, and KMK_WRONG_STATE
 * where a partition has no checkpoint or no proved position to reset to.
 */
export async function planReset(lab: Lab, request: ResetRequest, signal: AbortSignal): Promise<ResetPlan> {
  const { group, to } = request;
  const translated = to.kind === 'checkpoint' || to.kind === 'exact' ? to : null;
  const { alias } = resolveCluster(lab, request.cluster ?? (translated === null ? undefined : 'target'));
  const admin = await adminOf(lab, alias);
  const [description, commits] = await Promise.all([
    admin.describeGroup(group, signal),
    admin.groupOffsets(group, signal),
  ]);
  if (!isIdle(description)) throw active(group, alias, description.members.length);
  const committed = new Map(commits.map((at) => [partitionKey(at), at.offset]));
  const asked = translated === null ? null : { cluster: alias, group, to: translated };
  const told = asked === null ? null : await translatedPositions(lab, asked, signal);
  if (told === null && request.topics === null && commits.length === 0) throw await unknownGroup(lab, group, signal);
  const ranges = await scopeOf(admin, request.topics, told === null ? commits : partitionsOf(told), signal);
  const atTime = to.kind === 'time' ? await timesOf(admin, ranges, to.atMs, signal) : null;
  const warnings: string[] = [];
  const moves = ranges.map((range) => {
    const previous = committed.get(partitionKey(range)) ?? null;
    const found =
      told !== null && asked !== null ? translatedAt(told, asked, range) : (atTime?.get(partitionKey(range)) ?? null);
    const moved = resetOffset(to, range, previous, found);
    const name = `${range.topic}-${range.partition}`;
    if (moved === null) {
      throw new KmkError('KMK_USAGE', `group "${group}" has no commit on ${name} to shift from`, {
        hints: ['Use --to-earliest, --to-latest or --to-offset for partitions without a commit.'],
      });
    }
    if (moved.outside !== null) {
      warnings.push(
        `${moved.outside} is outside of ${name} (${range.start} to ${range.end}): ${moved.offset} is taken`,
      );
    }
    return { topic: range.topic, partition: range.partition, offset: moved.offset, previous };
  });
  return { cluster: alias, group, moves, warnings: [...warnings, ...syncWarnings(lab, alias, group, moves)] };
}

/** Commits the plan and reads it back. Throws KMK_GROUP_ACTIVE when a consumer came meanwhile. */
export async function resetGroup(lab: Lab, plan: ResetPlan, signal: AbortSignal): Promise<GroupResetDocument> {
  const { cluster, group, moves } = plan;
  await (await adminOf(lab, cluster)).commitOffsets(group, moves, signal);
  for (const { topic, partition, offset, previous } of moves) {
    lab.tools.events.emit('offsets.committed', {
      cluster,
      group,
      topic,
      partition,
      offset: offset.toString(),
      previous: previous?.toString() ?? null,
      proof: 'asked for',
    });
  }
  return resetDocument(plan, true);
}

export function resetDocument({ cluster, group, moves }: ResetPlan, committed: boolean): GroupResetDocument {
  const partitions = moves.map(({ topic, partition, offset, previous }) => ({
    topic,
    partition,
    previous: previous?.toString() ?? null,
    offset: offset.toString(),
  }));
  return { schema: 'kmk.group-reset/v1', cluster, group, committed, partitions };
}

async function scopeOf(
  admin: KafkaAdmin,
  topics: readonly ResetScope[] | null,
  commits: readonly TopicPartition[],
  signal: AbortSignal,
): Promise<readonly LogRange[]> {
  const committed = new Set(commits.map(partitionKey));
  const names = [...new Set((topics ?? commits).map(({ topic }) => topic))].toSorted();
  const ranges = await admin.logRanges(names, signal);
  if (topics === null) return ranges.filter((range) => committed.has(partitionKey(range)));
  for (const { topic, partitions } of topics) {
    const count = ranges.filter((range) => range.topic === topic).length;
    if (count === 0) throw unknownTopic(topic, await admin.listTopics(signal));
    for (const partition of partitions ?? []) requirePartition(topic, partition, count);
  }
  return ranges.filter((range) =>
    topics.some(({ topic, partitions }) => topic === range.topic && (partitions?.includes(range.partition) ?? true)),
  );
}

async function timesOf(admin: KafkaAdmin, ranges: readonly LogRange[], atMs: number, signal: AbortSignal) {
  const topics = [...new Set(ranges.map(({ topic }) => topic))];
  const found = await Promise.all(topics.map((topic) => admin.offsetsAtTime(topic, atMs, signal)));
  return new Map(found.flat().map((at) => [partitionKey(at), at.offset]));
}

function active(group: string, alias: string, members: number): KmkError {
  return new KmkError('KMK_GROUP_ACTIVE', `group "${group}" has ${members} live members on "${alias}"`, {
    hints: [`Stop its consumers, then see with \`kmk group describe ${group}\` that it is Empty.`],
    context: { group, cluster: alias, members },
  });
}

/** MM2's group sync writes on the target too: it raises a commit again and never lowers one. */
function syncWarnings(lab: Lab, alias: string, group: string, moves: ResetPlan['moves']): readonly string[] {
  const { policy } = lab.layout;
  const flows = forwardFlows(lab).filter((flow) => groupFilter(flow)(group));
  const into = flows.filter(
    (flow) =>
      flow.target === alias &&
      moves.some(({ topic }) => policy.name === 'identity' || policy.topicSource(topic) === flow.source),
  );
  const from = flows.filter((flow) => flow.source === alias && moves.some((at) => at.offset < (at.previous ?? 0n)));
  return [
    ...into.map(
      ({ source, target }) =>
        `MM2 syncs this group from "${source}" and may raise it again: run \`kmk flow stop ${source}:${target}\` first`,
    ),
    ...from.map(({ target }) => `MM2 never lowers a commit: on "${target}" the group stays where it is`),
  ];
}
