import type { BatchView } from './batch-reader.ts';
import { isAbortMarker } from './batch-reader.ts';

interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: bigint;
}

/** The batches that hold data for a reader: no transaction markers, and no batches of aborted transactions. */
export function dataBatches(
  batches: readonly BatchView[],
  aborted: readonly AbortedTransaction[] | null,
): readonly BatchView[] {
  const waiting = [...(aborted ?? [])].sort((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1));
  const aborting = new Set<bigint>();
  return batches.filter((batch) => {
    while (waiting[0] !== undefined && waiting[0].firstOffset <= batch.lastOffset) {
      aborting.add(waiting[0].producerId);
      waiting.shift();
    }
    if (batch.control) {
      if (isAbortMarker(batch)) aborting.delete(batch.producerId);
      return false;
    }
    return !(batch.transactional && aborting.has(batch.producerId));
  });
}
