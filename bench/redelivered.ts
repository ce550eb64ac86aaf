import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createKafkaAdmin } from '../src/kafka/kafka-admin.ts';
import { createRecordProducer } from '../src/kafka/record-producer.ts';
import type { BenchLab } from './lab.ts';
import { bootstrapOf, createLab } from './lab.ts';
import { figure, markdownTable, timed } from './measure.ts';

const PARTITIONS = 3;
const RUN_MS = 10_000;
const COMMIT_MS = 100;
const TOPIC = 'orders';

/** MM2 as it comes: a sync for every hundredth record, checkpoints and group positions once a minute. */
const AS_IT_COMES = `replication:
  flows:
    - source: primary
      target: dr
      config: { offset.lag.max: 100, emit.checkpoints.interval.seconds: 60, sync.group.offsets.interval.seconds: 60 }
`;

interface Setting {
  readonly name: string;
  readonly yaml: string;
  /** Records per second over all partitions. */
  readonly rate: number;
}

const SETTINGS: readonly Setting[] = [
  ...[100, 1000, 5000].map((rate) => ({ name: "kmk's lab profile", yaml: '', rate })),
  { name: "MM2's defaults", yaml: AS_IT_COMES, rate: 1000 },
];

/** How many records per partition a group stays behind what is written. */
const LAGS = [0, 200, 2000];

/** Offset after the last processed record per partition, as committed on the source before it was killed. */
type Positions = readonly number[];

interface Group {
  readonly name: string;
  readonly lag: number;
  committed: Positions;
}

/**
 * The same failover twice: where groups stand by what MM2 had committed for them, and where kmk puts them. Both are held
 * against the copies as kcat reads them.
 */
export async function benchRedelivered(): Promise<string> {
  const rows: string[][] = [];
  for (const setting of SETTINGS) rows.push(...(await moved(setting)));
  return markdownTable(
    [
      'MM2',
      'records/s',
      'records behind',
      'MM2 alone: processed again',
      'with kmk: processed again',
      'skipped (MM2 / kmk)',
    ],
    rows,
  );
}

async function moved({ name, yaml, rate }: Setting): Promise<string[][]> {
  await using lab = await createLab(yaml);
  await lab.kmk('deploy', '-q');
  await lab.kmk('topic', 'create', TOPIC, '--partitions', String(PARTITIONS), '-q');
  const groups = LAGS.map((lag): Group => ({ name: `behind-${lag}`, lag, committed: [] }));
  const [primary, dr] = [await bootstrapOf(lab, 'primary'), await bootstrapOf(lab, 'dr')];
  await workload(primary, rate, groups);
  // At once, and not by kmk: what a command takes to begin would be time for MM2 to catch up.
  const pid = await readFile(join(lab.dir, '.kmk', 'lab', 'pids', 'primary-broker-1.pid'), 'utf8');
  process.kill(Number(pid.split(' ')[0]), 'SIGKILL');
  const { stdout } = await lab.kmk('failover', '--yes', '-q', '-o', 'json');
  const { runId } = JSON.parse(stdout) as { readonly runId: string };
  const after = await positionsOf(dr, groups);
  const before = await replaced(lab, runId, after);
  const copies = await Promise.all(Array.from({ length: PARTITIONS }, (_, partition) => copyOf(dr, partition)));
  return groups.map((group) => {
    const [alone, ours] = [before, after].map((all) => judged(copies, group, all.get(group.name) ?? []));
    return [
      name,
      figure(rate, 0),
      figure(group.lag, 0),
      ...[alone, ours].map((told) => figure(told?.again ?? Number.NaN, 0)),
      `${alone?.skipped ?? '?'} / ${ours?.skipped ?? '?'}`,
    ];
  });
}

