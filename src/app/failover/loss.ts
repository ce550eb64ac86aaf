import type { Loss } from '../../domain/documents.ts';
import type { Watermark } from '../../domain/lab/lab-record.ts';
import { partitionKey } from '../../domain/topic.ts';
import { isInternalTopic } from '../../domain/replication-policy.ts';
import type { Cut } from './disaster.ts';

/**
 * Records of users' topics that were on the source just before a simulated disaster and have no copy. Without ends
 * read before the cut there is nothing to count from: an estimate that says so.
 */
export function lossOf(cut: Cut, mirrored: readonly Watermark[]): Loss {
  if (cut.sourceEnds === null) return { records: null, ms: null, basis: 'estimate' };
  const copied = new Map(mirrored.map((mark) => [partitionKey(mark), BigInt(mark.u ?? 0)]));
  let records = 0n;
  for (const [key, end] of cut.sourceEnds) {
    if (isInternalTopic(key.slice(0, key.lastIndexOf('/')))) continue;
    const missing = end - (copied.get(key) ?? 0n);
    if (missing > 0n) records += missing;
  }
  return { records: Number(records), ms: null, basis: 'offsets' };
}
