import type { GroupOffsets, OffsetsDocument } from '../../domain/documents.ts';
import { KmkError } from '../../domain/errors.ts';
import type { Flow } from '../../domain/setup.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf, forwardFlows } from '../lab/lab.ts';
import { namedHints } from '../topics/unknown-topic.ts';
import { readGroupPositions } from './group-positions.ts';

export interface OffsetsAnswer {
  readonly document: OffsetsDocument;
  /** Sources that do not answer: `committed` is what the last checkpoint knew there. */
  readonly unreachable: readonly string[];
}

/**
 * Where groups stand on both sides of every flow. Works while sources are down. Throws KMK_GROUP_UNKNOWN when none of
 * the groups asked for has a position on a topic that a flow copies.
 */
export async function showOffsets(
  lab: Lab,
  request: { readonly groups: readonly string[] },
  signal: AbortSignal,
): Promise<OffsetsAnswer> {
  const { groups, unreachable } = await readOffsets(lab, { ...request, compare: true, rowless: true }, signal);
  const missing = request.groups.find((group) => !groups.some((found) => found.group === group));
  if (missing !== undefined) throw await unknownPosition(lab, missing, signal);
  return { document: { schema: 'kmk.offsets/v1', groups }, unreachable };
}

export interface OffsetsQuestion {
  readonly groups: readonly string[];
  readonly compare: boolean;
  /** Share and streams groups too, where they have no position. */
  readonly rowless?: boolean;
}

export interface OffsetsReading {
  readonly groups: readonly GroupOffsets[];
  readonly unreachable: readonly string[];
}

/** As `showOffsets`, of those groups that have a position; contents are compared where asked for. */
export async function readOffsets(
  lab: Lab,
  { groups, compare, rowless = false }: OffsetsQuestion,
  signal: AbortSignal,
): Promise<OffsetsReading> {
  const unreachable = new Set<string>();
  const found: GroupOffsets[] = [];
  for (const flow of forwardFlows(lab)) {
    const sourceReachable = await answers(lab, flow, signal);
    if (!sourceReachable) unreachable.add(flow.source);
    found.push(...(await readGroupPositions(lab, { flow, groups, sourceReachable, compare, rowless }, signal)));
  }
  return { groups: mergeGroups(found), unreachable: [...unreachable] };
}

/** One entry per group, whichever flows carry it. */
export function mergeGroups(groups: readonly GroupOffsets[]): readonly GroupOffsets[] {
  const merged = new Map<string, GroupOffsets>();
  for (const group of groups) {
    const known = merged.get(group.group);
    const partitions = [...(known?.partitions ?? []), ...group.partitions];
    const carriage = [...(known?.carriage ?? []), ...(group.carriage ?? [])];
    merged.set(group.group, { ...(known ?? group), partitions, carriage });
  }
  return [...merged.values()].toSorted((a, b) => (a.group < b.group ? -1 : 1));
}

/** Whether the flow's source answers. */
export async function answers(lab: Lab, flow: Flow, signal: AbortSignal): Promise<boolean> {
  try {
    await (await adminOf(lab, flow.source)).describeCluster(signal);
    return true;
  } catch (error) {
    if (!KmkError.is(error) || error.kind !== 'dependency') throw error;
    return false;
  }
}

/** The error for a group without a position on a topic that a flow copies. */
export async function unknownPosition(lab: Lab, group: string, signal: AbortSignal): Promise<KmkError> {
  const { groups } = await readOffsets(lab, { groups: [], compare: false }, signal);
  return new KmkError('KMK_GROUP_UNKNOWN', `group "${group}" has no position on a topic that a flow copies`, {
    hints: namedHints(
      group,
      groups.map((known) => known.group),
      'Run `kmk group list` to see the groups.',
    ),
    context: { group },
  });
}
