import { KmkError } from '../../domain/errors.ts';
import type { GroupDocument } from '../../domain/listing-documents.ts';
import { readEachCluster } from '../lab/each-cluster.ts';
import type { Lab } from '../lab/lab.ts';
import { namedHints } from '../topics/unknown-topic.ts';
import { commitLags, rangesByPartition } from './group-lag.ts';

/** A group on every cluster: members, and per partition commit, end and lag. Throws KMK_GROUP_UNKNOWN. */
export async function describeGroup(lab: Lab, group: string, signal: AbortSignal): Promise<GroupDocument> {
  const readings = await readEachCluster(lab, async (admin) => {
    const [description, commits] = await Promise.all([
      admin.describeGroup(group, signal),
      admin.groupOffsets(group, signal),
    ]);
    const ranges = await admin.logRanges([...new Set(commits.map(({ topic }) => topic))], signal);
    return { description, lags: commitLags(commits, rangesByPartition(ranges)) };
  });
  const on = readings.flatMap(({ cluster, value }) => {
    if (value === null) return [];
    const { exists, type, state, members } = value.description;
    const partitions = value.lags.map(({ topic, partition, offset, end, lag }) => ({
      topic,
      partition,
      committed: offset.toString(),
      end: end?.toString() ?? null,
      lag,
    }));
    return [{ cluster: cluster.alias, exists, type, state, members, partitions }];
  });
  if (!on.some(({ exists }) => exists)) throw await unknownGroup(lab, group, signal);
  return { schema: 'kmk.group/v1', group, clusters: readings.map(({ view }) => view), on };
}

/** The error for a group that no cluster has, with the name that was probably meant. */
export async function unknownGroup(lab: Lab, group: string, signal: AbortSignal): Promise<KmkError> {
  const listed = await readEachCluster(lab, (admin) => admin.listGroups(signal));
  const names = listed.flatMap(({ value }) => value ?? []).map((listing) => listing.group);
  return new KmkError('KMK_GROUP_UNKNOWN', `group "${group}" does not exist`, {
    hints: namedHints(group, [...new Set(names)], 'Run `kmk group list` to see the groups.'),
    context: { group },
  });
}
