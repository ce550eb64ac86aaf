import type { LagSample, LagSeries, ReportLedger, ReportMark } from '../../domain/report-model.ts';
import { count, lastByKey, list, text, texts } from './fields.ts';
import type { Entry, Journal } from './journal.ts';

/** What each flow had still to copy, over time. Samples without a number are left out. */
export function readLag(journal: Journal): readonly LagSeries[] {
  const byFlow = new Map<string, LagSample[]>();
  for (const { atMs, data } of journal.named('flow.lag.sampled')) {
    const lagRecords = count(data, 'lagRecords');
    if (lagRecords === null) continue;
    const flow = text(data, 'flow');
    const samples = byFlow.get(flow) ?? [];
    samples.push({ atMs, lagRecords, lagMs: count(data, 'lagMs') });
    byFlow.set(flow, samples);
  }
  return [...byFlow].map(([flow, samples]) => ({
    flow,
    peakRecords: samples.reduce((peak, sample) => Math.max(peak, sample.lagRecords), 0),
    peakMs: samples.reduce<number | null>(
      (peak, { lagMs }) => (lagMs === null ? peak : Math.max(peak ?? 0, lagMs)),
      null,
    ),
    lastRecords: samples.at(-1)?.lagRecords ?? 0,
    samples,
  }));
}

/** The moments that explain the curves. */
export function readMarks(journal: Journal): readonly ReportMark[] {
  return journal.named('fault.injected', 'fault.healed', 'active.changed').map(toMark);
}

function toMark({ event, atMs, data }: Entry): ReportMark {
  const subject = () => `${text(data, 'fault', 'fault')} ${text(data, 'cluster', '')}`.trim();
  if (event === 'fault.injected') {
    const services = texts(data, 'services');
    return { atMs, kind: 'fault', label: services.length > 0 ? `${subject()} (${services.join(', ')})` : subject() };
  }
  if (event === 'fault.healed') return { atMs, kind: 'heal', label: `${subject()} healed` };
  return { atMs, kind: 'active', label: `active: ${text(data, 'to')}` };
}

const COUNTS = [
  'sent',
  'acknowledged',
  'replicated',
  'lost',
  'late',
  'duplicated',
  'processed',
  'redelivered',
  'skipped',
] as const;

/** The last summary of each topic: summaries are running totals. */
export function readLedgers(journal: Journal): readonly ReportLedger[] {
  const summaries = journal.named('ledger.summarised').map(({ atMs, data }): ReportLedger => {
    const partitions = list(data, 'partitions').map((row) => ({
      partition: count(row, 'partition') ?? 0,
      ...countsOf((key) => count(row, key) ?? 0),
    }));
    const totals = countsOf((key) => partitions.reduce((total, row) => total + row[key], 0));
    return { atMs, topic: text(data, 'topic'), partitions, totals };
  });
  return lastByKey(summaries, (ledger) => ledger.topic);
}

function countsOf(read: (key: (typeof COUNTS)[number]) => number): ReportLedger['totals'] {
  return Object.fromEntries(COUNTS.map((key) => [key, read(key)])) as unknown as ReportLedger['totals'];
}
