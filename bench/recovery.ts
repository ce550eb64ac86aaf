import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openLab } from '../src/app/lab/lab.ts';
import { createWorkloadTopics } from '../src/app/scenario/prepare-workload.ts';
import { Workload } from '../src/app/workload/workload.ts';
import { openToolbox } from '../src/composition/toolbox.ts';
import type { AnyEvent } from '../src/domain/events.ts';
import type { WorkloadTopic } from '../src/domain/scenario.ts';
import type { WatchDocument } from '../src/domain/watch/document.ts';
import type { BenchLab } from './lab.ts';
import { createLab } from './lab.ts';
import { figure, markdownTable, median } from './measure.ts';

const RUNS = 3;
/** Failed checks in a row before the watch fails over. */
const CHECKS = 3;
const KMK = fileURLToPath(new URL('../bin/kmk.js', import.meta.url));
const TOPIC: WorkloadTopic = { name: 'orders', partitions: 3, rate: 300, size: 256, writtenOn: ['active'] };
const STEADY_MS = 6000;
/** How often a client asks which cluster is active. */
const ASK_MS = 20;
const LIMIT_MS = 60_000;

interface Recovery {
  /** From the kill to the end of the first check that failed. */
  readonly detectedMs: number;
  /** All others from that check on: until the watch had made up its mind, and until clients were served. */
  readonly decidedMs: number;
  readonly promotedMs: number;
  readonly writeMs: number;
  readonly readMs: number;
  /** A healthy check, and a round of samples beside it. */
  readonly checkMs: number;
  readonly roundMs: number;
  /** Duration of each step of the failover. */
  readonly steps: ReadonlyMap<string, number>;
}

/**
 * kill -9 of the primary's broker under the clients of a drill, with `kmk watch --auto-failover` in a process of its own:
 * how long the clients were without service.
 */
export async function benchRecovery(): Promise<string> {
  const found: Recovery[] = [];
  for (let run = 0; run < RUNS; run += 1) found.push(await recovered());
  const row = (name: string, values: readonly number[]): string[] => [
    name,
    `${figure(median(values) / 1000, 2)} s`,
    values.map((value) => figure(value / 1000, 2)).join(', '),
  ];
  const inMs = (name: string, values: readonly number[]): string[] => [
    name,
    `${figure(median(values), 0)} ms`,
    values.map((value) => figure(value, 0)).join(', '),
  ];
  const steps = [...new Set(found.flatMap((one) => [...one.steps.keys()]))];
  return markdownTable(
    ['what', 'median', 'runs'],
    [
      row(
        'kill to the first failed check',
        found.map(({ detectedMs }) => detectedMs),
      ),
      row(
        `first failed check to the decision (${CHECKS} checks)`,
        found.map(({ decidedMs }) => decidedMs),
      ),
      row(
        'first failed check to the promotion',
        found.map(({ promotedMs }) => promotedMs),
      ),
      row(
        '**first failed check to the first acknowledged write**',
        found.map(({ writeMs }) => writeMs),
      ),
      row(
        '**first failed check to the first processed record**',
        found.map(({ readMs }) => readMs),
      ),
      inMs(
        'a healthy check',
        found.map(({ checkMs }) => checkMs),
      ),
      inMs(
        'a round of samples beside it',
        found.map(({ roundMs }) => roundMs),
      ),
      ...steps.map((id) =>
        row(
          `step ${id}`,
          found.map((one) => one.steps.get(id) ?? 0),
        ),
      ),
    ],
  );
}

