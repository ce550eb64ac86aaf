import type { GroupListing } from '../../domain/consumer-group.ts';
import type { GroupsDocument } from '../../domain/listing-documents.ts';
import { readEachCluster } from '../lab/each-cluster.ts';
import type { Lab } from '../lab/lab.ts';
import { mapLimited } from '../map-limited.ts';
import type { KafkaAdmin } from '../ports/kafka-admin.ts';
import { commitLags, rangesByPartition, totalOf } from './group-lag.ts';

/** Requests under way at once per cluster. */
const PARALLEL = 8;

type GroupOn = GroupsDocument['groups'][number]['on'][number];

/** Consumer groups of every cluster side by side, sorted by name. `all` includes those of Connect workers. */
export async function listGroups(
  lab: Lab,
  request: { readonly all: boolean },
  signal: AbortSignal,
): Promise<GroupsDocument> {
  const readings = await readEachCluster(lab, async (admin, { alias }) => {
    const listed = (await admin.listGroups(signal)).filter((group) => request.all || isConsumerGroup(group));
    return readGroups(admin, alias, listed, signal);
  });
  const rows = new Map<string, GroupOn[]>();
  for (const { value } of readings) {
    for (const { group, on } of value ?? []) rows.set(group, [...(rows.get(group) ?? []), on]);
  }
  const groups = [...rows].map(([group, on]) => ({ group, on })).toSorted((a, b) => (a.group < b.group ? -1 : 1));
  return { schema: 'kmk.groups/v1', clusters: readings.map(({ view }) => view), groups };
}

/** Connect workers are groups of protocol type "connect"; groups that only hold commits have none. */
function isConsumerGroup({ protocolType }: GroupListing): boolean {
  return protocolType !== 'connect';
}

async function readGroups(
  admin: KafkaAdmin,
  cluster: string,
  listed: readonly GroupListing[],
  signal: AbortSignal,
): Promise<readonly { readonly group: string; readonly on: GroupOn }[]> {
  const groups = await mapLimited(listed, PARALLEL, async ({ group }) => {
    const [description, commits] = await Promise.all([
      admin.describeGroup(group, signal),
      admin.groupOffsets(group, signal),
    ]);
    return { group, description, commits };
  });
  const topics = [...new Set(groups.flatMap(({ commits }) => commits.map(({ topic }) => topic)))];
  const ranges = rangesByPartition(await admin.logRanges(topics, signal));
  return groups
    .filter(({ description }) => description.exists)
    .map(({ group, description: { type, state, members }, commits }) => {
      const lag = totalOf(commitLags(commits, ranges));
      return { group, on: { cluster, type, state, members: members.length, partitions: commits.length, lag } };
    });
}
