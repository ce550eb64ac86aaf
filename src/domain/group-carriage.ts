import type { GroupListing, GroupType } from './consumer-group.ts';
import { groupFilter } from './flow-filter.ts';
import type { Flow } from './setup.ts';
import { flowId } from './setup.ts';

/** Whether MM2 carries a group's positions across a flow. */
export interface GroupCarriage {
  readonly flow: string;
  /** On the source. */
  readonly type: GroupType;
  readonly checkpointed: boolean;
  /** Why it is not; null where it is. */
  readonly reason: string | null;
}

/**
 * What MM2 does with a group of the flow's source (MirrorCheckpointConnector: listed as a classic or consumer group, named
 * by `groups`, with a commit on a topic that is copied). `hasCommit` is whether it has one.
 */
export function groupCarriage(flow: Flow, group: GroupListing, hasCommit: boolean): GroupCarriage {
  const reason = reasonAgainst(flow, group, hasCommit);
  return { flow: flowId(flow), type: group.type, checkpointed: reason === null, reason };
}

function reasonAgainst(flow: Flow, { group, type, protocolType }: GroupListing, hasCommit: boolean): string | null {
  if (type === 'share') {
    return 'a share group keeps its state in __share_group_state, which MM2 does not copy: set its start with kafka-share-groups.sh';
  }
  if (type === 'streams') {
    return 'MM2 lists classic and consumer groups only: kmk can translate its commits, its state topics are another matter';
  }
  if (protocolType !== '' && protocolType !== 'consumer')
    return `a group of protocol "${protocolType}" has no consumers`;
  if (!groupFilter(flow)(group)) return 'excluded by the groups of the flow, or by what MM2 always excludes';
  // MirrorCheckpointConfig.task.assigned.groups joins names with commas.
  if (group.includes(',')) return 'MM2 takes a name with a comma for several groups';
  return hasCommit ? null : 'no commit on a topic that the flow copies';
}
