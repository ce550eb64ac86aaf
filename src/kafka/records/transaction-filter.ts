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
  return sortedBatches(batches, aborted).flatMap(({ batch, isAborted }) => (isAborted ? [] : [batch]));
}

/** The batches that hold records, and whether their transaction was aborted. */
export function sortedBatches(
  batches: readonly BatchView[],
  aborted: readonly AbortedTransaction[] | null,
): readonly { readonly batch: BatchView; readonly isAborted: boolean }[] {
  const waiting = [...(aborted ?? [])].sort((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1));
  const aborting = new Set<bigint>();
  return batches.flatMap((batch) => {
    while (waiting[0] !== undefined && waiting[0].firstOffset <= batch.lastOffset) {
      aborting.add(waiting[0].producerId);
      waiting.shift();
    }
    if (batch.control) {
      if (isAbortMarker(batch)) aborting.delete(batch.producerId);
      return [];
    }
    return [{ batch, isAborted: batch.transactional && aborting.has(batch.producerId) }];
  });
}
