import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CheckResult } from '../../../src/domain/documents.ts';
import type { GroupDocument } from '../../../src/domain/listing-documents.ts';
import type { MoveKind, PlanDocument } from '../../../src/domain/plan/plan.ts';
import type { TailChoice } from '../../../src/domain/stranded-tail.ts';
import { positionsOf, sampleOf, stepsOf } from '../../helpers/journal-positions.ts';
import { KmkLab } from '../../helpers/kmk-lab.ts';
import { seeded, seedOfRun } from '../../helpers/seeded.ts';
import type { Strike } from '../../helpers/struck-move.ts';
import { kmkStruck, struckMove } from '../../helpers/struck-move.ts';

/** Of the positions of each move's journal so many are struck, by chance; `npm run test:matrix` strikes every one. */
const STRIKES = 4;
const TOPIC = 'orders';
/** Written before anything happens, and after the first failover was taken back. */
const RECORDS = 330;
/** Of these, what the group has processed before. */
const CONSUMED = 100;
/** Written last, when the flow had stopped: they never cross. */
const STRANDED = 25;
/** Written after a switchover was taken back. */
const LATER = 5;
/** Of a failback, what is left when clients were let in again. */
const AFTERWARDS = new Set(['forward', 'verify', 'plan']);
const SWITCHED: Strike = { step: 'forward', moment: 'started', blow: 'SIGKILL', againBy: 'command' };

/** A sample that stays the same: what it fails on is a change. `test:matrix` goes to every position. */
const SAMPLE = 1;
const random = seeded(seedOfRun('moves', SAMPLE));
let lab: KmkLab;

beforeAll(async () => {
  lab = await KmkLab.create();
  await lab.ok('deploy');
  await lab.ok('produce', '--topic', TOPIC, '--messages', '300');
});
afterAll(() => lab[Symbol.asyncDispose]());

/**
 * Strikes of a move by chance. After the kill of a switchover only `kmk resume` goes on: its flow is stopped; so it does
 * where all is done but the plan's last line.
 */
function sampled(kind: MoveKind, stranded: TailChoice | null = null): readonly Strike[] {
  const all = positionsOf(kind, stranded);
  const sample = sampleOf(all, STRIKES, random).map((position): Strike => {
    const closing = position.moment === 'closing';
    const blow = closing || random() < 0.75 ? 'SIGKILL' : 'SIGINT';
    return { ...position, blow, againBy: closing || kind === 'switchover' || random() < 0.5 ? 'resume' : 'command' };
  });
  console.info(`${kind}: ${sample.length} of ${all.length} positions`);
  return sample;
}

async function count(topic: string, cluster = 'primary'): Promise<unknown> {
  return (await lab.json('consume', '--topic', topic, '--cluster', cluster))['count'];
}

/** What the group has still to read of a topic on a cluster. */
async function unread(cluster: string, topic: string): Promise<number> {
  const { on } = (await lab.json('group', 'describe', 'g')) as unknown as GroupDocument;
  const there = on.find((at) => at.cluster === cluster)?.partitions ?? [];
  return there.filter((at) => at.topic === topic).reduce((sum, { lag }) => sum + (lag ?? 0), 0);
}

test('a failover that is struck before the promotion is taken back, and the standby copies again', async () => {
  await lab.ok('consume', '--topic', TOPIC, '--group', 'g', '--messages', String(CONSUMED), '--from-beginning');
  const [position] = sampleOf(
    positionsOf('failover').filter(({ step }) => ['stop-flow', 'offsets'].includes(step)),
    1,
    random,
  );
  const strike = { ...{ step: 'offsets', moment: 'before' as const }, ...position, blow: 'SIGKILL' as const };
  expect(await kmkStruck(lab, ['failover', '--simulate', '--yes'], strike)).toMatchObject({ killedBy: 'SIGKILL' });
  const undone = await lab.json('resume', '--rollback', '--yes');
  console.info(`struck at ${strike.step}/${strike.moment}, undone: ${String(undone['undone'])}`);
  expect(undone).toMatchObject({ schema: 'kmk.rollback/v1', kind: 'failover', active: 'primary' });
  expect((await lab.kmk(['resume', '--yes'])).exitCode).toBe(7);
  await lab.ok('produce', '--topic', TOPIC, '--messages', '30');
  const copied = await lab.json(
    ...['consume', '--topic', `primary.${TOPIC}`, '--cluster', 'dr', '--messages', String(RECORDS), '--timeout', '60s'],
  );
  expect(copied['count']).toBe(RECORDS);
}, 240_000);

