import { getEventListeners } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { abortable } from '../../../src/kafka/client/abortable.ts';

describe('abortable', () => {
  it('lets one signal stand for many requests without a warning, and leaves no listener behind', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on('warning', onWarning);
    onTestFinished(() => void process.off('warning', onWarning));
    const { signal } = new AbortController();
    const answers = Array.from({ length: 40 }, (_, index) =>
      abortable(new Promise((resolve) => setImmediate(() => resolve(index))), signal),
    );
    expect(getEventListeners(signal, 'abort')).toHaveLength(40);
    expect(await Promise.all(answers)).toHaveLength(40);
    // Warnings are emitted in a later turn.
    await new Promise((resolve) => setImmediate(resolve));
    expect(warnings).toEqual([]);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('rejects with the reason of the signal, before and during the wait', async () => {
    const stop = new AbortController();
    const waiting = abortable(new Promise(() => undefined), stop.signal);
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'KMK_INTERRUPTED' });
    await expect(abortable(Promise.resolve(1), stop.signal)).rejects.toMatchObject({ code: 'KMK_INTERRUPTED' });
  });
});
