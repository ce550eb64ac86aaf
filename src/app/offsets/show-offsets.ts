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
  const unreachable = new Set<string>();
  const groups: GroupOffsets[] = [];
  for (const flow of forwardFlows(lab)) {
    const sourceReachable = await answers(lab, flow, signal);
    if (!sourceReachable) unreachable.add(flow.source);
    groups.push(
      ...(await readGroupPositions(lab, { flow, groups: request.groups, sourceReachable, compare: true }, signal)),
    );
  }
  const merged = mergeGroups(groups);
  const missing = request.groups.find((group) => !merged.some((found) => found.group === group));
  if (missing !== undefined) throw await unknown(lab, missing, signal);
  return { document: { schema: 'kmk.offsets/v1', groups: merged }, unreachable: [...unreachable] };
}

/** One entry per group, whichever flows carry it. */
export function mergeGroups(groups: readonly GroupOffsets[]): readonly GroupOffsets[] {
  const merged = new Map<string, GroupOffsets>();
  for (const group of groups) {
    const known = merged.get(group.group);
    const partitions = [...(known?.partitions ?? []), ...group.partitions];
    merged.set(group.group, { ...(known ?? group), partitions });
  }
  return [...merged.values()].toSorted((a, b) => (a.group < b.group ? -1 : 1));
}

async function answers(lab: Lab, flow: Flow, signal: AbortSignal): Promise<boolean> {
  try {
    await (await adminOf(lab, flow.source)).describeCluster(signal);
    return true;
  } catch (error) {
    if (!KmkError.is(error) || error.kind !== 'dependency') throw error;
    return false;
  }
}

async function unknown(lab: Lab, group: string, signal: AbortSignal): Promise<KmkError> {
  const { document } = await showOffsets(lab, { groups: [] }, signal);
  return new KmkError('KMK_GROUP_UNKNOWN', `group "${group}" has no position on a topic that a flow copies`, {
    hints: namedHints(
      group,
      document.groups.map((known) => known.group),
      'Run `kmk group list` to see the groups.',
    ),
    context: { group },
  });
}
