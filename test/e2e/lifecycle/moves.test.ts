import { afterAll, beforeAll, expect, test } from 'vitest';
import { untilPhase } from '../../helpers/journal-watch.ts';
import { KmkLab } from '../../helpers/kmk-lab.ts';
import { seeded, seedOfRun } from '../../helpers/seeded.ts';

/** Every phase in which a failover or failback may be struck, in order. */
const FAILOVER = ['disaster', 'stop-flow', 'offsets', 'promote', 'service', 'worker', 'verify'];
const FAILBACK = ['stranded', 'reverse', 'catch-up', 'fence', 'offsets', 'compare', 'switch-back', 'forward', 'verify'];
const TOPIC = 'orders';
/** Written before anything happens, and after the first failover was taken back. */
const RECORDS = 330;

const random = seeded(seedOfRun('moves'));
let lab: KmkLab;

beforeAll(async () => {
  lab = await KmkLab.create();
  await lab.ok('deploy');
  await lab.ok('produce', '--topic', TOPIC, '--messages', '300');
});
afterAll(() => lab[Symbol.asyncDispose]());

const finishedFailover = ({ promotion }: Record): boolean => promotion !== null && promotion.unfinished === false;

interface Record {
  readonly promotion: { readonly unfinished?: boolean } | null;
}

/**
 * Runs the move again and again, struck in one phase after the other, until it is complete: each time by its own
 * command or, as chance has it, by `kmk resume`.
 */
async function struckInEveryPhase(
  args: readonly string[],
  phases: readonly string[],
  complete: (record: Record) => boolean,
): Promise<string[]> {
  const story: string[] = [];
  for (const [index, phase] of phases.entries()) {
    const resumed = index > 0 && random() < 0.5;
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
    if (signal === 'SIGINT') {
      expect(exitCode, story.join('; ') + stderr).toBe(130);
      expect(stderr).toContain('Run `kmk resume`');
    }
  }
  const last = await lab.kmk(args);
  expect(last.exitCode, `${story.join('; ')}\n${last.stderr}${last.stdout}`).toBe(0);
  return story;
}

test('a failover that is struck before the promotion is taken back, and the standby copies again', async () => {
  await lab.ok('consume', '--topic', TOPIC, '--group', 'g', '--messages', '100', '--from-beginning');
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

test('a failover that is struck in every phase completes when it is run again', async () => {
  const story = await struckInEveryPhase(['failover', '--simulate', '--yes'], FAILOVER, finishedFailover);
  console.info(story.join('; '));
  const status = await lab.json('status');
  expect(status['active']).toBe('dr');
  await lab.ok('produce', '--topic', TOPIC, '--messages', '50');
}, 240_000);

test('a failback that is struck in every phase completes, nothing lost, nothing twice', async () => {
  const story = await struckInEveryPhase(['failback', '--yes'], FAILBACK, ({ promotion }) => promotion === null);
  console.info(story.join('; '));
  expect(await lab.json('status')).toMatchObject({ active: 'primary', state: 'running' });
  const count = async (topic: string): Promise<unknown> =>
    (await lab.json('consume', '--topic', topic, '--cluster', 'primary'))['count'];
  expect([await count(TOPIC), await count(`dr.${TOPIC}`)]).toEqual([RECORDS, 50]);
}, 240_000);

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
