import type { CheckVerdict } from '../../domain/events.ts';
import { IntervalSet } from '../../domain/interval-set.ts';
import type { ClusterAudit } from '../../domain/ledger-audit.ts';
import type { StreamLedger } from '../../domain/ledger.ts';
import type { ScenarioCheck } from '../../domain/scenario.ts';
import type { Lab } from '../lab/lab.ts';
import { forwardFlows } from '../lab/lab.ts';
import type { Workload } from '../workload/workload.ts';

/** What the pure checks judge: the ledgers, and all logs as they were read. */
export interface Evidence {
  readonly lab: Lab;
  readonly workload: Workload;
  readonly audits: readonly ClusterAudit[];
}

export type Answer = readonly [verdict: CheckVerdict, message: string];
export type LedgerCheck = Exclude<ScenarioCheck, 'groups-positioned' | 'remote-names'>;

/** The checks that need nothing but the evidence. */
export const LEDGER_CHECKS: Readonly<Record<LedgerCheck, (evidence: Evidence) => Answer>> = {
  'counts-agree': countsAgree,
  'nothing-lost': nothingLost,
  'no-duplicates': ({ audits }) => {
    const twice = audits.flatMap((audit) =>
      audit.allLogs().flatMap((log) => (log.duplicated > 0 ? [`${log.duplicated} in ${nameOf(audit, log)}`] : [])),
    );
    return none(twice, `no record is stored twice in any of ${countLogs(audits)} logs`, 'stored twice');
  },
  'no-skips': noSkips,
  'no-redelivery': noRedelivery,
  'all-processed': allProcessed,
  contents: ({ audits }) => {
    const wrong = audits.flatMap(({ alias, damaged, misplaced }) => [
      ...(damaged > 0 ? [`${damaged} damaged on "${alias}"`] : []),
      ...(misplaced > 0 ? [`${misplaced} in another partition on "${alias}"`] : []),
    ]);
    const records = audits.reduce((sum, audit) => sum + audit.records, 0);
    return none(wrong, `${records} records are what their numbers demand`, 'not as written');
  },
  'in-order': ({ audits }) => {
    const wrong = audits.flatMap((audit) =>
      audit.allLogs().flatMap((log) => (log.disordered > 0 ? [`${log.disordered} in ${nameOf(audit, log)}`] : [])),
    );
    return none(wrong, `the numbers rise in each of ${countLogs(audits)} logs`, 'out of order');
  },
};

/** Each cluster that a flow leads to, in either direction, from where the records were written. */
function countsAgree({ lab, workload, audits }: Evidence): Answer {
  const wrong: string[] = [];
  let records = 0;
  for (const stream of workload.streams.values()) {
    for (const [partition, ledger] of stream.partitions.entries()) {
      for (const [site, acknowledged] of ledger.acknowledged) {
        records += acknowledged.size;
        for (const target of [site, ...neighbours(lab, site)]) {
          const stored = storedOn(audits, target, stream, partition);
          if (stored === null) wrong.push(`"${target}" does not answer`);
          else wrong.push(...missingText(acknowledged.minus(stored), stream, partition, target));
        }
      }
    }
  }
  return none([...new Set(wrong)], `${records} acknowledged records are on each cluster they belong on`, 'missing');
}

function neighbours(lab: Lab, site: string): readonly string[] {
  return forwardFlows(lab).flatMap(({ source, target }) => {
    if (source === site) return [target];
    return target === site ? [source] : [];
  });
}

function nothingLost({ workload, audits }: Evidence): Answer {
  const sites = workload.sites();
  const wrong: string[] = [];
  let records = 0;
  for (const stream of workload.streams.values()) {
    const site = sites.get(stream.id) ?? '';
    for (const [partition, ledger] of stream.partitions.entries()) {
      const acknowledged = ledger.allAcknowledged();
      records += acknowledged.size;
      const stored = storedOn(audits, site, stream, partition);
      if (stored === null) wrong.push(`"${site}" does not answer`);
      else wrong.push(...missingText(acknowledged.minus(stored), stream, partition, site));
    }
  }
  return none([...new Set(wrong)], `${records} acknowledged records are on the cluster in use`, 'lost');
}

function noSkips({ workload, audits }: Evidence): Answer {
  const wrong: string[] = [];
  for (const { name } of workload.groups) {
    for (const audit of audits) {
      for (const stream of workload.streams.values()) {
        for (const partition of stream.partitions.keys()) {
          const { size } = audit.skipped(name, stream.id, partition);
          if (size > 0) wrong.push(`${size} of ${stream.id}-${partition} by group "${name}" on "${audit.alias}"`);
        }
      }
    }
  }
  return none(wrong, `no group stands past a record that it did not process`, 'skipped');
}

function noRedelivery({ workload }: Evidence): Answer {
  const wrong: string[] = [];
  for (const stream of workload.streams.values()) {
    for (const [partition, ledger] of stream.partitions.entries()) {
      for (const [group, { again }] of ledger.processed) {
        if (again > 0) wrong.push(`${again} of ${stream.id}-${partition} by group "${group}"`);
      }
    }
  }
  return none(wrong, 'no group processed a record twice', 'processed again');
}

function allProcessed({ workload }: Evidence): Answer {
  const wrong: string[] = [];
  let records = 0;
  for (const { group, stream, partition, left } of unprocessed(workload)) {
    records += stream.partitions[partition]?.allAcknowledged().size ?? 0;
    if (left.size > 0) wrong.push(`${left.size} of ${stream.id}-${partition} by group "${group}"`);
  }
  return none(wrong, `every group processed every acknowledged record it reads, ${records} in all`, 'not processed');
}

/** What of each partition every group that reads it has not processed. */
export function unprocessed(workload: Workload): readonly {
  readonly group: string;
  readonly stream: StreamLedger;
  readonly partition: number;
  readonly left: IntervalSet;
}[] {
  return workload.groups.flatMap(({ name: group, topics }) =>
    [...workload.streams.values()]
      .filter(({ topic }) => topics.includes(topic))
      .flatMap((stream) =>
        stream.partitions.map((ledger, partition) => {
          const seen = ledger.processed.get(group)?.seen ?? new IntervalSet();
          return { group, stream, partition, left: ledger.allAcknowledged().minus(seen) };
        }),
      ),
  );
}

function storedOn(
  audits: readonly ClusterAudit[],
  alias: string,
  stream: StreamLedger,
  partition: number,
): IntervalSet | null {
  return audits.find((audit) => audit.alias === alias)?.stored(stream.id, partition) ?? null;
}

function missingText(missing: IntervalSet, stream: StreamLedger, partition: number, alias: string): readonly string[] {
  const first = missing.intervals()[0];
  if (first === undefined) return [];
  return [`${missing.size} of ${stream.id}-${partition} on "${alias}" (from number ${first.start})`];
}

const MOST_NAMED = 5;

function none(wrong: readonly string[], good: string, bad: string): Answer {
  if (wrong.length === 0) return ['pass', good];
  const more = wrong.length > MOST_NAMED ? ` and ${wrong.length - MOST_NAMED} more` : '';
  return ['fail', `${bad}: ${wrong.slice(0, MOST_NAMED).join(', ')}${more}`];
}

function nameOf(audit: ClusterAudit, log: { readonly topic: string; readonly partition: number }): string {
  return `${log.topic}-${log.partition} on "${audit.alias}"`;
}

function countLogs(audits: readonly ClusterAudit[]): number {
  return audits.reduce((sum, audit) => sum + audit.allLogs().length, 0);
}
