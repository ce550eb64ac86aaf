import { expect, it } from 'vitest';
import type { MoveContext } from '../../../../src/app/failover/move-context.ts';
import { restoreOffsets } from '../../../../src/app/failover/offsets-before.ts';
import { planSwitchover } from '../../../../src/domain/plan/plan-switchover.ts';
import { fakeLab } from '../../../fakes/lab.ts';
import { fakeToolbox } from '../../../fakes/toolbox.ts';
import { snapshotOf } from '../../domain/plan/snapshots.ts';

it('says that positions stay where the run was begun on another machine, and touches no cluster', async () => {
  const tools = fakeToolbox();
  const lab = { ...fakeLab(), tools };
  const plan = planSwitchover(snapshotOf(), { maxLag: null });
  const context = { lab, plan, move: { run: { runId: 'r' } } } as unknown as MoveContext;
  await restoreOffsets(context, new AbortController().signal);
  expect(tools.events.of('warning')).toEqual([
    { text: 'what groups had on "dr" before is not kept here: their positions there stay as they are' },
  ]);
});
