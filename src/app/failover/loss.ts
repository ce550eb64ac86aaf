import type { Loss, LostRange } from '../../domain/documents.ts';
import type { Watermark } from '../../domain/lab/lab-record.ts';
import { partitionKey, partitionOfKey } from '../../domain/topic.ts';
import { isInternalTopic } from '../../domain/replication-policy.ts';
import type { Cut } from './disaster.ts';

/** So many ranges are told in a line. */
const MOST_TOLD = 5;

/**
 * Records of users' topics that were on the source and have no copy: counted from ends that were read just before a
 * simulated disaster, else estimated from those that a watch saw last (`seen`): at least so many. Unknown where copies were
 * made and no sync tells of which records (their topic is on a source that is gone, and nobody watched).
 */
export function lossOf(cut: Cut, mirrored: readonly Watermark[], seen: ReadonlyMap<string, bigint> | null): Loss {
  const ends = cut.sourceEnds ?? seen;
  const basis = cut.sourceEnds === null ? 'estimate' : 'offsets';
  if (ends === null) return { records: null, ms: null, basis };
  const marks = new Map(mirrored.map((mark) => [partitionKey(mark), mark]));
  const ranges: LostRange[] = [];
  let records: bigint | null = 0n;
  for (const [key, end] of ends) {
    const at = partitionOfKey(key);
    if (isInternalTopic(at.topic)) continue;
    const { u, d } = marks.get(key) ?? { u: null, d: '0' };
    const copied: bigint | null = u === null && BigInt(d) > 0n ? null : BigInt(u ?? 0);
    if (copied === null) records = null;
    else if (end > copied) {
      ranges.push({ ...at, from: copied.toString(), to: end.toString() });
      if (records !== null) records += end - copied;
    }
  }
  return {
    ...{ records: records === null ? null : Number(records), ms: null, basis },
    ...(ranges.length === 0 ? {} : { ranges: ranges.toSorted((a, b) => (sizeOf(a) > sizeOf(b) ? -1 : 1)) }),
  };
}

/** What was lost, in a line: the largest ranges of source offsets, both ends included. */
export function lossText({ ranges = [], records, basis }: Loss): string {
  const told = ranges
    .slice(0, MOST_TOLD)
    .map(({ topic, partition, from, to }) => `${topic}-${partition} ${from} to ${BigInt(to) - 1n}`);
  const more = ranges.length > MOST_TOLD ? `, and ${ranges.length - MOST_TOLD} more` : '';
  const where = told.length === 0 ? '' : ` (${told.join(', ')}${more})`;
  if (records === null) return `how many records were not copied is not known${where}`;
  return `not copied: ${basis === 'estimate' ? 'at least ' : ''}${records} records${where}`;
}

function sizeOf({ from, to }: LostRange): bigint {
  return BigInt(to) - BigInt(from);
}
