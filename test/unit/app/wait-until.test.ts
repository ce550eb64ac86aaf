import { describe, expect, it } from 'vitest';
import type { Probe } from '../../../src/app/wait-until.ts';
import { done, pending, waitUntil } from '../../../src/app/wait-until.ts';
import { KmkError } from '../../../src/domain/errors.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';

const NEVER = new AbortController().signal;

/** Waits for probes that answer one after the other; the last one goes on answering. */
function wait(
  clock: ManualClock,
  answers: readonly (() => Probe<string>)[],
  signal = NEVER,
  limits: { readonly failingMs?: number } = {},
) {
  let turn = 0;
  const probe = (): Promise<Probe<string>> =>
    new Promise((resolve) => resolve(answers[Math.min(turn++, answers.length - 1)]!()));
  return waitUntil(clock, { what: 'broker 1 to answer', timeoutMs: 1000, intervalMs: 100, ...limits, probe }, signal);
}

const unreachable = (): never => {
  throw new KmkError('KMK_KAFKA_UNREACHABLE', 'no broker of "dr" answers');
};

describe('waitUntil', () => {
  it('gives the value as soon as the probe is done', async () => {
    const clock = new ManualClock();
    await expect(wait(clock, [() => pending('2 of 3'), () => done('ready')])).resolves.toBe('ready');
    expect(clock.slept).toEqual([100]);
  });

  it('does not sleep for a condition that holds', async () => {
    const clock = new ManualClock();
    await wait(clock, [() => done('at once')]);
    expect(clock.slept).toEqual([]);
  });

  it('takes a dependency that fails for "not yet"', async () => {
    await expect(wait(new ManualClock(), [unreachable, () => done('ready')])).resolves.toBe('ready');
  });

  it('times out with what it waited for and what it saw last', async () => {
    const clock = new ManualClock();
    await expect(wait(clock, [() => pending('1 of 3'), () => pending('2 of 3')])).rejects.toMatchObject({
      code: 'KMK_WAIT_TIMEOUT',
      message: 'waited 1000 ms for broker 1 to answer, last seen: 2 of 3',
    });
    expect(clock.slept).toHaveLength(10);
    await expect(wait(clock, [unreachable])).rejects.toThrow('last seen: no broker of "dr" answers');
  });

  it('gives up earlier on who has not answered for so long', async () => {
    const clock = new ManualClock();
    const slow = (): Probe<never> => pending('1 of 3');
    const limits = { failingMs: 300 };
    await expect(wait(clock, [unreachable], NEVER, limits)).rejects.toThrow(/^waited 300 ms .*no broker of "dr"/);
    expect(clock.slept).toHaveLength(3);
    await expect(wait(clock, [unreachable, slow], NEVER, limits)).rejects.toThrow(/^waited 1000 ms/);
    await expect(wait(clock, [unreachable, unreachable, () => done('ready')], NEVER, limits)).resolves.toBe('ready');
  });

  it.each([
    new KmkError('KMK_SERVICE_EXITED', 'broker 1 exited'),
    new KmkError('KMK_WRONG_STATE', 'no'),
    new TypeError('a bug'),
  ])('ends at once with $message', async (error) => {
    const clock = new ManualClock();
    const fail = (): never => {
      throw error;
    };
    await expect(wait(clock, [fail])).rejects.toBe(error);
    expect(clock.slept).toEqual([]);
  });

  it("ends with the signal's error", async () => {
    const aborted = AbortSignal.abort(new KmkError('KMK_TERMINATED', 'terminated'));
    await expect(wait(new ManualClock(), [() => pending('nothing')], aborted)).rejects.toMatchObject({
      code: 'KMK_TERMINATED',
    });
  });
});