async function recovered(): Promise<Recovery> {
  await using lab = await createLab();
  await lab.kmk('deploy', '-q');
  const stateDir = join(lab.dir, '.kmk');
  const silent = { emit: () => undefined };
  await using tools = openToolbox({
    ...{ stateDir, kmkVersion: 'bench', env: process.env, events: silent },
    confirm: { confirm: () => Promise.resolve() },
  });
  const opened = await openLab(tools);
  const signal = AbortSignal.timeout(120_000);
  await createWorkloadTopics(opened, [TOPIC], signal);
  const group = { name: 'billing', topics: [TOPIC.name], readsOn: 'active', commitIntervalMs: 1000 };
  const workload = new Workload(opened, { runId: 'bench', seed: 1, topics: [TOPIC], groups: [group] });
  const checks: WatchDocument[] = [];
  const watch = startWatch(lab, checks);
  try {
    workload.start();
    workload.resume();
    await until(() => workload.active.firstProcessedAt !== null && checks.length > 0);
    await new Promise((resolve) => setTimeout(resolve, STEADY_MS));
    const pid = await readFile(join(stateDir, 'lab', 'pids', 'primary-broker-1.pid'), 'utf8');
    const killedAt = Date.now();
    process.kill(Number(pid.split(' ')[0]), 'SIGKILL');
    const { alias } = workload.active.cluster;
    await until(async () => {
      const now = await tools.store.loadLab();
      if (now === null || now.active === alias) return false;
      workload.follow(now.active, now.epoch);
      return true;
    });
    await until(() => workload.active.firstAckAt !== null && workload.active.firstProcessedAt !== null);
    const { firstAckAt, firstProcessedAt } = workload.active;
    await until(() => checks.some(({ state }) => state === 'failed-over'));
    const first = checks.find(({ failedChecks, at }) => failedChecks === 1 && Date.parse(at) + 50 >= killedAt);
    const dead = checks.find(({ state }) => state === 'dead');
    const runId = checks.at(-1)?.failover.runId;
    if (first === undefined || dead === undefined || runId === undefined || runId === null) {
      throw new Error(`the watch did not fail over: ${JSON.stringify(checks.slice(-3))}`);
    }
    const events = await journal(lab, runId);
    const endOf = ({ at, durationMs }: WatchDocument): number => Date.parse(at) + durationMs;
    const healthy = checks.filter(({ state, samples }) => state === 'healthy' && samples !== null);
    const promotedAt = events.find(({ event }) => event === 'active.changed')?.at ?? '';
    const began = Date.parse(first.at);
    return {
      detectedMs: endOf(first) - killedAt,
      decidedMs: endOf(dead) - began,
      promotedMs: Date.parse(promotedAt) - began,
      writeMs: (firstAckAt ?? Number.NaN) - began,
      readMs: (firstProcessedAt ?? Number.NaN) - began,
      checkMs: median(healthy.map(({ durationMs }) => durationMs)),
      roundMs: median(healthy.map(({ samples }) => samples?.roundMs ?? Number.NaN)),
      steps: stepsOf(events),
    };
  } finally {
    await workload.stop();
    watch.kill('SIGINT');
    await once(watch, 'close');
  }
}

function startWatch(lab: BenchLab, checks: WatchDocument[]) {
  const args = ['watch', '--auto-failover', '--yes', '--checks', String(CHECKS), '--listen', '0', '-q', '-o', 'jsonl'];
  const watch = spawn(process.execPath, [KMK, ...args], { cwd: lab.dir, stdio: ['ignore', 'pipe', 'inherit'] });
  let rest = '';
  watch.stdout.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    checks.push(...lines.map((line) => JSON.parse(line) as WatchDocument));
  });
  return watch;
}

async function journal(lab: BenchLab, runId: string): Promise<readonly AnyEvent[]> {
  const text = await readFile(join(lab.dir, '.kmk', 'runs', runId, 'journal.jsonl'), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as AnyEvent);
}

function stepsOf(events: readonly AnyEvent[]): ReadonlyMap<string, number> {
  const steps = new Map<string, number>();
  for (const { event, data } of events) {
    if (event !== 'step.finished') continue;
    const { id, durationMs } = data;
    steps.set(id, durationMs);
  }
  return steps;
}

/** Polls every 20 ms, as a client that follows the active cluster does. */
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + LIMIT_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not within ${LIMIT_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, ASK_MS));
  }
}
