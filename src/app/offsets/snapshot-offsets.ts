import type { KeptOffsets } from '../../domain/documents.ts';
import { KmkError } from '../../domain/errors.ts';
import type { OffsetsSnapshot, SnapshotGroup } from '../../domain/offsets-snapshot.ts';
import { SNAPSHOT_SCHEMA, snapshotPosition } from '../../domain/offsets-snapshot.ts';
import { unknownGroup } from '../groups/describe-group.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import { mapLimited } from '../map-limited.ts';
import type { Run } from '../run.ts';

const PARALLEL_GROUPS = 8;

/** Name of the snapshot in the folder of a run. */
export const SNAPSHOT_FILE = 'offsets-snapshot.json';

/** Positions of groups on that cluster as they are now; a group that does not exist is kept as such. Changes nothing. */
export async function takeOffsets(
  lab: Lab,
  alias: string,
  groups: readonly string[],
  signal: AbortSignal,
): Promise<OffsetsSnapshot> {
  const admin = await adminOf(lab, alias);
  const { clusterId } = await admin.describeCluster(signal);
  const kept = await mapLimited(groups, PARALLEL_GROUPS, async (group): Promise<SnapshotGroup> => {
    const [{ exists, type }, positions] = await Promise.all([
      admin.describeGroup(group, signal),
      admin.groupOffsets(group, signal),
    ]);
    return { group, exists, type, positions: positions.map(snapshotPosition) };
  });
  const topics = [...new Set(kept.flatMap(({ positions }) => positions.map(({ topic }) => topic)))];
  return {
    schema: SNAPSHOT_SCHEMA,
    project: lab.record.project,
    cluster: alias,
    clusterId,
    takenAt: new Date(lab.tools.clock.now()).toISOString(),
    topicIds: Object.fromEntries(await admin.topicIds(topics, signal)),
    groups: kept,
  };
}

/**
 * Positions of the groups named, else of every group with any. Throws KMK_GROUP_UNKNOWN, and KMK_WRONG_STATE for a share
 * group, which keeps no committed positions.
 */
export async function snapshotGroups(
  lab: Lab,
  alias: string,
  names: readonly string[],
  signal: AbortSignal,
): Promise<OffsetsSnapshot> {
  const admin = await adminOf(lab, alias);
  const all = names.length > 0 ? names : (await admin.listGroups(signal)).map(({ group }) => group);
  const snapshot = await takeOffsets(lab, alias, [...new Set(all)].toSorted(), signal);
  for (const { group, exists, type } of snapshot.groups.filter((kept) => names.includes(kept.group))) {
    if (!exists) throw await unknownGroup(lab, group, signal);
    if (type === 'share') throw sharesNothing(group, alias);
  }
  const groups = snapshot.groups.filter(({ group, positions }) => positions.length > 0 || names.includes(group));
  return { ...snapshot, groups };
}

/** Keeps the snapshot in the folder of the run, and tells what it holds. */
export async function saveSnapshot(lab: Lab, { runId }: Run, snapshot: OffsetsSnapshot): Promise<KeptOffsets> {
  const file = await lab.tools.store.saveRunFile(runId, SNAPSHOT_FILE, `${JSON.stringify(snapshot, null, 2)}\n`);
  lab.tools.events.emit('file.written', { path: file });
  return keptOffsets(runId, file, snapshot);
}

/** Keeps groups of a cluster as they are before a command changes them. */
export async function keepOffsets(
  lab: Lab,
  run: Run,
  { cluster, groups }: { readonly cluster: string; readonly groups: readonly string[] },
  signal: AbortSignal,
): Promise<KeptOffsets> {
  return saveSnapshot(lab, run, await takeOffsets(lab, cluster, groups, signal));
}

function keptOffsets(runId: string, file: string, snapshot: OffsetsSnapshot): KeptOffsets {
  const { cluster, clusterId, takenAt, groups } = snapshot;
  const positions = groups.reduce((sum, group) => sum + group.positions.length, 0);
  return { runId, file, cluster, clusterId, takenAt, groups: groups.length, positions };
}

function sharesNothing(group: string, alias: string): KmkError {
  return new KmkError(
    'KMK_WRONG_STATE',
    `"${group}" on "${alias}" is a share group, which has no committed positions`,
    {
      hints: [
        'Its state is in the topic __share_group_state: read it with `kafka-share-groups.sh --describe --offsets`.',
      ],
      context: { group, cluster: alias },
    },
  );
}
