import type { Clock } from '../../src/app/ports/clock.ts';
import { abortError } from '../../src/domain/errors.ts';

/** A clock that only moves when somebody sleeps: waiting takes no time. */
export class ManualClock implements Clock {
  readonly slept: number[] = [];
  #now: number;

  constructor(now = Date.UTC(2026, 0, 2, 3, 4, 5)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  advance(ms: number): void {
    this.#now += ms;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.reject(abortError(signal));
    this.slept.push(ms);
    this.advance(ms);
    return Promise.resolve();
  }
}
