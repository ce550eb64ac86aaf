import { createKafkaAdmin } from '../src/kafka/kafka-admin.ts';
import { javaProduce } from './kafka-perf.ts';
import type { BenchLab } from './lab.ts';
import { bootstrapOf, createLab } from './lab.ts';
import { figure, markdownTable, median } from './measure.ts';

const RECORDS = 500_000;
const SIZE = 1024;
const PAIRS = 2;

/** MM2's own defaults where the rendered profile differs; everything else (intervals, policy) stays the lab's. */
const MM2_DEFAULTS = `replication:
  flows:
    - source: primary
      target: dr
      config:
        offset.lag.max: "100"
        tasks.max: "1"
        consumer.max.poll.records: "500"
        consumer.max.partition.fetch.bytes: "1048576"
        consumer.fetch.max.bytes: "52428800"
        consumer.receive.buffer.bytes: "65536"
        producer.override.batch.size: "16384"
        producer.override.linger.ms: "0"
        producer.override.buffer.memory: "33554432"
        producer.override.max.request.size: "1048576"
`;

/** The same backlog through the rendered profile and through MM2's defaults, alternating, on the same clusters. */
export async function benchDrain(): Promise<string> {
  await using lab = await createLab();
  await lab.kmk('deploy', '-q');
  const rates: Record<'rendered' | 'defaults', number[]> = { rendered: [], defaults: [] };
  for (let pair = 0; pair < PAIRS; pair += 1) {
    await lab.configure(MM2_DEFAULTS);
    rates.defaults.push(await drain(lab, `defaults-${pair}`));
    await lab.configure('');
    rates.rendered.push(await drain(lab, `rendered-${pair}`));
  }
  const ratio = median(rates.rendered) / median(rates.defaults);
  return markdownTable(
    ['profile', 'rec/s (median)', 'runs', 'ratio'],
    [
      ['MM2 defaults (a sync every 100 records)', figure(median(rates.defaults), 0), runs(rates.defaults), '1'],
      ['rendered (every batch synced)', figure(median(rates.rendered), 0), runs(rates.rendered), figure(ratio, 2)],
    ],
  );
}

function runs(values: readonly number[]): string {
  return values.map((value) => figure(value, 0)).join(', ');
}

/** Rate between the first sight of copied records and the last record. */
async function drain(lab: BenchLab, topic: string): Promise<number> {
  await lab.kmk('deploy', '-q', '--no-wait');
  await lab.kmk('flow', 'stop', '--yes', '-q');
  await lab.kmk('topic', 'create', topic, '--partitions', '3', '-q');
  await javaProduce(await bootstrapOf(lab, 'primary'), topic, RECORDS, SIZE);
  await using admin = createKafkaAdmin({ bootstrap: await bootstrapOf(lab, 'dr'), clientId: 'kmk-bench' });
  await lab.kmk('flow', 'resume', '-q');
  const copied = async (): Promise<number> => {
    const ranges = await admin.logRanges([`primary.${topic}`]);
    return ranges.reduce((sum, range) => sum + Number(range.end), 0);
  };
  let first: { readonly at: number; readonly count: number } | null = null;
  for (;;) {
    const [at, count] = [performance.now(), await copied()];
    if (first === null && count > 0) first = { at, count };
    if (first !== null && count >= RECORDS) return ((count - first.count) / (at - first.at)) * 1000;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
