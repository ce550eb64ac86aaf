import { expect, test } from 'vitest';
import { labSetup } from '../../../../scripts/examples.ts';
import { runHooks } from '../../../../src/app/failover/hooks.ts';
import type { MoveContext } from '../../../../src/app/failover/move-context.ts';
import { newMove } from '../../../../src/app/failover/move-context.ts';
import type { ProgramOutcome, ProgramRequest } from '../../../../src/app/ports/program-runner.ts';
import type { HookFacts } from '../../../../src/domain/hooks.ts';
import { planSwitchover } from '../../../../src/domain/plan/plan-switchover.ts';
import type { MoveFlows } from '../../../../src/domain/plan/part.ts';
import type { Setup } from '../../../../src/domain/setup.ts';
import { fakeLab } from '../../../fakes/lab.ts';
import { fakeToolbox } from '../../../fakes/toolbox.ts';
import { snapshotOf } from '../../domain/plan/snapshots.ts';

const { signal } = new AbortController();
const plan = planSwitchover(snapshotOf(), { maxLag: null });
const fence = plan.steps.find(({ id }) => id === 'fence');
if (fence === undefined) throw new Error('a switchover fences');

/** A move of a lab with hooks, and what their programs were given. */
function moveWith(hooks: Setup['hooks'], outcome: ProgramOutcome, hookPolicy?: Setup['hookPolicy']) {
  const asked: ProgramRequest[] = [];
  const lab = fakeLab({ ...labSetup(), hooks, ...(hookPolicy === undefined ? {} : { hookPolicy }) });
  const programs = {
    run: (request: ProgramRequest) => {
      asked.push(request);
      return Promise.resolve(outcome);
    },
  };
  const tools = { ...fakeToolbox(), programs };
  const run = { runId: 'run-1', tools, journal: '', report: '' };
  const flow = { ...lab.record.setup.replication.flows[0], source: 'primary', target: 'dr' };
  const flows = { forward: flow, reverse: flow } as unknown as MoveFlows;
  const extent = { ...flows, standing: flows, part: null };
  const context: MoveContext = { ...extent, plan, move: newMove(run), lab: { ...lab, tools }, found: { cutAt: 7 } };
  return { context, asked, events: tools.events };
}

const FINE: ProgramOutcome = { exitCode: 0, timedOut: false, output: '' };

test('each program of the moment and step runs, with the facts as JSON and in variables', async () => {
  const hooks = { 'before-fence': [['gateway', 'close'], ['notify']], 'after-fence': [['late']] };
  const { context, asked, events } = moveWith(hooks, FINE);
  await runHooks(context, 'before', fence, signal);
  expect(asked.map(({ argv, timeoutMs }) => [argv, timeoutMs])).toEqual([
    [['gateway', 'close'], 30_000],
    [['notify'], 30_000],
  ]);
  const facts = JSON.parse(asked[0]?.input ?? '') as HookFacts;
  expect(facts).toMatchObject({
    ...{ schema: 'kmk.hook/v1', when: 'before', runId: 'run-1', plan: plan.id, kind: 'switchover' },
    ...{ from: 'primary', to: 'dr', step: fence, found: { cutAt: 7 } },
  });
  expect(asked[0]?.env).toMatchObject({ KMK_HOOK_STEP: 'fence', KMK_HOOK_FROM: 'primary', KMK_HOOK_TO: 'dr' });
  expect(asked[0]?.env['KMK_HOOK_TO_BOOTSTRAP']).toBe(facts.bootstrap['dr']);
  // Arguments stay out of the journal.
  expect(events.of('hook.finished').map(({ hook, program }) => [hook, program])).toEqual([
    ['before-fence', 'gateway'],
    ['before-fence', 'notify'],
  ]);
});

test('one that fails or takes too long stops the move, or warns where the setup says to go on', async () => {
  const hooks = { 'undo-fence': [['gateway', 'open'], ['second']] };
  const broken: ProgramOutcome = { exitCode: 3, timedOut: false, output: 'first\nno such rule' };
  const stopping = moveWith(hooks, broken);
  await expect(runHooks(stopping.context, 'undo', fence, signal)).rejects.toMatchObject({
    code: 'KMK_HOOK_FAILED',
    message: 'hook undo-fence: "gateway" ended with 3: no such rule',
  });
  expect(stopping.asked).toHaveLength(1);
  const late: ProgramOutcome = { exitCode: null, timedOut: true, output: '' };
  const going = moveWith(hooks, late, { timeoutMs: 500, onFailure: 'continue' });
  await runHooks(going.context, 'undo', fence, signal);
  expect(going.asked.map(({ timeoutMs }) => timeoutMs)).toEqual([500, 500]);
  expect(going.events.of('warning').map(({ text }) => text)).toEqual([
    'hook undo-fence: "gateway" took longer than 500 ms',
    'hook undo-fence: "second" took longer than 500 ms',
  ]);
});
