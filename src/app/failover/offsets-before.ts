import type { OffsetsSnapshot } from '../../domain/offsets-snapshot.ts';
import { groupRestore } from '../../domain/offsets-snapshot.ts';
import { isInternalTopic } from '../../domain/replication-policy.ts';
import { adminOf } from '../lab/lab.ts';
import { mapLimited } from '../map-limited.ts';
import { restoreGroup } from '../offsets/restore-group.ts';
import { takeOffsets } from '../offsets/snapshot-offsets.ts';
import type { MoveContext } from './move-context.ts';

const PARALLEL_GROUPS = 8;

/** What stood on a cluster before a plan wrote positions there, as a file of the run. */
interface Before {
  readonly topics: readonly string[];
  readonly offsets: OffsetsSnapshot;
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
  const [topics, offsets] = await Promise.all([admin.listTopics(signal), takeOffsets(lab, cluster, groups, signal)]);
  const before: Before = { topics, offsets };
  await store.saveRunFile(move.run.runId, fileOf(context), `${JSON.stringify(before, null, 2)}\n`);
}

/** Puts the groups back to what `keepOffsets` kept and removes the topics created since, if nothing was written there. */
export async function restoreOffsets(context: MoveContext, signal: AbortSignal): Promise<void> {
  const { lab, move } = context;
  const text = await lab.tools.store.readRunFile(move.run.runId, fileOf(context));
  if (text === null) return;
  const { topics, offsets } = JSON.parse(text) as Before;
  const { cluster, groups } = offsets;
  const admin = await adminOf(lab, cluster);
  await mapLimited(groups, PARALLEL_GROUPS, async (kept) => {
    const now = await admin.groupOffsets(kept.group, signal);
    await restoreGroup(
      lab,
      cluster,
      groupRestore(kept, now, () => null),
      signal,
    );
  });
  const { policy } = lab.layout;
  const added = (await admin.listTopics(signal)).filter(
    (topic) => !topics.includes(topic) && !isInternalTopic(topic) && policy.topicSource(topic) === null,
  );
  const ranges = await admin.logRanges(added, signal);
  const written = new Set(ranges.filter(({ end }) => end > 0n).map(({ topic }) => topic));
  const empty = [...new Set(ranges.map(({ topic }) => topic))].filter((topic) => !written.has(topic));
  if (empty.length > 0) await admin.deleteTopics(empty, signal);
}
