import type { OffsetsSnapshot } from '../../domain/offsets-snapshot.ts';
import { groupRestore } from '../../domain/offsets-snapshot.ts';
import { adminOf } from '../lab/lab.ts';
import { mapLimited } from '../map-limited.ts';
import { restoreGroup } from '../offsets/restore-group.ts';
import { takeOffsets } from '../offsets/snapshot-offsets.ts';
import type { KafkaAdmin } from '../ports/kafka-admin.ts';
import type { MoveContext } from './move-context.ts';
import { mirroredTopics } from './promotion.ts';

const PARALLEL_GROUPS = 8;

/** What stood on a cluster before a plan wrote positions there, as a file of the run. */
interface Before {
  readonly topics: readonly string[];
  readonly offsets: OffsetsSnapshot;
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
  const kept = await readKept(context);
  const known = new Set(kept?.offsets.groups.map(({ group }) => group));
  const missing = groups.filter((group) => !known.has(group));
  if (kept !== null && missing.length === 0) return;
  const admin = await adminOf(lab, cluster);
  const [topics, added] = await Promise.all([
    kept?.topics ?? admin.listTopics(signal),
    takeOffsets(lab, cluster, missing, signal),
  ]);
  const offsets: OffsetsSnapshot = {
    ...(kept?.offsets ?? added),
    topicIds: { ...added.topicIds, ...kept?.offsets.topicIds },
    groups: [...(kept?.offsets.groups ?? []), ...added.groups],
  };
  const before: Before = { topics, offsets };
  await lab.tools.store.saveRunFile(move.run.runId, fileOf(context), `${JSON.stringify(before, null, 2)}\n`);
}

async function readKept(context: MoveContext): Promise<Before | null> {
  const text = await context.lab.tools.store.readRunFile(context.move.run.runId, fileOf(context));
  return text === null ? null : (JSON.parse(text) as Before);
}

/**
 * Takes back that positions were committed. What stood there before is kept by whoever began the run: on another machine
 * a warning says that nothing is put back.
 */
export async function restoreOffsets(context: MoveContext, signal: AbortSignal): Promise<void> {
  if (await restoreKept(context, signal)) return;
  const { lab, plan } = context;
  const text = `what groups had on "${plan.to}" before is not kept here: their positions there stay as they are`;
  lab.tools.events.emit('warning', { text });
}

/**
 * Puts the groups back to what `keepOffsets` kept and removes the local topics created since, if nothing was written
 * there. False where nothing was kept.
 */
export async function restoreKept(context: MoveContext, signal: AbortSignal): Promise<boolean> {
  const { lab } = context;
  const before = await readKept(context);
  if (before === null) return false;
  const { cluster, groups } = before.offsets;
  const admin = await adminOf(lab, cluster);
  await mapLimited(groups, PARALLEL_GROUPS, async (kept) => {
    const now = await admin.groupOffsets(kept.group, signal);
    const restore = groupRestore(kept, now, () => null);
    await restoreGroup(lab, cluster, restore, signal);
  });
  await removeLocalTopics(context, admin, before, signal);
  return true;
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
  if (policy.name === 'identity' || before.offsets.cluster !== forward.target) return;
  const twins = (await mirroredTopics(lab, forward, signal)).map((topic) => policy.upstreamTopic(topic));
  const added = (await admin.listTopics(signal)).filter(
    (topic) => !before.topics.includes(topic) && twins.includes(topic),
  );
  const ranges = await admin.logRanges(added, signal);
  const written = new Set(ranges.filter(({ end }) => end > 0n).map(({ topic }) => topic));
  const empty = [...new Set(ranges.map(({ topic }) => topic))].filter((topic) => !written.has(topic));
  if (empty.length > 0) await admin.deleteTopics(empty, signal);
}
