import type { GroupListing } from '../../domain/consumer-group.ts';
import { userTopicFilter } from '../../domain/flow-filter.ts';
import type { GroupCarriage } from '../../domain/group-carriage.ts';
import { groupCarriage } from '../../domain/group-carriage.ts';
import type { GroupsDocument } from '../../domain/listing-documents.ts';
import { readEachCluster } from '../lab/each-cluster.ts';
import type { Lab } from '../lab/lab.ts';
import { forwardFlows } from '../lab/lab.ts';
import { mapLimited } from '../map-limited.ts';
import type { KafkaAdmin } from '../ports/kafka-admin.ts';
import { commitLags, rangesByPartition, totalOf } from './group-lag.ts';

/** Requests under way at once per cluster. */
const PARALLEL = 8;

type GroupOn = GroupsDocument['groups'][number]['on'][number];

/** A group on one cluster. */
interface GroupReading {
  readonly listing: GroupListing;
  readonly on: GroupOn;
  /** With a commit. */
  readonly topics: readonly string[];
}

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
  const rows = new Map<string, { readonly on: GroupOn[]; readonly carriage: GroupCarriage[] }>();
  for (const { cluster, value } of readings) {
    for (const { listing, on, topics } of value ?? []) {
      const row = rows.get(listing.group) ?? { on: [], carriage: [] };
      row.on.push(on);
      row.carriage.push(...carriagesOf(lab, cluster.alias, listing, topics));
      rows.set(listing.group, row);
    }
  }
  const groups = [...rows].map(([group, row]) => ({ group, ...row })).toSorted((a, b) => (a.group < b.group ? -1 : 1));
  return { schema: 'kmk.groups/v1', clusters: readings.map(({ view }) => view), groups };
}

/** What MM2 does with the group in each flow from the cluster. */
function carriagesOf(
  lab: Lab,
  alias: string,
  listing: GroupListing,
  topics: readonly string[],
): readonly GroupCarriage[] {
  return forwardFlows(lab)
    .filter((flow) => flow.source === alias)
    .map((flow) => groupCarriage(flow, listing, topics.some(userTopicFilter(flow, lab.layout.policy))));
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
): Promise<readonly GroupReading[]> {
  const groups = await mapLimited(listed, PARALLEL, async (listing) => {
    const { group } = listing;
    const [description, commits] = await Promise.all([
      admin.describeGroup(group, signal),
      admin.groupOffsets(group, signal),
    ]);
    return { listing, description, commits };
  });
  const topics = [...new Set(groups.flatMap(({ commits }) => commits.map(({ topic }) => topic)))];
  const ranges = rangesByPartition(await admin.logRanges(topics, signal));
  return groups
    .filter(({ description }) => description.exists)
    .map(({ listing, description: { type, state, members }, commits }) => {
      const lag = totalOf(commitLags(commits, ranges));
      const on = { cluster, type, state, members: members.length, partitions: commits.length, lag };
      return { listing, on, topics: [...new Set(commits.map(({ topic }) => topic))] };
    });
}
