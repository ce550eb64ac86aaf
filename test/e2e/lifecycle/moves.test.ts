import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { GroupDocument } from '../../../src/domain/listing-documents.ts';
import type { PlanDocument } from '../../../src/domain/plan/plan.ts';
import { untilPhase } from '../../helpers/journal-watch.ts';
import { KmkLab } from '../../helpers/kmk-lab.ts';
import { seeded, seedOfRun } from '../../helpers/seeded.ts';

/** Every phase in which a move may be struck, in order. */
const FAILOVER = ['disaster', 'stop-flow', 'offsets', 'promote', 'service', 'worker', 'verify'];
const FAILBACK = [
  'stranded',
  'tail',
  'reverse',
  'catch-up',
  'fence',
  'offsets',
  'compare',
  'switch-back',
  'forward',
  'verify',
];
const SWITCHOVER = ['prepare', 'fence', 'drain', 'stop-flow', 'offsets', 'promote', 'service', 'reverse', 'verify'];
/** Of a switchover's phases so many are struck, by chance: one that is taken back begins with the slow ones again. */
const SWITCHOVER_STRIKES = 4;
const TOPIC = 'orders';
/** Written before anything happens, and after the first failover was taken back. */
const RECORDS = 330;
/** Of these, what the group has processed before. */
const CONSUMED = 100;
/** Written last, when the flow had stopped: they never cross. */
const STRANDED = 25;

const random = seeded(seedOfRun('moves'));
let lab: KmkLab;

beforeAll(async () => {
  lab = await KmkLab.create();
  await lab.ok('deploy');
  await lab.ok('produce', '--topic', TOPIC, '--messages', '300');
});
afterAll(() => lab[Symbol.asyncDispose]());

const finishedMove = ({ promotion }: Record): boolean => promotion !== null && promotion.unfinished === false;

interface Record {
  readonly promotion: { readonly unfinished?: boolean } | null;
}

interface Struck {
  readonly args: readonly string[];
  readonly phases: readonly string[];
  readonly complete: (record: Record) => boolean;
  /** After kill -9 only `kmk resume` goes on: the command itself would plan from a stopped flow. */
  readonly mustResume?: boolean;
}

/**
 * Runs the move again and again, struck in one phase after the other, until it is complete: each time by its own
 * command or, as chance has it, by `kmk resume`. A switchover that is interrupted takes itself back and begins anew.
 */
async function struckInEveryPhase({ args, phases, complete, mustResume = false }: Struck): Promise<string[]> {
  const story: string[] = [];
  let open = false;
  for (const phase of phases) {
    const resumed = open && (mustResume || random() < 0.5);
    const run = lab.start(resumed ? ['resume', '--yes'] : args);
    const seen = await untilPhase(lab, run, phase);
    if (!seen) {
      const { exitCode, stderr } = await run.ended;
      story.push(`${phase}: not reached, exit ${exitCode}`);
      expect(exitCode, `${story.join('; ')}\n${stderr}`).toBe(0);
      return story;
    }
    await new Promise((resolve) => setTimeout(resolve, random() * 300));
    const signal = random() < 0.5 ? 'SIGINT' : 'SIGKILL';
    run.child.kill(signal);
    const { exitCode, killedBy, stderr } = await run.ended;
    story.push(`${resumed ? 'resumed, ' : ''}${phase}: ${signal}, exit ${exitCode ?? killedBy}`);
    // It may just have finished.
    if (exitCode === 0 || complete(JSON.parse(await lab.read('lab/lab.json')) as Record)) return story;
    open = true;
    if (signal === 'SIGINT') {
      expect(exitCode, story.join('; ') + stderr).toBe(130);
      open = stderr.includes('Run `kmk resume`');
      if (!open) expect(stderr).toContain('clients write on "primary"');
    }
  }
  const last = await lab.kmk(open && mustResume ? ['resume', '--yes'] : args);
  expect(last.exitCode, `${story.join('; ')}\n${last.stderr}${last.stdout}`).toBe(0);
  return story;
}

test('a failover that is struck before the promotion is taken back, and the standby copies again', async () => {
  await lab.ok('consume', '--topic', TOPIC, '--group', 'g', '--messages', String(CONSUMED), '--from-beginning');
  const phase = ['stop-flow', 'offsets'][Math.floor(random() * 2)] ?? 'offsets';
  const run = lab.start(['failover', '--simulate', '--yes']);
  if (!(await untilPhase(lab, run, phase))) throw new Error(run.progress());
  run.child.kill('SIGKILL');
  await run.ended;
  const undone = await lab.json('resume', '--rollback', '--yes');
  console.info(`struck in ${phase}, undone: ${String(undone['undone'])}`);
  expect(undone).toMatchObject({ schema: 'kmk.rollback/v1', kind: 'failover', active: 'primary' });
  expect((await lab.kmk(['resume', '--yes'])).exitCode).toBe(7);
  await lab.ok('produce', '--topic', TOPIC, '--messages', '30');
  const copied = await lab.json(
    ...['consume', '--topic', `primary.${TOPIC}`, '--cluster', 'dr', '--messages', String(RECORDS), '--timeout', '60s'],
  );
  expect(copied['count']).toBe(RECORDS);
}, 240_000);

