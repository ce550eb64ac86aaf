import type { TopicPartitionOffset } from '../../domain/topic.ts';
import { partitionKey } from '../../domain/topic.ts';
import { adminOf } from '../lab/lab.ts';
import { mapLimited } from '../map-limited.ts';
import type { KafkaAdmin } from '../ports/kafka-admin.ts';
import type { MoveContext } from './move-context.ts';
import { mirroredTopics } from './promotion.ts';

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

/**
 * Keeps the groups' commits and the topic names of a cluster before they change. What an earlier call kept stays as it
 * is; groups that it did not know are added.
 */
export async function keepOffsets(
  context: MoveContext,
  cluster: string,
  groups: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const { lab, move } = context;
  const { store } = lab.tools;
  const admin = await adminOf(lab, cluster);
  const kept = await readKept(context);
  const missing = groups.filter((group) => kept?.groups[group] === undefined);
  if (kept !== null && missing.length === 0) return;
  const [topics, commits] = await Promise.all([
    kept?.topics ?? admin.listTopics(signal),
    mapLimited(missing, PARALLEL_GROUPS, async (group) => [group, await admin.groupOffsets(group, signal)] as const),
  ]);
  const texts = commits.map(([group, offsets]) => [
    group,
    offsets.map(({ topic, partition, offset }) => ({ topic, partition, offset: offset.toString() })),
  ]);
  const added = Object.fromEntries(texts) as Before['groups'];
  const before: Before = { cluster, topics, groups: { ...kept?.groups, ...added } };
  await store.saveRunFile(move.run.runId, fileOf(context), `${JSON.stringify(before, null, 2)}\n`);
}

async function readKept(context: MoveContext): Promise<Before | null> {
  const text = await context.lab.tools.store.readRunFile(context.move.run.runId, fileOf(context));
  return text === null ? null : (JSON.parse(text) as Before);
}

/** Puts the groups back to what `keepOffsets` kept and removes the local topics created since, if nothing was written there. */
export async function restoreOffsets(context: MoveContext, signal: AbortSignal): Promise<void> {
  const { lab } = context;
  const before = await readKept(context);
  if (before === null) return;
  const admin = await adminOf(lab, before.cluster);
  await mapLimited(Object.entries(before.groups), PARALLEL_GROUPS, ([group, kept]) =>
    restoreGroup(context, admin, { cluster: before.cluster, group, kept }, signal),
  );
  await removeLocalTopics(context, admin, before, signal);
}

/** Only twins of copied topics: what else has appeared meanwhile is somebody else's. */
async function removeLocalTopics(
  { lab, forward }: MoveContext,
  admin: KafkaAdmin,
  before: Before,
  signal: AbortSignal,
): Promise<void> {
  const { policy } = lab.layout;
  // Under the identity policy the copy is the local topic, and MM2 made it.
  if (policy.name === 'identity' || before.cluster !== forward.target) return;
  const twins = (await mirroredTopics(lab, forward, signal)).map((topic) => policy.upstreamTopic(topic));
  const added = (await admin.listTopics(signal)).filter(
    (topic) => !before.topics.includes(topic) && twins.includes(topic),
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
