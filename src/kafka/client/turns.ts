import { abortable } from './abortable.ts';

/** Lets work on the same thing in one after the other, in the order in which it came. */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();

  /** Waits for its turn, then works. Rejects with the signal's KmkError where it aborts while waiting. */
  async take<T>(thing: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(thing) ?? Promise.resolve();
    let end = (): void => undefined;
    const mine = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.#last.set(
      thing,
      before.then(() => mine),
    );
    try {
      await abortable(before, signal);
      return await work();
    } finally {
      end();
    }
  }
}
