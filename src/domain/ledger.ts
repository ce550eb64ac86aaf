import { AckTimes } from './ack-times.ts';
import { IntervalSet } from './interval-set.ts';

/** What a consumer group did with the records of one partition. */
export interface Processing {
  /** Every number the group processed, wherever it did. */
  readonly seen: IntervalSet;
  /** Every time a record was processed. */
  processings: number;
  /** How many of those were not the first for their record. */
  again: number;
}

/**
 * What one partition's writer and its readers know: numbers given out, acknowledged (per cluster), processed (per
 * group). A number that was sent and never acknowledged is unknown: it may be stored, so it is never counted as lost.
 */
export class PartitionLedger {
  readonly acknowledged = new Map<string, IntervalSet>();
  readonly processed = new Map<string, Processing>();
  /** Acknowledged on the old active and without a copy when the failover was judged. */
  lost: IntervalSet = new IntervalSet();
  #next = 0;
  readonly #ackTimes = new AckTimes();

  /** How many numbers were given out: the numbers are 0 to below this. */
  get sent(): number {
    return this.#next;
  }

  /** Gives out the next `count` numbers; the first of them. */
  give(count: number): number {
    const first = this.#next;
    this.#next += count;
    return first;
  }

  acknowledge(site: string, first: number, count: number, atMs: number): void {
    entry(this.acknowledged, site, () => new IntervalSet()).add(first, first + count);
    this.#ackTimes.add(first, atMs);
  }

  /** Notes that the group has processed `count` numbers from `first` on. */
  process(group: string, first: number, count = 1): void {
    const processing = entry(this.processed, group, () => ({ seen: new IntervalSet(), processings: 0, again: 0 }));
    processing.processings += count;
    processing.again += processing.seen.add(first, first + count);
  }

  /** Every acknowledged number. */
  allAcknowledged(): IntervalSet {
    return [...this.acknowledged.values()].reduce((all, one) => all.or(one), new IntervalSet());
  }

  /** Marks what `site` acknowledged and a copy on the other side does not hold; gives those numbers. */
  judgeLoss(site: string, stored: IntervalSet): IntervalSet {
    this.lost = (this.acknowledged.get(site) ?? new IntervalSet()).minus(stored);
    return this.lost;
  }

  /** When the number was acknowledged, epoch ms, early by ACK_SPAN_MS at most; null when it never was. */
  acknowledgedAt(seq: number): number | null {
    const known = [...this.acknowledged.values()].some((numbers) => numbers.has(seq));
    return known ? this.#ackTimes.at(seq) : null;
  }
}

/** Numbers of one stream: a topic with one writer a partition, which follows the active cluster or stays on one. */
export interface StreamLedger {
  readonly id: string;
  readonly topic: string;
  readonly partitions: readonly PartitionLedger[];
}

export function createStreamLedger(id: string, topic: string, partitions: number): StreamLedger {
  return { id, topic, partitions: Array.from({ length: partitions }, () => new PartitionLedger()) };
}

function entry<V>(map: Map<string, V>, key: string, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
