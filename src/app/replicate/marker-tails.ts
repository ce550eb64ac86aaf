import type { Flow } from '../../domain/setup.ts';
import { min } from '../../domain/sync-history.ts';
import type { LogRange } from '../../domain/topic.ts';
import { partitionKey } from '../../domain/topic.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import { mapLimited } from '../map-limited.ts';
import { countRecords } from './count-records.ts';

const PARALLEL_PARTITIONS = 8;
/** A tail of aborted transactions is read to be counted up to this many offsets; a longer one is left as it is. */
const MOST_READ = 10_000n;

/** A log, and how much of its end has not been copied. */
interface LaggingLog extends LogRange {
  readonly lag: bigint;
}

/**
 * The same lags, without what MM2 never copies: where a log ends in markers or aborted records, only committed records
 * between the flow's position and the end count, else such a log would never count as drained. What an open transaction
 * holds may still be committed, so it counts as before. Reads one record of each partition that lags, more only where
 * its log ends in a marker.
 */
export async function withoutMarkers<L extends LaggingLog>(
  lab: Lab,
  flow: Flow,
  lags: readonly L[],
  signal: AbortSignal,
): Promise<readonly L[]> {
  const behind = lags.filter(({ lag }) => lag > 0n && lag <= MOST_READ);
  if (behind.length === 0) return lags;
  const source = await adminOf(lab, flow.source);
  const committed = await source.committedRanges([...new Set(behind.map(({ topic }) => topic))], signal);
  const stable = new Map(committed.map((range) => [partitionKey(range), range.end]));
  const counted = new Map<string, bigint>();
  await mapLimited(behind, PARALLEL_PARTITIONS, async (at) => {
    const end = min(stable.get(partitionKey(at)) ?? at.end, at.end);
    const from = at.end - at.lag;
    const span = { topic: at.topic, partition: at.partition, from, to: end };
    if (end <= from || (await countRecords(source, { ...span, from: end - 1n }, signal)) > 0n) return;
    counted.set(partitionKey(at), (await countRecords(source, span, signal)) + at.end - end);
  });
  return lags.map((at) => ({ ...at, lag: counted.get(partitionKey(at)) ?? at.lag }));
}
