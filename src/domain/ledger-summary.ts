import type { LedgerSummary } from './events.ts';
import { IntervalSet } from './interval-set.ts';
import type { ClusterAudit } from './ledger-audit.ts';
import type { PartitionLedger, StreamLedger } from './ledger.ts';

type Row = LedgerSummary['partitions'][number];

/**
 * Holds a stream's ledger against what was found in the logs of every cluster. `replicated`: acknowledged and with a
 * copy on another cluster than it was written on. `late`: lost at the failover and there after all. `processed` counts
 * each time, `redelivered` the times beyond the first. Groups are added up.
 */
export function summarise(stream: StreamLedger, audits: readonly ClusterAudit[]): LedgerSummary {
  return {
    topic: stream.id,
    partitions: stream.partitions.map((ledger, partition) => summariseOne(stream.id, ledger, partition, audits)),
  };
}

function summariseOne(
  stream: string,
  ledger: PartitionLedger,
  partition: number,
  audits: readonly ClusterAudit[],
): Row {
  const copied = copiedOf(stream, ledger, partition, audits);
  const groups = [...ledger.processed];
  const logs = audits.flatMap((audit) => audit.logs(stream, partition));
  return {
    partition,
    sent: ledger.sent,
    acknowledged: ledger.allAcknowledged().size,
    replicated: copied.size,
    lost: ledger.lost.size,
    late: ledger.lost.and(copied).size,
    duplicated: sum(logs, (log) => log.duplicated),
    processed: sum(groups, ([, { processings }]) => processings),
    redelivered: sum(groups, ([, { again }]) => again),
    skipped: sum(groups, ([group]) => skippedBy(group, stream, partition, audits).size),
  };
}

/** Acknowledged numbers with a copy on a cluster other than the one they were written on. */
function copiedOf(
  stream: string,
  ledger: PartitionLedger,
  partition: number,
  audits: readonly ClusterAudit[],
): IntervalSet {
  let copied = new IntervalSet();
  for (const [site, acknowledged] of ledger.acknowledged) {
    const elsewhere = audits
      .filter((audit) => audit.alias !== site)
      .reduce((all, audit) => all.or(audit.stored(stream, partition)), new IntervalSet());
    copied = copied.or(acknowledged.and(elsewhere));
  }
  return copied;
}

function skippedBy(group: string, stream: string, partition: number, audits: readonly ClusterAudit[]): IntervalSet {
  return audits.reduce((all, audit) => all.or(audit.skipped(group, stream, partition)), new IntervalSet());
}

export type LedgerTotals = Omit<Row, 'partition'>;

/** Sums over partitions and streams. */
export function totalsOf(summaries: readonly LedgerSummary[]): LedgerTotals {
  const rows = summaries.flatMap(({ partitions }) => partitions);
  const total = (key: keyof LedgerTotals): number => sum(rows, (row) => row[key]);
  return {
    sent: total('sent'),
    acknowledged: total('acknowledged'),
    replicated: total('replicated'),
    lost: total('lost'),
    late: total('late'),
    duplicated: total('duplicated'),
    processed: total('processed'),
    redelivered: total('redelivered'),
    skipped: total('skipped'),
  };
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
