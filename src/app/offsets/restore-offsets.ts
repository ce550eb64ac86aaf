import type { KeptOffsets, OffsetChange } from '../../domain/documents.ts';
import { KmkError } from '../../domain/errors.ts';
import type { GroupRestore, OffsetsSnapshot, SnapshotGroup } from '../../domain/offsets-snapshot.ts';
import { groupRestore } from '../../domain/offsets-snapshot.ts';
import type { CommittedOffset } from '../../domain/topic.ts';
import { partitionKey } from '../../domain/topic.ts';
import { rangesByPartition } from '../groups/group-lag.ts';
import { refuseLiveGroups } from '../groups/live-groups.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf, flowsInto } from '../lab/lab.ts';
import { mapLimited } from '../map-limited.ts';
import type { KafkaAdmin } from '../ports/kafka-admin.ts';
import type { Run } from '../run.ts';
import { namedHints } from '../topics/unknown-topic.ts';
import { writeEachGroup } from './each-group.ts';
import { refuseDedicated, withQuietCheckpoints } from './quiet-checkpoints.ts';
import { restoreGroup } from './restore-group.ts';
import { keepOffsets } from './snapshot-offsets.ts';

const PARALLEL_GROUPS = 8;

export interface RestorePlan {
  readonly snapshot: OffsetsSnapshot;
  /** Groups that stand as they stood are left out. */
  readonly groups: readonly GroupRestore[];
  /** What a person should know before agreeing. */
  readonly warnings: readonly string[];
}

/**
 * What puts the groups of a snapshot (all, or those named) back. Throws KMK_WRONG_STATE where the cluster is another one,
 * KMK_GROUP_UNKNOWN for a group that the snapshot does not hold, KMK_GROUP_ACTIVE.
 */
export async function planRestore(
  lab: Lab,
  snapshot: OffsetsSnapshot,
  names: readonly string[],
  signal: AbortSignal,
): Promise<RestorePlan> {
  const admin = await sameCluster(lab, snapshot, signal);
  const kept = named(snapshot, names);
  const topics = Object.keys(snapshot.topicIds);
  const ids = await admin.topicIds(topics, signal);
  const voidTopic = (topic: string): string | null => {
    const was = snapshot.topicIds[topic];
    if (was === undefined) return null;
    if (!ids.has(topic)) return `topic "${topic}" is gone`;
    return ids.get(topic) === was ? null : `topic "${topic}" was deleted and created anew since`;
  };
  const all = await mapLimited(kept, PARALLEL_GROUPS, async (group) =>
    groupRestore(group, await admin.groupOffsets(group.group, signal), voidTopic),
  );
  const groups = all.filter(({ put, remove, left }) => put.length + remove.length + left.length > 0);
  const changed = groups.filter((group) => group.put.length + group.remove.length > 0);
  await refuseLiveGroups(
    lab,
    snapshot.cluster,
    changed.map(({ group }) => group),
    signal,
  );
  if (changed.length > 0) refuseDedicated(lab, flowsInto(lab, snapshot.cluster));
  const warnings = [
    ...groups.flatMap(({ group, left }) =>
      left.map(({ topic, partition, reason }) => `${topic}-${partition} of group "${group}" is left alone: ${reason}`),
    ),
    ...(await outside(admin, changed, signal)),
    ...(changed.length > 0 ? syncWarnings(lab, snapshot.cluster) : []),
  ];
  return { snapshot, groups, warnings };
}

/**
 * Puts positions back while MM2 writes none, reads each back, and keeps before that what it replaces, for an undo.
 * Throws KMK_PARTLY_DONE where some groups were put back and one was not: the same command goes on.
 */
export async function restoreOffsets(lab: Lab, plan: RestorePlan, run: Run, signal: AbortSignal): Promise<KeptOffsets> {
  const { cluster } = plan.snapshot;
  const changed = plan.groups.filter(({ put, remove }) => put.length + remove.length > 0);
  const names = changed.map(({ group }) => group);
  return withQuietCheckpoints(lab, flowsInto(lab, cluster), signal, async () => {
    const kept = await keepOffsets(lab, run, { cluster, groups: names }, signal);
    const writing = { verb: 'put back', undo: run.runId };
    await writeEachGroup(changed, writing, (change) => restoreGroup(lab, cluster, change, signal));
    return kept;
  });
}

/** The plan as rows of a document; what is left alone is not among them. */
export function restoreChanges({ snapshot: { cluster }, groups }: RestorePlan): readonly OffsetChange[] {
  return groups.flatMap(({ group, put, remove }) => [
    ...put.map(({ topic, partition, offset, previous }) => ({
      ...{ cluster, group, topic, partition, previous: previous?.toString() ?? null, offset: offset.toString() },
      proof: null,
    })),
    ...remove.map(({ topic, partition, offset }) => ({
      ...{ cluster, group, topic, partition, previous: offset.toString(), offset: null, proof: null },
    })),
  ]);
}

async function sameCluster(
  lab: Lab,
  { cluster, clusterId }: OffsetsSnapshot,
  signal: AbortSignal,
): Promise<KafkaAdmin> {
  if (!lab.layout.clusters.some(({ alias }) => alias === cluster)) {
    throw new KmkError('KMK_WRONG_STATE', `the snapshot is of cluster "${cluster}", which this setup does not have`, {
      hints: ['Run `kmk status` to see the clusters.'],
      context: { cluster },
    });
  }
  const admin = await adminOf(lab, cluster);
  const { clusterId: now } = await admin.describeCluster(signal);
  if (now === clusterId) return admin;
  throw new KmkError('KMK_WRONG_STATE', `the snapshot is of another cluster "${cluster}": ${clusterId}, not ${now}`, {
    hints: ['Its offsets stand for records of that cluster. Take a new one with `kmk offsets snapshot`.'],
    context: { cluster, snapshot: clusterId, found: now },
  });
}

function named({ groups }: OffsetsSnapshot, names: readonly string[]): readonly SnapshotGroup[] {
  const known = groups.map(({ group }) => group);
  for (const name of names) {
    if (known.includes(name)) continue;
    throw new KmkError('KMK_GROUP_UNKNOWN', `the snapshot does not hold group "${name}"`, {
      hints: namedHints(name, known, `It holds ${known.length} groups.`),
      context: { group: name },
    });
  }
  return names.length === 0 ? groups : groups.filter(({ group }) => names.includes(group));
}

async function outside(
  admin: KafkaAdmin,
  groups: readonly GroupRestore[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const put = groups.flatMap((group): readonly CommittedOffset[] => group.put);
  const ranges = rangesByPartition(await admin.logRanges([...new Set(put.map(({ topic }) => topic))], signal));
  return put.flatMap((at) => {
    const range = ranges.get(partitionKey(at));
    if (range === undefined || (at.offset >= range.start && at.offset <= range.end)) return [];
    const where = `${at.topic}-${at.partition} (${range.start} to ${range.end})`;
    return [`${at.offset} is outside of ${where} now: a consumer starts there by its auto.offset.reset`];
  });
}

/** MM2's group sync raises what is below its own translation, and never lowers a commit. */
function syncWarnings(lab: Lab, cluster: string): readonly string[] {
  return flowsInto(lab, cluster).map(
    ({ source, target }) =>
      `MM2 raises positions again that are below its checkpoints: \`kmk flow stop ${source}:${target}\` keeps it from that`,
  );
}
