import { describe, expect, it } from 'vitest';
import { withRun } from '../../../src/app/run.ts';
import { KmkError } from '../../../src/domain/errors.ts';
import { fakeToolbox } from '../../fakes/toolbox.ts';

const REQUEST = { command: 'scenario run', args: ['scenario', 'run', 'x'], project: 'kmk' };
const RUN_ID = '20260102-030405-scenario-run-xxxx';

describe('withRun', () => {
  it('journals from the first event to the last, under the lock', async () => {
    const tools = fakeToolbox();
    const value = await withRun(
      tools,
      REQUEST,
      (run) => {
        expect(run).toMatchObject({
          runId: RUN_ID,
          journal: `/state/runs/${RUN_ID}/journal.jsonl`,
          report: `/state/runs/${RUN_ID}/report.html`,
        });
        run.tools.events.emit('note', { text: 'at work' });
        return Promise.resolve(42);
      },
      (runId) => Promise.resolve(void tools.store.steps.push(`afterwards ${runId}`)),
    );
    expect(value).toBe(42);
    expect(tools.store.steps).toEqual(['locked', 'journal closed', `afterwards ${RUN_ID}`, 'unlocked']);
    expect(tools.store.journals.get(RUN_ID)?.emitted).toEqual([
      { event: 'run.started', data: { ...REQUEST, kmkVersion: '0.0.0-test' } },
      { event: 'note', data: { text: 'at work' } },
      { event: 'run.finished', data: { exitCode: 0, error: null } },
    ]);
    expect(tools.events.emitted).toHaveLength(3);
  });

  it.each([
    [new KmkError('KMK_PARTLY_DONE', 'half of it'), 9],
    [new Error('a bug'), 1],
  ])('journals how it failed, and unlocks: %s', async (error, exitCode) => {
    const tools = fakeToolbox();
    await expect(withRun(tools, REQUEST, () => Promise.reject(error))).rejects.toBe(error);
    expect(tools.events.of('run.finished')).toEqual([{ exitCode, error: error.message }]);
    expect(tools.store.steps).toEqual(['locked', 'journal closed', 'unlocked']);
  });

  it('journals the exit code that the value stands for', async () => {
    const tools = fakeToolbox();
    const exitCodeOf = (verdict: string): number => (verdict === 'fail' ? 6 : 0);
    await withRun(tools, REQUEST, () => Promise.resolve('fail'), undefined, exitCodeOf);
    expect(tools.events.of('run.finished')).toEqual([{ exitCode: 6, error: null }]);
  });

  it('writes nothing while another one holds the lock', async () => {
    const tools = fakeToolbox();
    await using _lock = await tools.store.lock('deploy');
    await expect(withRun(tools, REQUEST, () => Promise.resolve(1))).rejects.toMatchObject({ code: 'KMK_LOCKED' });
    expect(tools.store.journals.size).toBe(0);
  });

  it('journals what clients do beside the one who holds the lock', async () => {
    const tools = fakeToolbox();
    await using _lock = await tools.store.lock('failover');
    await withRun(tools, { ...REQUEST, shared: true }, () => Promise.resolve(1));
    expect(tools.store.journals.get(RUN_ID)?.of('run.finished')).toEqual([{ exitCode: 0, error: null }]);
    expect(tools.store.steps).toEqual(['locked', 'journal closed']);
  });
});
