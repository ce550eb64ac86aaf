import type { Loss } from '../../domain/documents.ts';
import type { Watermark } from '../../domain/lab/lab-record.ts';
import { partitionKey, partitionOfKey } from '../../domain/topic.ts';
import { isInternalTopic } from '../../domain/replication-policy.ts';
import type { Cut } from './disaster.ts';

/**
 * Records of users' topics that were on the source and have no copy: counted from ends that were read just before a
 * simulated disaster, else estimated from those that a watch saw last (`seen`): at least so many.
 */
export function lossOf(cut: Cut, mirrored: readonly Watermark[], seen: ReadonlyMap<string, bigint> | null): Loss {
  const ends = cut.sourceEnds ?? seen;
  const basis = cut.sourceEnds === null ? 'estimate' : 'offsets';
  if (ends === null) return { records: null, ms: null, basis };
  const copied = new Map(mirrored.map((mark) => [partitionKey(mark), BigInt(mark.u ?? 0)]));
  let records = 0n;
  for (const [key, end] of ends) {
    if (isInternalTopic(partitionOfKey(key).topic)) continue;
    const missing = end - (copied.get(key) ?? 0n);
    if (missing > 0n) records += missing;
  }
  return { records: Number(records), ms: null, basis };
}
