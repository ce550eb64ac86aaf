import { describe, expect, it } from 'vitest';
import { Turns } from '../../../src/kafka/client/turns.ts';

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Work that ends when it is told to. */
function work() {
  let [begun, end] = [false, (): void => undefined];
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const run = async (): Promise<void> => {
    begun = true;
    await ended;
  };
  return { run, end, begun: () => begun };
}

describe('Turns', () => {
  it('lets the next one in when the one before is over, whatever became of it; other things need not wait', async () => {
    const turns = new Turns();
    const [first, second, other] = [work(), work(), work()];
    const failing = turns.take('a', undefined, async () => {
      await first.run();
      throw new Error('refused');
    });
    const waiting = turns.take('a', undefined, second.run);
    const aside = turns.take('b', undefined, other.run);
    await tick();
    expect([first.begun(), second.begun(), other.begun()]).toEqual([true, false, true]);
    first.end();
    await expect(failing).rejects.toThrow('refused');
    await tick();
    expect(second.begun()).toBe(true);
    second.end();
    other.end();
    await Promise.all([waiting, aside]);
  });

  it('does not keep somebody who gives up, nor those behind him from coming after who is at work', async () => {
    const turns = new Turns();
    const [first, given, third] = [work(), work(), work()];
    const giveUp = new AbortController();
    const working = turns.take('a', undefined, first.run);
    const waiting = turns.take('a', giveUp.signal, given.run);
    const behind = turns.take('a', undefined, third.run);
    giveUp.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'KMK_INTERRUPTED' });
    await tick();
    expect([given.begun(), third.begun()]).toEqual([false, false]);
    first.end();
    await working;
    await tick();
    expect(third.begun()).toBe(true);
    third.end();
    await behind;
  });
});
