import { describe, expect, it } from 'vitest';
import { giveUpSource } from '../../../../src/app/failover/give-up-source.ts';
import type { MoveContext } from '../../../../src/app/failover/move-context.ts';
import { newMove } from '../../../../src/app/failover/move-context.ts';
import { KmkError } from '../../../../src/domain/errors.ts';
import { fakeLab } from '../../../fakes/lab.ts';
import { fakeToolbox } from '../../../fakes/toolbox.ts';

/** A move whose source answers everything with that error. */
function movedFrom(error: Error) {
  const tools = { ...fakeToolbox(), admin: () => Promise.reject(error) };
  const lab = { ...fakeLab(), tools };
  const move = newMove({ runId: 'r', tools } as unknown as Parameters<typeof newMove>[0]);
  const context = { lab, move, forward: { source: 'primary', target: 'dr' } } as unknown as MoveContext;
  return { tools, move, context };
}

const never = new AbortController().signal;

describe('giveUpSource', () => {
  it('goes on without a fence where the source takes none, and says who must be stopped', async () => {
    const { tools, move, context } = movedFrom(new Error('request timed out'));
    expect(await giveUpSource.apply(context, never)).toEqual({ cutAt: tools.clock.now() });
    const text = '"primary" took no fence (request timed out): clients that reach it write on both sides, stop them';
    expect(move.checks).toEqual([{ id: 'source.fenced', verdict: 'inconclusive', message: text }]);
    expect(tools.events.of('warning')).toEqual([{ text }]);
  });

  it('leaves a run that another kmk has taken over to that one, and ends where it is interrupted', async () => {
    const taken = new KmkError('KMK_LOCKED', 'somebody has taken the lease of this run');
    await expect(giveUpSource.apply(movedFrom(taken).context, never)).rejects.toBe(taken);
    const cut = movedFrom(new Error('aborted'));
    await expect(giveUpSource.apply(cut.context, AbortSignal.abort())).rejects.toThrow('aborted');
    expect(cut.move.checks).toEqual([]);
  });

  it('lets a failure be told although the fence cannot be opened, with the command that does', async () => {
    const { tools, context } = movedFrom(new Error('no answer'));
    await tools.store.saveLab(context.lab.record);
    await giveUpSource.release?.(context, never);
    expect(tools.events.of('warning')).toEqual([
      { text: expect.stringMatching(/no answer\): run `kmk resume --rollback`/) as string },
    ]);
    await expect(giveUpSource.undo?.(context, never)).rejects.toThrow('no answer');
  });
});
