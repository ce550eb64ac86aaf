import type { ClusterAudit } from '../../domain/ledger-audit.ts';
import { summarise, totalsOf } from '../../domain/ledger-summary.ts';
import type { Lab } from '../lab/lab.ts';
import { auditClusters } from './audit.ts';
import type { Drill } from './drill.ts';
import { labOfDrill } from './drill.ts';

/** What a look at all logs gave. */
export interface Accounts {
  readonly lab: Lab;
  readonly audits: readonly ClusterAudit[];
}

/** Reads all logs, holds the ledgers against them and journals the sums. */
export async function takeAccounts(drill: Drill, signal: AbortSignal): Promise<Accounts> {
  const lab = await labOfDrill(drill);
  const { workload } = drill;
  if (workload === null) return { lab, audits: [] };
  const audits = await auditClusters(lab, workload, drill.seed, signal);
  const summaries = [...workload.streams.values()].map((stream) => summarise(stream, audits));
  for (const summary of summaries) drill.tools.events.emit('ledger.summarised', summary);
  drill.totals = totalsOf(summaries);
  drill.worstSkipped = Math.max(drill.worstSkipped, drill.totals.skipped);
  return { lab, audits };
}

/**
 * Counts what the old active had acknowledged and the new one does not hold, before the tail is resolved; `ms` is how
 * long before the cut the first of them was acknowledged.
 */
export async function judgeLoss(drill: Drill, signal: AbortSignal): Promise<void> {
  const { workload, cut } = drill;
  if (workload === null || cut === null || cut.to === null) return;
  const lab = await labOfDrill(drill);
  const audits = await auditClusters(lab, workload, drill.seed, signal);
  const target = audits.find(({ alias }) => alias === cut.to?.cluster.alias);
  if (target === undefined) return;
  let [records, firstAt] = [0, cut.at];
  for (const stream of workload.streams.values()) {
    for (const [partition, ledger] of stream.partitions.entries()) {
      const lost = ledger.judgeLoss(cut.from, target.stored(stream.id, partition));
      records += lost.size;
      const first = lost.intervals()[0];
      if (first !== undefined) firstAt = Math.min(firstAt, ledger.acknowledgedAt(first.start) ?? firstAt);
    }
    drill.tools.events.emit('ledger.summarised', summarise(stream, audits));
  }
  drill.loss = { records, ms: Math.max(0, cut.at - firstAt), basis: 'ledger' };
}