/** Writes numbered records at the rate, and commits for each group what it has processed: all but the last `lag`. */
async function workload(bootstrap: string, rate: number, groups: readonly Group[]): Promise<void> {
  await using producer = createRecordProducer({ bootstrap, clientId: 'kmk-bench' });
  await using admin = createKafkaAdmin({ bootstrap, clientId: 'kmk-bench' });
  const written = Array.from({ length: PARTITIONS }, () => 0);
  const startedAt = performance.now();
  let committedAt = startedAt;
  for (let now = startedAt; now - startedAt < RUN_MS; now = performance.now()) {
    const due = Math.floor(((now - startedAt) / 1000) * (rate / PARTITIONS));
    const records = written.flatMap((from, partition) =>
      Array.from({ length: due - from }, (_, index) => ({ key: null, value: String(from + index), partition })),
    );
    if (records.length > 0) await producer.send(TOPIC, records);
    written.fill(due);
    if (now - committedAt >= COMMIT_MS) {
      committedAt = now;
      await Promise.all(groups.map((group) => commit(admin, group, due)));
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function commit(admin: ReturnType<typeof createKafkaAdmin>, group: Group, written: number): Promise<void> {
  const processed = Math.max(0, written - group.lag);
  const offsets = Array.from({ length: PARTITIONS }, (_, partition) => ({
    topic: TOPIC,
    partition,
    offset: BigInt(processed),
  }));
  await admin.commitOffsets(group.name, offsets);
  group.committed = offsets.map(({ offset }) => Number(offset));
}

/** Where the groups stand on the standby. */
async function positionsOf(bootstrap: string, groups: readonly Group[]): Promise<ReadonlyMap<string, Positions>> {
  await using admin = createKafkaAdmin({ bootstrap, clientId: 'kmk-bench' });
  const all = new Map<string, Positions>();
  for (const { name } of groups) {
    const found = (await admin.groupOffsets(name)).filter(({ topic }) => topic === `primary.${TOPIC}`);
    const at = (partition: number) => Number(found.find((one) => one.partition === partition)?.offset ?? 0n);
    all.set(
      name,
      Array.from({ length: PARTITIONS }, (_, partition) => at(partition)),
    );
  }
  return all;
}

interface Committed {
  readonly event: string;
  readonly data: {
    readonly group: string;
    readonly topic: string;
    readonly partition: number;
    readonly previous: string | null;
  };
}

/** Where they stood before: what kmk wrote over is in the journal; without a commit of MM2 a consumer begins at the start. */
async function replaced(
  lab: BenchLab,
  runId: string,
  after: ReadonlyMap<string, Positions>,
): Promise<ReadonlyMap<string, Positions>> {
  const before = new Map([...after].map(([group, positions]) => [group, [...positions]]));
  const journal = await readFile(join(lab.dir, '.kmk', 'runs', runId, 'journal.jsonl'), 'utf8');
  for (const line of journal.trim().split('\n')) {
    const { event, data } = JSON.parse(line) as Committed;
    const positions = before.get(data.group);
    if (event !== 'offsets.committed' || data.topic !== `primary.${TOPIC}` || positions === undefined) continue;
    positions[data.partition] = Number(data.previous ?? 0);
  }
  return before;
}

/** Numbers of the records of a copy, by their places in the log. */
async function copyOf(
  bootstrap: string,
  partition: number,
): Promise<readonly { readonly offset: number; readonly seq: number }[]> {
  const at = ['-b', bootstrap, '-C', '-t', `primary.${TOPIC}`, '-p', String(partition), '-e', '-q', '-f', '%o %s\n'];
  const { stdout } = await timed('kcat', at);
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.split(' ').map(Number))
    .map(([offset = Number.NaN, seq = Number.NaN]) => ({ offset, seq }));
}

type Copies = readonly Awaited<ReturnType<typeof copyOf>>[];

/** Records that a group reads again from its positions on, and unread ones that it never reads. */
function judged(
  copies: Copies,
  { committed }: Group,
  positions: Positions,
): { readonly again: number; readonly skipped: number } {
  let [again, skipped] = [0, 0];
  for (const [partition, records] of copies.entries()) {
    const [from, processed] = [positions[partition] ?? 0, committed[partition] ?? 0];
    const ahead = new Set(records.filter(({ offset }) => offset >= from).map(({ seq }) => seq));
    again += records.filter(({ offset, seq }) => offset >= from && seq < processed).length;
    skipped += new Set(records.filter(({ seq }) => seq >= processed && !ahead.has(seq)).map(({ seq }) => seq)).size;
  }
  return { again, skipped };
}
