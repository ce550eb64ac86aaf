import { isInternalTopic } from '../../domain/replication-policy.ts';
import type { TopicPartitionOffset } from '../../domain/topic.ts';
import { partitionKey } from '../../domain/topic.ts';
import { adminOf } from '../lab/lab.ts';
import { mapLimited } from '../map-limited.ts';
import type { KafkaAdmin } from '../ports/kafka-admin.ts';
import type { MoveContext } from './move-context.ts';

const PARALLEL_GROUPS = 8;

/** What stood on a cluster before a plan wrote positions there, as a file of the run. */
interface Before {
  readonly cluster: string;
  readonly topics: readonly string[];
  readonly groups: Readonly<
    Record<string, readonly { readonly topic: string; readonly partition: number; readonly offset: string }[]>
  >;
}

const fileOf = ({ plan }: MoveContext): string => `offsets-before-${plan.id}.json`;

/** Keeps the groups' commits and the topic names of a cluster before they change; a file that is there stays. */
export async function keepOffsets(
  context: MoveContext,
  cluster: string,
  groups: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const { lab, move } = context;
  const { store } = lab.tools;
  if ((await store.readRunFile(move.run.runId, fileOf(context))) !== null) return;
  const admin = await adminOf(lab, cluster);
  const [topics, commits] = await Promise.all([
    admin.listTopics(signal),
    mapLimited(groups, PARALLEL_GROUPS, async (group) => [group, await admin.groupOffsets(group, signal)] as const),
  ]);
  const texts = commits.map(([group, offsets]) => [
    group,
    offsets.map(({ topic, partition, offset }) => ({ topic, partition, offset: offset.toString() })),
  ]);
  const before: Before = { cluster, topics, groups: Object.fromEntries(texts) as Before['groups'] };
  await store.saveRunFile(move.run.runId, fileOf(context), `${JSON.stringify(before, null, 2)}\n`);
}

/** Puts the groups back to what `keepOffsets` kept and removes the topics created since, if nothing was written there. */
export async function restoreOffsets(context: MoveContext, signal: AbortSignal): Promise<void> {
  const { lab, move } = context;
  const text = await lab.tools.store.readRunFile(move.run.runId, fileOf(context));
  if (text === null) return;
  const before = JSON.parse(text) as Before;
  const admin = await adminOf(lab, before.cluster);
  await mapLimited(Object.entries(before.groups), PARALLEL_GROUPS, ([group, kept]) =>
    restoreGroup(context, admin, { cluster: before.cluster, group, kept }, signal),
  );
  const { policy } = lab.layout;
  const added = (await admin.listTopics(signal)).filter(
    (topic) => !before.topics.includes(topic) && !isInternalTopic(topic) && policy.topicSource(topic) === null,
  );
  const ranges = await admin.logRanges(added, signal);
  const written = new Set(ranges.filter(({ end }) => end > 0n).map(({ topic }) => topic));
  const empty = [...new Set(ranges.map(({ topic }) => topic))].filter((topic) => !written.has(topic));
  if (empty.length > 0) await admin.deleteTopics(empty, signal);
}

async function restoreGroup(
  { lab }: MoveContext,
  admin: KafkaAdmin,
  {
    cluster,
    group,
    kept,
  }: { readonly cluster: string; readonly group: string; readonly kept: Before['groups'][string] },
  signal: AbortSignal,
): Promise<void> {
  const wanted: TopicPartitionOffset[] = kept.map((at) => ({ ...at, offset: BigInt(at.offset) }));
  const now = await admin.groupOffsets(group, signal);
  const current = new Map(now.map((at) => [partitionKey(at), at.offset]));
  const changed = wanted.filter((at) => current.get(partitionKey(at)) !== at.offset);
  const known = new Set(wanted.map(partitionKey));
  const added = now.filter((at) => !known.has(partitionKey(at)));
  if (changed.length > 0) await admin.commitOffsets(group, changed, signal);
  if (added.length > 0) await admin.deleteGroupOffsets(group, added, signal);
  for (const { topic, partition, offset } of changed) {
    lab.tools.events.emit('offsets.committed', {
      ...{ cluster, group, topic, partition, offset: offset.toString(), proof: 'restored' },
      previous: current.get(partitionKey({ topic, partition }))?.toString() ?? null,
    });
  }
}
