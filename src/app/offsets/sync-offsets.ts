import type { KeptOffsets, OffsetsDocument } from '../../domain/documents.ts';
import { withTargetCommitted } from '../../domain/position-verdict.ts';
import { partitionKey } from '../../domain/topic.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import { mapLimited } from '../map-limited.ts';
import type { Run } from '../run.ts';
import { commitOffsets } from './commit-offsets.ts';
import { writeEachGroup } from './each-group.ts';
import type { SyncPlan } from './plan-sync.ts';
import { planSync } from './plan-sync.ts';
import { withQuietCheckpoints } from './quiet-checkpoints.ts';
import { keepOffsets } from './snapshot-offsets.ts';

const PARALLEL_GROUPS = 8;

/**
 * Commits the best positions on the target while MM2 writes none, and reads each back. What is written is planned anew
 * once MM2 is quiet, for the groups of the plan only: commits on the source go on. What stood there is kept first.
 * Throws as `planSync` does, and KMK_PARTLY_DONE.
 */
export async function syncOffsets(lab: Lab, plan: SyncPlan, run: Run, signal: AbortSignal): Promise<OffsetsDocument> {
  const { request, flows, target } = plan;
  const groups = plan.groups.map(({ group }) => group);
  const { now, kept } = await withQuietCheckpoints(lab, flows, signal, async () => {
    const now = await planSync(lab, { ...request, groups }, signal);
    const changed = now.groups.filter(({ group }) => now.changes.some((change) => change.group === group));
    const names = changed.map(({ group }) => group);
    const kept = await keepOffsets(lab, run, { cluster: target, groups: names }, signal);
    await writeEachGroup(changed, { verb: 'synced', undo: run.runId }, ({ group }) => write(lab, now, group, signal));
    return { now, kept };
  });
  return syncDocument(lab, now, kept, signal);
}

/** The answer of `offsets sync`, with what is committed on the target now; `kept` is null where nothing was written. */
export async function syncDocument(
  lab: Lab,
  plan: SyncPlan,
  kept: KeptOffsets | null,
  signal: AbortSignal,
): Promise<OffsetsDocument> {
  const admin = await adminOf(lab, plan.target);
  const groups = await mapLimited(plan.groups, PARALLEL_GROUPS, async (group) => {
    const stored = new Map((await admin.groupOffsets(group.group, signal)).map((at) => [partitionKey(at), at.offset]));
    const { type, state } = await admin.describeGroup(group.group, signal);
    const partitions = group.partitions.map((at) => {
      const key = partitionKey({ topic: at.remoteTopic, partition: at.partition });
      return withTargetCommitted(at, stored.get(key) ?? null);
    });
    return { ...group, type, state, partitions };
  });
  const { changes, left } = plan;
  return {
    ...{ schema: 'kmk.offsets/v1' as const, groups },
    ...(kept === null ? {} : { snapshot: kept }),
    ...{ committed: true, changes, left },
  };
}

/** What a sync would do. */
export function syncPreview({ groups, changes, left }: SyncPlan): OffsetsDocument {
  return { schema: 'kmk.offsets/v1', groups, committed: false, changes, left };
}

async function write(lab: Lab, plan: SyncPlan, group: string, signal: AbortSignal): Promise<void> {
  const own = plan.changes.filter((change) => change.group === group);
  const notes = await notesOf(lab, plan, group, signal);
  const wanted = own.map(({ topic, partition, offset, proof }) => {
    const at = { topic, partition, offset: BigInt(offset ?? 0), proof: proof ?? 'conservative' };
    const metadata = notes.get(partitionKey(at));
    return { ...at, ...(metadata !== undefined && { metadata }) };
  });
  const before = own.flatMap(({ topic, partition, previous }) =>
    previous === null ? [] : [[partitionKey({ topic, partition }), BigInt(previous)] as const],
  );
  await commitOffsets(lab, plan.target, group, wanted, new Map(before), signal);
}

/** The notes that the group left beside its commits on the source: MM2 copies them, Kafka Streams reads them. */
async function notesOf(
  lab: Lab,
  { flows }: SyncPlan,
  group: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const notes = new Map<string, string>();
  for (const { source } of flows) {
    for (const { topic, partition, metadata } of await (await adminOf(lab, source)).groupOffsets(group, signal)) {
      const remote = { topic: lab.layout.policy.remoteTopic(source, topic), partition };
      if (metadata !== undefined) notes.set(partitionKey(remote), metadata);
    }
  }
  return notes;
}
