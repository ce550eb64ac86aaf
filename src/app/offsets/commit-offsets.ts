import type { CommittedOffset } from '../../domain/topic.ts';
import { partitionKey } from '../../domain/topic.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';

/** Commits and reads back (the port does), journaling each position with what it replaced. */
export async function commitOffsets(
  lab: Lab,
  alias: string,
  group: string,
  wanted: readonly (CommittedOffset & { readonly proof: string })[],
  before: ReadonlyMap<string, bigint>,
  signal: AbortSignal,
): Promise<void> {
  if (wanted.length === 0) return;
  const admin = await adminOf(lab, alias);
  await admin.commitOffsets(group, wanted, signal);
  for (const { topic, partition, offset, proof } of wanted) {
    const previous = before.get(partitionKey({ topic, partition }))?.toString() ?? null;
    lab.tools.events.emit('offsets.committed', {
      cluster: alias,
      group,
      topic,
      partition,
      offset: offset.toString(),
      previous,
      proof,
    });
  }
}
