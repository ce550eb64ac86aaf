import { KmkError } from '../../domain/errors.ts';
import type { GroupDescription, GroupListing, GroupMember, GroupType } from '../../domain/consumer-group.ts';
import type { ClusterClient } from '../client/cluster-client.ts';
import { check } from '../client/failures.ts';
import type { BrokerLink } from '../client/link.ts';
import { CONSUMER_GROUP_DESCRIBE } from '../wire/api/consumer-group-describe.ts';
import { DELETE_GROUPS } from '../wire/api/delete-groups.ts';
import { DESCRIBE_GROUPS } from '../wire/api/describe-groups.ts';
import { LEAVE_GROUP } from '../wire/api/leave-group.ts';
import type { ListGroupsResponse } from '../wire/api/list-groups.ts';
import { LIST_GROUPS } from '../wire/api/list-groups.ts';
import { SHARE_GROUP_DESCRIBE } from '../wire/api/share-group-describe.ts';
import { STREAMS_GROUP_DESCRIBE } from '../wire/api/streams-group-describe.ts';
import { errorName } from '../wire/errors.ts';
import type { Coordinators } from './coordinators.ts';

const TYPES: readonly GroupType[] = ['classic', 'consumer', 'share', 'streams'];
/** Requests under way at once. */
const AT_ONCE = 64;
const NO_OPERATIONS = { includeAuthorizedOperations: false } as const;

/** Groups of every broker, sorted by name. */
export async function listGroups(cluster: ClusterClient, signal?: AbortSignal): Promise<readonly GroupListing[]> {
  return cluster.retrying(signal, async () => {
    const { brokers } = await cluster.metadata([]);
    const perBroker = await Promise.all(brokers.map(async ({ nodeId }) => groupsOn(await cluster.node(nodeId))));
    return perBroker.flat().sort((a, b) => (a.group < b.group ? -1 : 1));
  });
}

async function groupsOn(link: BrokerLink): Promise<readonly GroupListing[]> {
  const { errorCode, groups } = await link.request(LIST_GROUPS, {});
  check(errorCode, 'list groups');
  return groups.map(listing);
}

function listing(group: ListGroupsResponse['groups'][number]): GroupListing {
  const type = TYPES.find((known) => known === group.groupType.toLowerCase()) ?? 'unknown';
  return { group: group.groupId, type, state: group.groupState, protocolType: group.protocolType };
}

/**
 * The type comes from the coordinator's own list first, because DescribeGroups takes a live KIP-848 group for a dead
 * one, and each type has its own request.
 */
export async function describeGroup(
  coordinators: Coordinators,
  group: string,
  signal?: AbortSignal,
): Promise<GroupDescription> {
  return coordinators.with(group, signal, async (link) => {
    const listed = (await groupsOn(link)).find((candidate) => candidate.group === group);
    if (listed === undefined) return absent(group);
    const described = await describeListed(link, listed);
    if (described === null) return absent(group);
    return { ...listed, ...described, exists: true };
  });
}

/**
 * As `describeGroup`, of many: brokers list their groups once, not once a group. A group that appears meanwhile counts as
 * absent.
 */
export async function describeGroups(
  cluster: ClusterClient,
  coordinators: Coordinators,
  groups: readonly string[],
  signal?: AbortSignal,
): Promise<readonly GroupDescription[]> {
  const listed = new Map((await listGroups(cluster, signal)).map((found) => [found.group, found]));
  const describe = async (group: string): Promise<GroupDescription> => {
    const known = listed.get(group);
    if (known === undefined) return absent(group);
    const described = await coordinators.with(group, signal, (link) => describeListed(link, known));
    return described === null ? absent(group) : { ...known, ...described, exists: true };
  };
  const found: GroupDescription[] = [];
  for (let from = 0; from < groups.length; from += AT_ONCE) {
    found.push(...(await Promise.all(groups.slice(from, from + AT_ONCE).map(describe))));
  }
  return found;
}

function absent(group: string): GroupDescription {
  return { group, type: 'unknown', state: 'Dead', protocolType: '', members: [], exists: false };
}

type StateAndMembers = Pick<GroupDescription, 'state' | 'members'>;

