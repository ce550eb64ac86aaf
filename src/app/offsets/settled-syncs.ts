import type { Settled } from '../../domain/lab/lab-record.ts';
import { flowId } from '../../domain/setup.ts';
import type { Flow } from '../../domain/setup.ts';
import type { Syncs } from '../../domain/sync-history.ts';
import { partitionKey } from '../../domain/topic.ts';
import type { Lab } from '../lab/lab.ts';
import type { SyncHistory } from './mm2-records.ts';
import { NO_SYNCS } from './mm2-records.ts';

/**
 * Gives a source partition's syncs by its `partitionKey`: those since the last failback where the flow began anew then,
 * else all. What was settled before it (exported, given up, or written on the other side) is not copied and not missing.
 * Where the ids of the source's topics are given, what was settled in another topic of that name does not count.
 */
export function settledSyncs(
  { record }: Pick<Lab, 'record'>,
  flow: Flow,
  history: SyncHistory,
  topicIds: ReadonlyMap<string, string> | null = null,
): (key: string) => Syncs {
  const isSame = ({ topic, topicId }: Settled): boolean =>
    topicIds === null || topicId === undefined || topicIds.get(topic) === topicId;
  const settled = record.settled?.[flowId(flow)]?.filter(isSame) ?? [];
  const begins = new Map(settled.map((mark) => [partitionKey(mark), mark]));
  return (key) => {
    const [syncs, begin] = [history.get(key) ?? NO_SYNCS, begins.get(key)];
    return begin === undefined ? syncs : syncs.since({ u: BigInt(begin.u ?? 0), d: BigInt(begin.d) });
  };
}
