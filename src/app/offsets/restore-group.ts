import { KmkError } from '../../domain/errors.ts';
import type { GroupRestore } from '../../domain/offsets-snapshot.ts';
import { partitionKey } from '../../domain/topic.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import { commitOffsets } from './commit-offsets.ts';

/**
 * Puts one group back: commits what differs, removes what was not there, and a group that did not exist, then reads back
 * what was removed. Throws KMK_GROUP_ACTIVE, KMK_KAFKA_REQUEST.
 */
export async function restoreGroup(
  lab: Lab,
  cluster: string,
  { group, put, remove, removeGroup }: GroupRestore,
  signal: AbortSignal,
): Promise<void> {
  const admin = await adminOf(lab, cluster);
  const before = new Map(put.flatMap((at) => (at.previous === null ? [] : [[partitionKey(at), at.previous] as const])));
  const proved = put.map((at) => ({ ...at, proof: 'restored' }));
  await commitOffsets(lab, cluster, group, proved, before, signal);
  if (remove.length === 0) return;
  await admin.deleteGroupOffsets(group, remove, signal);
  const gone = new Set(remove.map(partitionKey));
  const stored = await admin.groupOffsets(group, signal);
  const still = stored.find((at) => gone.has(partitionKey(at)));
  if (still !== undefined) {
    const { topic, partition, offset } = still;
    const text = `offset ${offset} of group "${group}" on ${topic}-${partition} was removed but is stored`;
    throw new KmkError('KMK_KAFKA_REQUEST', text, {
      context: { group, topic, partition, error: 'COMMIT_NOT_REMOVED' },
    });
  }
  for (const { topic, partition, offset } of remove) {
    const previous = offset.toString();
    lab.tools.events.emit('offsets.removed', { cluster, group, topic, partition, previous });
  }
  if (removeGroup && stored.length === 0) await removeEmpty(lab, cluster, group, signal);
}

/** A group without commits and members goes by itself sooner or later: one that has gone is no error. */
async function removeEmpty(lab: Lab, cluster: string, group: string, signal: AbortSignal): Promise<void> {
  try {
    await (await adminOf(lab, cluster)).deleteGroup(group, signal);
  } catch (error) {
    if (!KmkError.is(error) || error.code !== 'KMK_GROUP_UNKNOWN') throw error;
  }
}