test('a failover that is struck in every phase completes when it is run again, and costs what was forecast', async () => {
  await lab.ok('flow', 'stop', '--yes');
  await lab.ok('produce', '--topic', TOPIC, '--messages', String(STRANDED));
  const { forecast } = (await lab.json('failover', '--simulate', '--dry-run')) as unknown as PlanDocument;
  const story = await struckInEveryPhase({
    args: ['failover', '--simulate', '--yes'],
    phases: FAILOVER,
    complete: finishedMove,
  });
  console.info(story.join('; '));
  const status = await lab.json('status');
  expect(status['active']).toBe('dr');
  const { on } = (await lab.json('group', 'describe', 'g')) as unknown as GroupDocument;
  const there = on.find(({ cluster }) => cluster === 'dr')?.partitions ?? [];
  const copies = there.filter(({ topic }) => topic === `primary.${TOPIC}`);
  // The rest had been copied once: what is left to read beyond the unread records is read again.
  const again = copies.reduce((sum, { lag }) => sum + (lag ?? 0), 0) - (RECORDS - CONSUMED);
  expect(forecast).toMatchObject({ notCopied: STRANDED, fromBeginning: 0 });
  console.info(`forecast: at most ${forecast?.reread ?? '?'} read again; it was ${again}`);
  expect(again).toBeGreaterThanOrEqual(0);
  expect(again).toBeLessThanOrEqual(forecast?.groups.find(({ group }) => group === 'g')?.reread ?? -1);
  await lab.ok('produce', '--topic', TOPIC, '--messages', '50');
}, 240_000);

test('a failback that is struck in every phase exports what never crossed, and nothing comes late, lost or twice', async () => {
  const story = await struckInEveryPhase({
    args: ['failback', '--stranded', 'export', '--yes'],
    phases: FAILBACK,
    complete: ({ promotion }) => promotion === null,
  });
  console.info(story.join('; '));
  expect(await lab.json('status')).toMatchObject({ active: 'primary', state: 'running' });
  const count = async (topic: string, cluster = 'primary'): Promise<unknown> =>
    (await lab.json('consume', '--topic', topic, '--cluster', cluster))['count'];
  expect([await count(TOPIC), await count(`dr.${TOPIC}`)]).toEqual([RECORDS + STRANDED, 50]);
  expect(await count(`primary.${TOPIC}`, 'dr')).toBe(RECORDS);
  const files = await Promise.all(
    (await readdir(join(lab.stateDir, 'runs'))).map((run) => lab.read(`runs/${run}/stranded.jsonl`).catch(() => '')),
  );
  expect(files.filter((text) => text.endsWith(`{"records":${STRANDED}}\n`)).length).toBeGreaterThan(0);
}, 240_000);

test('a switchover that is struck by chance completes, and the way back copies nothing twice', async () => {
  const phases = [...SWITCHOVER];
  while (phases.length > SWITCHOVER_STRIKES) phases.splice(Math.floor(random() * phases.length), 1);
  const story = await struckInEveryPhase({
    ...{ args: ['switchover', '--yes'], phases, mustResume: true },
    complete: finishedMove,
  });
  console.info(story.join('; '));
  expect(await lab.json('status')).toMatchObject({ active: 'dr' });
  await lab.ok('produce', '--topic', TOPIC, '--messages', '40');
  expect(await lab.json('failback', '--yes')).toMatchObject({ verdict: 'pass', duplicates: 0, stranded: 0 });
  const count = async (topic: string): Promise<unknown> =>
    (await lab.json('consume', '--topic', topic, '--cluster', 'primary'))['count'];
  expect([await count(TOPIC), await count(`dr.${TOPIC}`)]).toEqual([RECORDS + STRANDED, 50 + 40]);
}, 400_000);

test('kill -9 in the middle of a move and then destroy leaves nothing', async () => {
  const run = lab.start(['failover', '--simulate', '--yes']);
  const phase = FAILOVER[Math.floor(random() * FAILOVER.length)] ?? 'promote';
  await untilPhase(lab, run, phase);
  run.child.kill('SIGKILL');
  await run.ended;
  await lab.ok('destroy', '--yes');
  expect(lab.marked()).toEqual([]);
  expect((await lab.json('status'))['state']).toBe('absent');
});
