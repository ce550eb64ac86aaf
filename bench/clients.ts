import { javaConsume, javaProduce } from './kafka-perf.ts';
import { bootstrapOf, createLab } from './lab.ts';
import { figure, markdownTable, median } from './measure.ts';

const RUNS = 3;
const RECORDS = 300_000;
const SIZE = 1024;

/** `kmk produce` and `kmk consume` against Kafka's own tools on the same broker, alternating, 1 KiB records. */
export async function benchClients(): Promise<string> {
  await using lab = await createLab();
  await lab.kmk('deploy', '-q');
  await lab.kmk('flow', 'stop', '--yes', '-q');
  const bootstrap = await bootstrapOf(lab, 'primary');
  const rates: Record<'kmkProduce' | 'javaProduce' | 'kmkConsume' | 'javaConsume', number[]> = {
    kmkProduce: [],
    javaProduce: [],
    kmkConsume: [],
    javaConsume: [],
  };
  for (let run = 0; run < RUNS; run += 1) {
    const [ours, theirs] = [`kmk-${run}`, `java-${run}`];
    await lab.kmk('topic', 'create', ours, '--partitions', '3', '-q');
    await lab.kmk('topic', 'create', theirs, '--partitions', '3', '-q');
    const size = ['--messages', String(RECORDS), '--size', String(SIZE)];
    const produced = await lab.kmk('produce', '--topic', ours, ...size, '-q', '-o', 'json');
    rates.kmkProduce.push((JSON.parse(produced.stdout) as { recordsPerSecond: number }).recordsPerSecond);
    rates.javaProduce.push(await javaProduce(bootstrap, theirs, RECORDS, SIZE));
    const consume = ['consume', '--topic', theirs, '--messages', String(RECORDS), '--timeout', '120s', '-q'];
    const { ms } = await lab.kmk(...consume, '-o', 'jsonl');
    rates.kmkConsume.push((RECORDS / ms) * 1000);
    rates.javaConsume.push(await javaConsume(bootstrap, theirs, RECORDS));
  }
  const row = (name: string, ours: readonly number[], theirs: readonly number[]): string[] => [
    name,
    figure(median(ours), 0),
    figure(median(theirs), 0),
    figure(median(ours) / median(theirs), 2),
  ];
  return markdownTable(
    ['what', 'kmk rec/s', 'Java rec/s', 'kmk / Java'],
    [
      row('produce, acks=all (rate each tool reports)', rates.kmkProduce, rates.javaProduce),
      row('consume as JSON lines (kmk: whole process)', rates.kmkConsume, rates.javaConsume),
    ],
  );
}
