import type { KeptOffsets, OffsetsDocument } from '../../domain/documents.ts';
import type { OffsetsSnapshot } from '../../domain/offsets-snapshot.ts';
import type { Lab } from '../lab/lab.ts';
import type { RestorePlan } from './restore-offsets.ts';
import { restoreChanges } from './restore-offsets.ts';
import { readOffsets } from './show-offsets.ts';

/** The answer of `offsets snapshot`. */
export async function snapshotDocument(
  lab: Lab,
  kept: KeptOffsets,
  { groups }: OffsetsSnapshot,
  signal: AbortSignal,
): Promise<OffsetsDocument & { readonly snapshot: KeptOffsets }> {
  return { schema: 'kmk.offsets/v1', groups: await read(lab, groups, signal), snapshot: kept };
}

/** The answer of `offsets restore`; `kept` is null for a dry run, and where nothing was written. */
export async function restoreDocument(
  lab: Lab,
  plan: RestorePlan,
  { kept, committed }: { readonly kept: KeptOffsets | null; readonly committed: boolean },
  signal: AbortSignal,
): Promise<OffsetsDocument> {
  return {
    schema: 'kmk.offsets/v1',
    groups: await read(lab, plan.groups, signal),
    ...(kept === null ? {} : { snapshot: kept }),
    committed,
    changes: restoreChanges(plan),
    left: plan.groups.flatMap(({ group, left }) =>
      left.map(({ topic, partition, reason }) => ({ group, topic, partition, reason })),
    ),
  };
}

async function read(lab: Lab, groups: readonly { readonly group: string }[], signal: AbortSignal) {
  if (groups.length === 0) return [];
  return (await readOffsets(lab, { groups: groups.map(({ group }) => group), compare: false }, signal)).groups;
}
