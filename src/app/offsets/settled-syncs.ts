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
 */
export function settledSyncs({ record }: Lab, flow: Flow, history: SyncHistory): (key: string) => Syncs {
  const begins = new Map(record.settled?.[flowId(flow)]?.map((mark) => [partitionKey(mark), mark]));
  return (key) => {
    const [syncs, begin] = [history.get(key) ?? NO_SYNCS, begins.get(key)];
    return begin === undefined ? syncs : syncs.since({ u: BigInt(begin.u ?? 0), d: BigInt(begin.d) });
  };
}
