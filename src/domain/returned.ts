import { KmkError } from './errors.ts';
import type { Watermark } from './lab/lab-record.ts';
import type { LogRange } from './topic.ts';
import { partitionKey } from './topic.ts';

/** A partition of the returned cluster that does not hold what was copied from it. */
export interface NotReturned {
  readonly topic: string;
  readonly partition: number;
  /** Offset after the last record that has a copy. */
  readonly wanted: bigint;
  /** Its end now; null where it has no leader or is not there. */
  readonly end: bigint | null;
}

/** Partitions that end below what was copied from them. A mark without a source position says nothing. */
export function notReturned(marks: readonly Watermark[], ranges: readonly LogRange[]): readonly NotReturned[] {
  const ends = new Map(ranges.map((range) => [partitionKey(range), range.end]));
  return marks.flatMap(({ topic, partition, u }) => {
    const wanted = BigInt(u ?? 0);
    const end = ends.get(partitionKey({ topic, partition })) ?? null;
    return wanted > (end ?? 0n) ? [{ topic, partition, wanted, end }] : [];
  });
}

/** `orders-0 ends at 3 and was copied up to 12`. */
export function notReturnedText({ topic, partition, wanted, end }: NotReturned): string {
  const now = end === null ? 'has no leader' : `ends at ${end}`;
  return `${topic}-${partition} ${now} and was copied up to ${wanted}`;
}

/**
 * Throws KMK_WRONG_STATE where the returned cluster has lost records that were copied from it, and more than may be
 * given up: groups would be put on positions that mean other records.
 */
export function refuseNotReturned(alias: string, left: readonly NotReturned[], acceptLoss: number | null): void {
  const [first] = left;
  if (first === undefined) return;
  const gone = left.reduce((sum, { wanted, end }) => sum + wanted - (end ?? 0n), 0n);
  if (acceptLoss !== null && BigInt(acceptLoss) >= gone) return;
  throw new KmkError('KMK_WRONG_STATE', `"${alias}" has not come back whole: ${notReturnedText(first)}`, {
    hints: [
      ...left.slice(1, 5).map((at) => `Also, ${notReturnedText(at)}.`),
      `Where its brokers are still loading, run \`kmk failback\` again. Where it lost them, \`kmk failback --accept-loss ${gone}\` goes on.`,
    ],
    context: { cluster: alias, partitions: left.length, records: Number(gone) },
  });
}
