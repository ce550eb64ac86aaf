import { describe, expect, it } from 'vitest';
import { allOrAbort } from '../../../src/app/all-or-abort.ts';

const NEVER = new AbortController().signal;

/** Ends when its signal does. */
const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));

describe('allOrAbort', () => {
  it('runs everything', async () => {
    const done: string[] = [];
    await allOrAbort(NEVER, [() => Promise.resolve(done.push('a')), () => Promise.resolve(done.push('b'))]);
    expect(done).toEqual(['a', 'b']);
  });

  it('aborts the others at the first failure, waits for them and throws that failure', async () => {
    const ended: string[] = [];
    const other = (signal: AbortSignal) => untilAborted(signal).finally(() => ended.push('other'));
    const failing = () => Promise.reject(new Error('first'));
    await expect(allOrAbort(NEVER, [other, failing])).rejects.toThrow('first');
    expect(ended).toEqual(['other']);
  });

  it("passes the caller's abort on", async () => {
    const caller = new AbortController();
    const running = allOrAbort(caller.signal, [untilAborted]);
    caller.abort();
    await expect(running).rejects.toThrow('aborted');
  });
});
