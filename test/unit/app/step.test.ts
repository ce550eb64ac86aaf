import { describe, expect, it } from 'vitest';
import { step } from '../../../src/app/step.ts';
import type { Phase } from '../../../src/domain/documents.ts';
import { KmkError } from '../../../src/domain/errors.ts';
import { fakeToolbox } from '../../fakes/toolbox.ts';

describe('step', () => {
  it('announces itself, and how long it took', async () => {
    const tools = fakeToolbox();
    const phases: Phase[] = [];
    const work = async (): Promise<string> => {
      await tools.clock.sleep(1500);
      return 'value';
    };
    await expect(step(tools, 'fence', 'failback', 'fencing', work, phases)).resolves.toBe('value');
    expect(tools.events.emitted).toEqual([
      { event: 'step.started', data: { id: 'fence', kind: 'failback', title: 'fencing' } },
      { event: 'step.finished', data: { id: 'fence', state: 'done', durationMs: 1500 } },
    ]);
    expect(phases).toEqual([{ id: 'fence', startedAt: '2026-01-02T03:04:05.000Z', durationMs: 1500, state: 'done' }]);
  });

  it.each([
    ['failed', new Error('no way')],
    ['failed', new KmkError('KMK_CONNECT_REQUEST', 'refused')],
    ['aborted', new KmkError('KMK_INTERRUPTED', 'interrupted')],
    ['aborted', new KmkError('KMK_TERMINATED', 'terminated')],
  ])('%s: %s goes on', async (state, error) => {
    const tools = fakeToolbox();
    const phases: Phase[] = [];
    await expect(step(tools, 'a', 'b', 'c', () => Promise.reject(error), phases)).rejects.toBe(error);
    expect(tools.events.of('step.finished')).toEqual([{ id: 'a', state, durationMs: 0, detail: error.message }]);
    expect(phases).toMatchObject([{ id: 'a', state }]);
  });
});