/** Null when the group vanished since it was listed. */
async function describeListed(link: BrokerLink, { group, type }: GroupListing): Promise<StateAndMembers | null> {
  const groupIds = [group];
  switch (type) {
    case 'consumer':
      return current(group, (await link.request(CONSUMER_GROUP_DESCRIBE, { groupIds, ...NO_OPERATIONS })).groups);
    case 'share':
      return current(group, (await link.request(SHARE_GROUP_DESCRIBE, { groupIds, ...NO_OPERATIONS })).groups);
    case 'streams':
      return current(group, (await link.request(STREAMS_GROUP_DESCRIBE, { groupIds, ...NO_OPERATIONS })).groups);
    default:
      return classic(link, group);
  }
}

interface DescribedGroup {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly groupState: string;
  readonly members: readonly { readonly memberId: string; readonly clientId: string; readonly clientHost: string }[];
}

function current(group: string, groups: readonly DescribedGroup[]): StateAndMembers | null {
  const [found] = groups;
  if (found === undefined || errorName(found.errorCode) === 'GROUP_ID_NOT_FOUND') return null;
  check(found.errorCode, `describe group "${group}"`, found.errorMessage, { group });
  return { state: found.groupState, members: found.members.map(member) };
}

async function classic(link: BrokerLink, group: string): Promise<StateAndMembers | null> {
  const [found] = (await link.request(DESCRIBE_GROUPS, { groups: [group], ...NO_OPERATIONS })).groups;
  if (found === undefined || errorName(found.errorCode) === 'GROUP_ID_NOT_FOUND') return null;
  check(found.errorCode, `describe group "${group}"`, found.errorMessage, { group });
  return found.groupState === 'Dead' ? null : { state: found.groupState, members: found.members.map(member) };
}

function member(described: DescribedGroup['members'][number]): GroupMember {
  return { memberId: described.memberId, clientId: described.clientId, host: described.clientHost.replace(/^\//, '') };
}

/** Throws KMK_GROUP_ACTIVE or KMK_GROUP_UNKNOWN. */
export async function deleteGroup(coordinators: Coordinators, group: string, signal?: AbortSignal): Promise<void> {
  await coordinators.with(group, signal, async (link) => {
    const { results } = await link.request(DELETE_GROUPS, { groupsNames: [group] });
    for (const { errorCode } of results) checkGroup(errorCode, group, `delete group "${group}"`);
  });
}

/** Lets each member leave. Throws KMK_KAFKA_REQUEST. */
export async function removeMembers(
  coordinators: Coordinators,
  group: string,
  memberIds: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  for (const memberId of memberIds) {
    const response = await coordinators.with(group, signal, (link) =>
      link.request(LEAVE_GROUP, { groupId: group, memberId, members: [{ memberId }] }),
    );
    // Before version 3 the one error stands for the one member.
    for (const { errorCode } of [response, ...response.members]) {
      if (errorName(errorCode) !== 'UNKNOWN_MEMBER_ID') check(errorCode, `leave group "${group}"`, null, { group });
    }
  }
}

const ACTIVE: ReadonlySet<string> = new Set([
  ...['NON_EMPTY_GROUP', 'GROUP_SUBSCRIBED_TO_TOPIC', 'UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION'],
  ...['STALE_MEMBER_EPOCH', 'FENCED_MEMBER_EPOCH', 'REBALANCE_IN_PROGRESS'],
]);

/** Throws KMK_GROUP_ACTIVE for the errors of a group with members, KMK_GROUP_UNKNOWN, or KMK_KAFKA_REQUEST. */
export function checkGroup(code: number, group: string, what: string): void {
  const error = errorName(code);
  if (ACTIVE.has(error)) throw groupActive(group, error);
  if (error === 'GROUP_ID_NOT_FOUND') {
    throw new KmkError('KMK_GROUP_UNKNOWN', `group "${group}" does not exist`, { context: { group, error } });
  }
  check(code, what, null, { group });
}

function groupActive(group: string, error: string): KmkError {
  return new KmkError('KMK_GROUP_ACTIVE', `group "${group}" has live members`, {
    hints: [`Stop the consumers of "${group}" first.`],
    context: { group, error },
  });
}
