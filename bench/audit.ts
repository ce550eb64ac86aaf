import { javaConsumeRates } from './kafka-perf.ts';
import { bootstrapOf, createLab } from './lab.ts';
import { figure, markdownTable, median } from './measure.ts';

const RUNS = 3;
const SIZES = [
  { size: 1024, records: 400_000 },
  { size: 100, records: 1_000_000 },
];

interface Verified {
  readonly checks: readonly { readonly id: string; readonly verdict: string }[];
  readonly deep: { readonly records: number; readonly durationMs: number; readonly recordsPerSecond: number };
}

/** `kmk verify --deep` against Kafka's ConsumerPerformance reading the same two logs, alternating, 3 partitions. */
export async function benchAudit(): Promise<string> {
  await using lab = await createLab();
  await lab.kmk('deploy', '-q');
  const [primary, dr] = [await bootstrapOf(lab, 'primary'), await bootstrapOf(lab, 'dr')];
  const rows: string[][] = [];
  for (const { size, records } of SIZES) {
    const topic = `audit-${size}`;
    await lab.kmk('topic', 'create', topic, '--partitions', '3', '-q');
    const produce = ['produce', '--topic', topic, '--messages', String(records), '--size', String(size)];
    await lab.kmk(...produce, '-q');
    const rates: Record<'kmk' | 'whole' | 'fetching', number[]> = { kmk: [], whole: [], fetching: [] };
    for (let run = 0; run < RUNS; run += 1) {
      const verified = await lab.kmk('verify', '--deep', '-t', topic, '--timeout', '120s', '-q', '-o', 'json');
      const { checks, deep } = JSON.parse(verified.stdout) as Verified;
      if (
        checks.some(({ id, verdict }) => id === 'contents.equal' && verdict !== 'pass') ||
        deep.records !== 2 * records
      )
        throw new Error(`the audit of ${topic} read ${deep.records} records: ${verified.stdout.slice(0, 800)}`);
      rates.kmk.push(deep.recordsPerSecond);
      const ours = await javaConsumeRates(primary, topic, records);
      const theirs = await javaConsumeRates(dr, `primary.${topic}`, records);
      // Both logs one after the other: twice the records in the sum of the times.
      for (const of of ['whole', 'fetching'] as const) rates[of].push(2 / (1 / ours[of] + 1 / theirs[of]));
    }
    const [kmk, whole, fetching] = [median(rates.kmk), median(rates.whole), median(rates.fetching)];
    rows.push([
      `${figure(records, 0)} records of ${size} B`,
      ...[kmk, whole, fetching].map((rate) => figure(rate, 0)),
      figure(kmk / whole, 2),
      figure(kmk / fetching, 2),
    ]);
  }
  const columns = [
    'both logs of',
    'kmk rec/s',
    'Java rec/s',
    'Java fetching only',
    'kmk / Java',
    'kmk / fetching only',
  ];
  return markdownTable(columns, rows);
}
