import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ScenarioDocument } from '../../src/domain/documents.ts';
import type { AnyEvent, EventData, EventName } from '../../src/domain/events.ts';

const KMK = join(import.meta.dirname, '../../bin/kmk.js');

let dir: string;
let run: { readonly code: number; readonly stdout: string; readonly stderr: string };
let result: ScenarioDocument;
let journal: readonly AnyEvent[];

/** The built command line in a process of its own. */
function kmk(...args: readonly string[]): Promise<typeof run> {
  return new Promise((resolve) => {
    execFile(process.execPath, [KMK, ...args], { cwd: dir }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
    });
  });
}

function dataOf<N extends EventName>(name: N): readonly EventData[N][] {
  return journal.filter(({ event }) => event === name).map(({ data }) => data as EventData[N]);
}

/** Command lines of processes that carry this test's folder: brokers and workers name their files there. */
async function processesHere(): Promise<readonly string[]> {
  const found: string[] = [];
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid) || pid === String(process.pid)) continue;
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (line.includes(dir)) found.push(line.replaceAll('\0', ' '));
  }
  return found;
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kmk-drill-'));
  const lab = 'version: 1\nname: kmk-e2e-drill\nclusters: { primary: { port: auto }, dr: { port: auto } }\n';
  await writeFile(join(dir, 'kmk.yaml'), lab);
  run = await kmk('scenario', 'run', 'unplanned-kill', '--seed', '11', '--runtime', 'local', '-o', 'json');
  result = JSON.parse(run.stdout) as ScenarioDocument;
  const text = await readFile(result.journal, 'utf8').catch(() => '');
  journal = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as AnyEvent);
});

afterAll(async () => {
  await kmk('destroy', '--yes');
  await rm(dir, { recursive: true, force: true });
});

describe('kmk scenario run unplanned-kill, where nothing is deployed', () => {
  it('passes, with nothing skipped and nothing stored twice', () => {
    expect(run, run.stderr).toMatchObject({ code: 0 });
    expect(result).toMatchObject({
      ...{ schema: 'kmk.scenario/v1', scenario: 'unplanned-kill', seed: 11, verdict: 'pass' },
      ...{ skipped: 0, duplicates: 0 },
    });
    expect(result.checks.filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
    expect(result.checks.map(({ id }) => id)).toContain('verify.nothing-lost');
  });

  it('measures loss by the ledger and recovery by the clients', () => {
    expect(result.loss.basis).toBe('ledger');
    expect(result.loss.records).toBeGreaterThanOrEqual(0);
    const { writeMs, readMs, rtoMs } = result.recovery;
    expect(writeMs).toBeGreaterThan(0);
    expect(readMs).toBeGreaterThan(0);
    expect(rtoMs).toBe(Math.max(writeMs ?? 0, readMs ?? 0));
  });

  it('journals every step of the file, in order, and the phases inside the moves', () => {
    const steps = dataOf('step.started');
    const own = steps.filter(({ kind }) => kind === 'scenario').map(({ id }) => id);
    expect(own).toEqual([
      ...['stage', 'workload', 'steady', 'disaster', 'failover', 'serve-from-standby', 'check-standby'],
      ...['failback', 'late-producer', 'serve-from-primary', 'drain', 'verify'],
    ]);
    expect(steps.some(({ kind }) => kind === 'phase')).toBe(true);
    expect(dataOf('step.finished').every(({ state }) => state === 'done')).toBe(true);
    expect(dataOf('active.changed').map(({ to }) => to)).toEqual(['dr', 'primary']);
    expect(dataOf('fault.injected').map(({ fault, cluster }) => [fault, cluster])).toEqual([['kill', 'primary']]);
    expect(dataOf('run.finished')).toEqual([{ exitCode: 0, error: null }]);
  });

  it('accounts for every record: late ones were lost at the failover, and all of those came', () => {
    const [last] = dataOf('ledger.summarised').slice(-1);
    const sum = (key: 'acknowledged' | 'replicated' | 'lost' | 'late' | 'sent' | 'processed'): number =>
      last?.partitions.reduce((total, row) => total + row[key], 0) ?? Number.NaN;
    expect(sum('lost')).toBe(result.loss.records);
    expect(sum('late')).toBe(sum('lost'));
    expect(sum('replicated')).toBe(sum('acknowledged'));
    expect(sum('sent')).toBeGreaterThanOrEqual(sum('acknowledged'));
    expect(sum('processed') - result.redelivered).toBeGreaterThanOrEqual(sum('acknowledged'));
  });

  it('logs what was acknowledged: the file gives the same sums as the journal', async () => {
    const file = join(result.journal, '../ledger-acknowledged.csv');
    const rows = (await readFile(file, 'utf8')).trimEnd().split('\n');
    const logged = rows.reduce((total, row) => total + Number(row.split(',')[6]), 0);
    const [last] = dataOf('ledger.summarised').slice(-1);
    expect(logged).toBe(last?.partitions.reduce((total, row) => total + row.acknowledged, 0));
  });

  it('leaves a report with a lag chart and a result, and nothing running', async () => {
    const report = await readFile(result.report ?? '', 'utf8');
    expect(report).toContain('<svg');
    expect(dataOf('flow.lag.sampled').length).toBeGreaterThan(10);
    const kept: unknown = JSON.parse(await readFile(join(result.journal, '../result.json'), 'utf8'));
    expect(kept).toEqual(result);
    expect(await processesHere()).toEqual([]);
    expect(await readdir(join(dir, '.kmk'))).toEqual(['runs']);
  });
});
