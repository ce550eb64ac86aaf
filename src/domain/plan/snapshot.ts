import { isIdleState } from '../consumer-group.ts';
import type { GroupOffsets } from '../documents.ts';
import type { TailPart } from '../stranded-tail.ts';
import type { Moved } from '../lab/lab-record.ts';
import type { ClosedSide } from '../stray-records.ts';
import type { Part } from './part.ts';
import { NOTHING_MOVED } from './part.ts';
import type { PlanAssumptions } from './plan.ts';
import type { FoundScope } from './scope.ts';

/** Both sides of a move as they were read before it: what a plan is made from. */
export interface MoveSnapshot {
  readonly schema: 'kmk.snapshot/v1';
  readonly project: string;
  /** ISO 8601 UTC. */
  readonly takenAt: string;
  readonly policy: 'default' | 'identity';
  readonly mode: 'connect' | 'dedicated';
  readonly active: string;
  readonly epoch: number;
  readonly promotion: {
    readonly from: string;
    readonly to: string;
    readonly runId: string;
    readonly unfinished: boolean;
  } | null;
  /** The clusters of the move: which one it leaves, which one it goes to. */
  readonly from: string;
  readonly to: string;
  /** `clusterId` null where no broker answered. */
  readonly clusters: readonly { readonly alias: string; readonly clusterId: string | null }[];
  readonly flows: readonly { readonly flow: string; readonly state: string; readonly lagRecords: number | null }[];
  /** Groups of the flow with their positions on both sides, as far as they could be read. */
  readonly groups: readonly GroupOffsets[];
  /** How old what is known of the side that is left is: 0 while it answers; null where that cannot be known. */
  readonly knowledgeAgeMs: number | null;
  /** Of a failover: the side that is left gave no answer, but its heartbeats went on to cross while it was asked. */
  readonly crossesStill?: boolean;
  /** The setup copies in the other direction as well, with positions and clients of its own. */
  readonly twoWay?: boolean;
  /** Names of the copied topics on the side that is moved to. */
  readonly topics: readonly string[];
  /** Of a failback: records of the returning side that never crossed; absent where it does not answer yet. */
  readonly stranded?: readonly TailPart[];
  /** What waves have moved; absent where none has. */
  readonly moved?: Pick<Moved, 'from' | 'to' | 'topics' | 'groups' | 'returned'>;
  /** What was written on the side that is moved to while it was closed; absent where nobody knows. */
  readonly strays?: readonly ClosedSide[];
  /** The part that is to move, of a wave and of the return of waves. */
  readonly scope?: FoundScope;
}

/** What has moved before a move of the rest, or of another part. */
export function movedBefore({ moved }: Pick<MoveSnapshot, 'moved'>): Part {
  return moved === undefined || moved.returned === true
    ? NOTHING_MOVED
    : { topics: moved.topics, groups: moved.groups };
}

/** Whether any broker of the cluster answered. */
export function answered(snapshot: MoveSnapshot, alias: string): boolean {
  return snapshot.clusters.some((cluster) => cluster.alias === alias && cluster.clusterId !== null);
}

/** Records that the flow has still to copy; null where it cannot be known. */
export function lagOfFlow(snapshot: MoveSnapshot, flow: string): number | null {
  return snapshot.flows.find((known) => known.flow === flow)?.lagRecords ?? null;
}

/** Groups with live members where their positions are to be written. */
export function liveGroups(snapshot: MoveSnapshot): readonly string[] {
  return snapshot.groups.filter((group) => !isIdleState(group.state)).map((group) => group.group);
}

/** What a plan made from the snapshot rests on. */
export function assumptionsOf(snapshot: MoveSnapshot): PlanAssumptions {
  const { active, epoch, promotion } = snapshot;
  return {
    active,
    epoch,
    promotion: promotion === null ? null : `${promotion.from}->${promotion.to}`,
    clusterIds: Object.fromEntries(snapshot.clusters.map(({ alias, clusterId }) => [alias, clusterId])),
    flows: Object.fromEntries(snapshot.flows.map(({ flow, state }) => [flow, state])),
    liveGroups: liveGroups(snapshot),
    ...(snapshot.moved === undefined ? {} : { moved: movedBefore(snapshot).topics }),
    ...(snapshot.scope === undefined ? {} : { topics: snapshot.scope.topics, groups: snapshot.scope.groups }),
  };
}
