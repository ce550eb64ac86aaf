import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KmkLab } from '../helpers/kmk-lab.ts';
import { seeded, seedOfRun } from '../helpers/seeded.ts';

/** `npm run test:matrix` asks for 100. */
const LOOPS = Number(process.env['KMK_TEST_LOOPS'] ?? 5);
/** Records a second. Every check reads every log from its start: over a hundred moves that is what takes the time. */
const RATE = LOOPS > 20 ? 50 : 150;
const random = seeded(seedOfRun('loops'));
let lab: KmkLab;

beforeAll(async () => {
  lab = await KmkLab.create();
});
afterAll(() => lab[Symbol.asyncDispose]());

/** There and back again, as planned or after a kill -9, clients always at work. */
function drill(): string {
  const steps = ['  - { id: begin, steady: { duration: 2s } }'];
  for (let loop = 1; loop <= LOOPS; loop += 1) {
    const planned = random() < 0.5;
    if (planned) steps.push(`  - { id: switchover-${loop}, switchover: {} }`);
    else {
      steps.push(`  - { id: disaster-${loop}, disaster: { cluster: active, how: kill } }`);
      steps.push(`  - { id: failover-${loop}, failover: {} }`);
    }
    steps.push(`  - { id: there-${loop}, steady: { duration: 500ms, jitter: 1s } }`);
    steps.push(`  - { id: failback-${loop}, failback: {} }`);
    steps.push(`  - { id: here-${loop}, steady: { duration: 500ms, jitter: 1s } }`);
    steps.push(`  - { id: check-${loop}, check: [no-skips, no-duplicates, contents] }`);
  }
  return `version: 1
name: loops
summary: ${LOOPS} moves there and back under load
objectives: { loss: { records: 100000 }, recovery: 5m, redelivered: 1000000 }
workload:
  topics: [{ name: orders, partitions: 3, rate: ${RATE}, size: 128 }]
  groups: [{ name: billing, commit: 1s }]
steps:
${steps.join('\n')}
  - { id: drain, drain: { timeout: 120s } }
  - id: verify
    check: [nothing-lost, counts-agree, no-duplicates, no-skips, all-processed, contents]
`;
}

interface Outcome {
  readonly verdict: string;
  readonly skipped: number;
  readonly duplicates: number;
  readonly redelivered: number;
  readonly checks: readonly { readonly id: string; readonly verdict: string; readonly message: string }[];
}

test(
  `after ${LOOPS} moves there and back nothing was lost for good, skipped, or stored twice`,
  async () => {
    const file = join(lab.dir, 'loops.yaml');
    await writeFile(file, drill());
    const { stdout, stderr, exitCode } = await lab.kmk(['scenario', 'run', file, '-o', 'json']);
    const outcome = JSON.parse(stdout === '' ? '{}' : stdout) as Partial<Outcome>;
    if (outcome.checks === undefined) throw new Error(`exit ${exitCode}: ${stderr}${stdout}`);
    expect(outcome.checks.filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
    expect(outcome).toMatchObject({ verdict: 'pass', skipped: 0, duplicates: 0 });
    expect(exitCode).toBe(0);
  },
  LOOPS * 180_000,
);
