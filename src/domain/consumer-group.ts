/** Type of a group as ListGroups v5 names it; "unknown" where the broker is too old to say (before 3.8). */
export type GroupType = 'classic' | 'consumer' | 'share' | 'streams' | 'unknown';

/** State in the broker's words: Stable, Empty, PreparingRebalance, CompletingRebalance, Assigning, Reconciling, Dead. */
export type GroupState = string;

export interface GroupListing {
  readonly group: string;
  readonly type: GroupType;
  readonly state: GroupState;
  /** "consumer" for consumers, "connect" for workers, "" for a group that only holds commits. */
  readonly protocolType: string;
}

export interface GroupMember {
  readonly memberId: string;
  readonly clientId: string;
  readonly host: string;
}

export interface GroupDescription extends GroupListing {
  readonly members: readonly GroupMember[];
  /** False where no such group exists. */
  readonly exists: boolean;
}

/** True when nothing holds the group: its offsets may be written. */
export function isIdle(group: { readonly state: GroupState; readonly members: readonly unknown[] }): boolean {
  return group.members.length === 0 && isIdleState(group.state);
}

/** The states of a group without members; Dead is also that of one that does not exist. */
export function isIdleState(state: GroupState): boolean {
  return state === 'Empty' || state === 'Dead';
}
