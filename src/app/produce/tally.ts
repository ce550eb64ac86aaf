import type { PartitionCount } from '../../domain/documents.ts';
import type { KmkError } from '../../domain/errors.ts';
import type { Acknowledgement } from '../ports/record-client.ts';

/** Records of one send by their numbers in the call, counted from 1, both included. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

/** What became of the records: counts that never need the records themselves. */
export class Tally {
  readonly #partitions = new Map<number, { first: bigint; last: bigint; count: number }>();
  readonly #open = new Set<Span>();
  acknowledged = 0;
  /** Key and value bytes of acknowledged records. */
  bytes = 0;
  /** The first failure; the others follow from it. */
  failure: KmkError | null = null;

  /** Counts the records as sent; each send hands its own span to one of the two methods below. */
  begin(span: Span): void {
    this.#open.add(span);
  }

  acknowledge(span: Span, acknowledgements: readonly Acknowledgement[], bytes: number): void {
    this.#open.delete(span);
    this.bytes += bytes;
    for (const { partition, firstOffset, count } of acknowledgements) {
      this.acknowledged += count;
      const last = firstOffset + BigInt(count) - 1n;
      const known = this.#partitions.get(partition);
      if (known === undefined) {
        this.#partitions.set(partition, { first: firstOffset, last, count });
        continue;
      }
      if (firstOffset < known.first) known.first = firstOffset;
      if (last > known.last) known.last = last;
      known.count += count;
    }
  }

  /** The span stays among those without an acknowledgement. */
  fail(error: KmkError): void {
    this.failure ??= error;
  }

  /** Records of `1..requested` without an acknowledgement, of which the first `sent` were sent. */
  unacknowledged(sent: number, requested: number): readonly Span[] {
    const unsent = sent < requested ? [{ first: sent + 1, last: requested }] : [];
    return joinSpans([...this.#open, ...unsent]);
  }

  partitions(): readonly PartitionCount[] {
    return [...this.#partitions]
      .toSorted(([a], [b]) => a - b)
      .map(([partition, { first, last, count }]) => ({
        partition,
        firstOffset: first.toString(),
        lastOffset: last.toString(),
        count,
      }));
  }
}

/** In order, neighbours joined. */
export function joinSpans(spans: readonly Span[]): readonly Span[] {
  const joined: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.first - b.first)) {
    const before = joined.at(-1);
    if (before !== undefined && span.first <= before.last + 1) {
      joined[joined.length - 1] = { first: before.first, last: Math.max(before.last, span.last) };
    } else {
      joined.push(span);
    }
  }
  return joined;
}

/** `4-10` or `12`. */
export function spanText({ first, last }: Span): string {
  return first === last ? String(first) : `${first}-${last}`;
}
