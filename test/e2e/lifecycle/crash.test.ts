import { chmod, lstat, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { untilTrue } from '../../helpers/journal-watch.ts';
import { KmkLab } from '../../helpers/kmk-lab.ts';
import { seeded, seedOfRun } from '../../helpers/seeded.ts';

/** So many moments by chance; `npm run test:matrix` takes more. */
const MOMENTS = Number(process.env['KMK_TEST_MOMENTS'] ?? 1);
const KILLS = 2 * MOMENTS;
const INTERRUPTS = MOMENTS;
const random = seeded(seedOfRun('crash'));
let lab: KmkLab;
/** How long an undisturbed deploy takes on this machine now. */
let deployMs = 0;

beforeAll(async () => {
  lab = await KmkLab.create();
});
afterAll(() => lab[Symbol.asyncDispose]());

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const exists = (path: string): Promise<boolean> =>
  lstat(join(lab.stateDir, path)).then(
    () => true,
    () => false,
  );

async function expectNothingLeft(): Promise<void> {
  expect(lab.marked()).toEqual([]);
  expect([await exists('lab'), await exists('lock'), await exists('runs')]).toEqual([false, false, true]);
  expect((await lab.json('status'))['state']).toBe('absent');
}

test('a deploy after a deploy that was killed removes its remains and works', async () => {
  const run = lab.start(['deploy']);
  await untilTrue(run, () => exists('lab/pids/primary-broker-1.pid'));
  run.child.kill('SIGKILL');
  await run.ended;
  // Other clusters than the killed one had: nothing of it is reused.
  await lab.configure('clusters:\n  east: { brokers: 1, port: auto }\n  west: { brokers: 1, port: auto }\n');
  const startedAt = performance.now();
  const again = await lab.ok('deploy');
  deployMs = performance.now() - startedAt;
  expect(again.stderr).toContain('removing what an unfinished deploy left');
  expect(lab.marked()).toHaveLength(3);
  expect(await lab.json('status')).toMatchObject({ state: 'running', active: 'east' });
  await lab.ok('destroy', '--yes');
  await lab.configure('');
  await expectNothingLeft();
});

test(`kill -9 of a deploy at ${KILLS} random moments, then destroy: nothing is left`, async () => {
  for (let round = 0; round < KILLS; round += 1) {
    const run = lab.start(['deploy']);
    const moment = random() * deployMs;
    await Promise.race([sleep(moment), run.ended]);
    run.child.kill('SIGKILL');
    await run.ended;
    const destroyed = await lab.kmk(['destroy', '--yes']);
    expect(destroyed.exitCode, `killed after ${moment} ms: ${destroyed.stderr}`).toBe(0);
    await expectNothingLeft();
  }
});

test('kill -9 of a deploy that has nothing but its lock, then destroy: nothing is left', async () => {
  const run = lab.start(['deploy']);
  expect(await untilTrue(run, () => exists('lock'))).toBe(true);
  run.child.kill('SIGKILL');
  await run.ended;
  await lab.ok('destroy', '--yes');
  await expectNothingLeft();
});

test('kill -9 while the shells have not recorded themselves yet', async () => {
  // A `cut` that hangs: the shell reads its start time with it.
  const bin = join(lab.dir, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'cut'), '#!/bin/sh\nwhile [ ! -e "$0.go" ]; do sleep 0.05; done\nexec /usr/bin/cut "$@"\n');
  await chmod(join(bin, 'cut'), 0o755);
  const run = lab.start(['deploy'], { PATH: `${bin}:${process.env['PATH']}` });
  expect(await untilTrue(run, () => lab.marked().length >= 3)).toBe(true);
  run.child.kill('SIGKILL');
  await run.ended;
  await lab.ok('destroy', '--yes');
  await writeFile(join(bin, 'cut.go'), '');
  await expectNothingLeft();
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)(
  `%s during a deploy, at ${INTERRUPTS} random moments: exit %i, everything is removed`,
  async (signal, code) => {
    for (let round = 0; round < INTERRUPTS; round += 1) {
      const run = lab.start(['deploy']);
      // From the moment in which kmk listens (its lock is there) on; before that the signal ends node itself.
      expect(await untilTrue(run, () => exists('lock'))).toBe(true);
      const moment = random() * deployMs * 0.7;
      await Promise.race([sleep(moment), run.ended]);
      // As a terminal does: the whole process group gets it.
      process.kill(-(run.child.pid ?? 0), signal);
      const { exitCode, stderr } = await run.ended;
      expect(exitCode, `${signal} after ${moment} ms: ${stderr}`).toBe(code);
      expect(stderr.trimEnd().split('\n').at(-1)).toBe(signal === 'SIGINT' ? 'interrupted' : 'terminated');
      await expectNothingLeft();
    }
  },
);

test('a second Ctrl-C stops at once', async () => {
  const run = lab.start(['deploy']);
  await untilTrue(run, () => exists('lab/pids/primary-broker-1.pid'));
  run.child.kill('SIGINT');
  await untilTrue(run, () => run.progress().includes('press Ctrl-C again'));
  run.child.kill('SIGINT');
  expect((await run.ended).exitCode).toBe(130);
  await lab.ok('destroy', '--yes');
  await expectNothingLeft();
});