test('a failover that is struck by chance completes, and costs what was forecast', async () => {
  await lab.ok('flow', 'stop', '--yes');
  await lab.ok('produce', '--topic', TOPIC, '--messages', String(STRANDED));
  const { forecast } = (await lab.json('failover', '--simulate', '--dry-run')) as unknown as PlanDocument;
  const { story } = await struckMove(lab, ['failover', '--simulate', '--yes'], sampled('failover'));
  console.info(story.join('; '));
  expect((await lab.json('status'))['active']).toBe('dr');
  // The rest had been copied once: what is left to read beyond the unread records is read again.
  const again = (await unread('dr', `primary.${TOPIC}`)) - (RECORDS - CONSUMED);
  expect(forecast).toMatchObject({ notCopied: STRANDED, fromBeginning: 0 });
  console.info(`forecast: at most ${forecast?.reread ?? '?'} read again; it was ${again}`);
  expect(again).toBeGreaterThanOrEqual(0);
  expect(again).toBeLessThanOrEqual(forecast?.groups.find(({ group }) => group === 'g')?.reread ?? -1);
  await lab.ok('produce', '--topic', TOPIC, '--messages', '50');
}, 240_000);

test('a failback that is struck by chance gives up what was accepted; the group reads it again, nothing comes twice', async () => {
  // To the end of what was copied: it may then go on behind the tail, or is put before it.
  await lab.ok('consume', '--topic', `primary.${TOPIC}`, '--group', 'g', '--cluster', 'dr');
  const tail = ['--stranded', 'discard', '--accept-loss', String(STRANDED), '--tail', 'redeliver'];
  // The last one behind the switch: typed again it has nothing left to measure, and tells what the run before it had found.
  const strikes = [...sampled('failback', 'discard').filter(({ step }) => !AFTERWARDS.has(step)), SWITCHED];
  const { story, document } = await struckMove(lab, ['failback', ...tail, '--yes'], strikes);
  console.info(story.join('; '));
  expect(document).toMatchObject({ kind: 'failback', verdict: 'pass', stranded: STRANDED, duplicates: 0 });
  expect((document['checks'] as readonly CheckResult[]).map(({ id }) => id)).toContain('reverse.nothing-twice');
  expect(await lab.json('status')).toMatchObject({ active: 'primary', state: 'running' });
  expect([await count(TOPIC), await count(`dr.${TOPIC}`)]).toEqual([RECORDS + STRANDED, 50]);
  expect(await count(`primary.${TOPIC}`, 'dr')).toBe(RECORDS);
  expect(await unread('primary', TOPIC)).toBe(STRANDED);
}, 240_000);

test('a switchover that is interrupted is taken back; struck by chance it completes, and the way back copies nothing twice', async () => {
  const interrupt = { step: 'fence', moment: 'started', blow: 'SIGINT' } as const;
  const interrupted = await kmkStruck(lab, ['switchover', '--yes'], interrupt);
  expect(interrupted.stderr).toMatch(/Taken back \(.+\): clients write on "primary" as before|Run `kmk resume`/);
  expect(interrupted.exitCode).toBe(130);
  expect(await lab.json('produce', '--topic', TOPIC, '--messages', String(LATER))).toMatchObject({
    cluster: 'primary',
  });
  // As it was reviewed: a run of a saved plan is gone on with like any other.
  await lab.ok('switchover', '--plan-out', 'reviewed.json');
  const { story } = await struckMove(lab, ['switchover', '--plan', 'reviewed.json', '--yes'], sampled('switchover'));
  console.info(story.join('; '));
  expect(await lab.json('status')).toMatchObject({ active: 'dr' });
  await lab.ok('produce', '--topic', TOPIC, '--messages', '40');
  expect(await lab.json('failback', '--yes')).toMatchObject({ verdict: 'pass', duplicates: 0, stranded: 0 });
  expect([await count(TOPIC), await count(`dr.${TOPIC}`)]).toEqual([RECORDS + STRANDED + LATER, 50 + 40]);
}, 400_000);

test('kill -9 in the middle of a move and then destroy leaves nothing', async () => {
  const [step = 'promote'] = sampleOf(
    stepsOf('failover').filter((id) => id !== 'worker'),
    1,
    random,
  );
  await kmkStruck(lab, ['failover', '--simulate', '--yes'], { step, moment: 'started', blow: 'SIGKILL' });
  await lab.ok('destroy', '--yes');
  expect(lab.marked()).toEqual([]);
  expect((await lab.json('status'))['state']).toBe('absent');
});
