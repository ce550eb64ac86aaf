import { IntervalSet } from './interval-set.ts';
import type { LedgerStamp } from './ledger-record.ts';
import type { TopicPartition } from './topic.ts';
import { partitionKey } from './topic.ts';

/** A record as an independent reader found it in a log. */
export interface FoundRecord extends TopicPartition {
  readonly offset: bigint;
  readonly stamp: LedgerStamp;
  /** Whether value, header and what the number demands agree. */
  readonly whole: boolean;
}

/** What one log (a topic's partition on one cluster) holds of one stream's partition. */
export interface LogContent extends TopicPartition {
  readonly stored: IntervalSet;
  /** Records beyond the first of their number. */
  duplicated: number;
  /** Records whose number is below an earlier one's. */
  disordered: number;
  highest: number;
}

/** Where a group stands on this cluster and what it has processed anywhere. */
export interface GroupProgress {
  readonly group: string;
  /** Next offset to read by `partitionKey` of the log. */
  readonly positions: ReadonlyMap<string, bigint>;
  readonly isProcessed: (stream: string, partition: number, seq: number) => boolean;
}

/** What a read of all logs of a cluster found. Feed it with `add` in the order of each log. */
export class ClusterAudit {
  readonly alias: string;
  /** By stream, then by the partition that the numbers belong to. */
  readonly #streams = new Map<string, Map<number, Map<string, LogContent>>>();
  readonly #skipped = new Map<string, IntervalSet>();
  readonly #groups: readonly GroupProgress[];
  /** Records whose contents are not what their number demands. */
  damaged = 0;
  /** Records that lie in another partition than they were written to. */
  misplaced = 0;
  records = 0;

  constructor(alias: string, groups: readonly GroupProgress[] = []) {
    this.alias = alias;
    this.#groups = groups;
  }

  add(record: FoundRecord): void {
    const { stamp } = record;
    this.records += 1;
    if (!record.whole) this.damaged += 1;
    if (stamp.partition !== record.partition) this.misplaced += 1;
    const log = this.#log(record);
    log.duplicated += log.stored.add(stamp.seq);
    if (stamp.seq < log.highest) log.disordered += 1;
    log.highest = Math.max(log.highest, stamp.seq);
    for (const { group, positions, isProcessed } of this.#groups) {
      const position = positions.get(partitionKey(record));
      if (position === undefined || record.offset >= position) continue;
      if (isProcessed(stamp.stream, stamp.partition, stamp.seq)) continue;
      const key = skipKey(group, stamp.stream, stamp.partition);
      const skipped = this.#skipped.get(key) ?? new IntervalSet();
      skipped.add(stamp.seq);
      this.#skipped.set(key, skipped);
    }
  }

  /** Every number of the stream's partition that some log of this cluster holds. */
  stored(stream: string, partition: number): IntervalSet {
    return this.logs(stream, partition).reduce((all, log) => all.or(log.stored), new IntervalSet());
  }

  logs(stream: string, partition: number): readonly LogContent[] {
    return [...(this.#streams.get(stream)?.get(partition)?.values() ?? [])];
  }

  /** Every log that holds a record of any stream. */
  allLogs(): readonly LogContent[] {
    return [...this.#streams.values()].flatMap((byPartition) =>
      [...byPartition.values()].flatMap((logs) => [...logs.values()]),
    );
  }

  /** Numbers that the group's positions here have passed and that it never processed. */
  skipped(group: string, stream: string, partition: number): IntervalSet {
    return this.#skipped.get(skipKey(group, stream, partition)) ?? new IntervalSet();
  }

  #log({ topic, partition, stamp }: FoundRecord): LogContent {
    const byPartition = this.#streams.get(stamp.stream) ?? new Map<number, Map<string, LogContent>>();
    this.#streams.set(stamp.stream, byPartition);
    const logs = byPartition.get(stamp.partition) ?? new Map<string, LogContent>();
    byPartition.set(stamp.partition, logs);
    const key = partitionKey({ topic, partition });
    const log = logs.get(key) ?? {
      topic,
      partition,
      stored: new IntervalSet(),
      duplicated: 0,
      disordered: 0,
      highest: -1,
    };
    logs.set(key, log);
    return log;
  }
}

function skipKey(group: string, stream: string, partition: number): string {
  return `${group}\n${stream}\n${partition}`;
}
