import { abortError } from '../../domain/errors.ts';
import type { Clock } from '../ports/clock.ts';

/** Why reading ended. */
export type ReadEnd = 'enough' | 'ends' | 'timeout';

/**
 * Ends a reading: after a number of records, when told that the ends are reached, or when time is up. The time is for
 * all records together where their number is known, else for the next one.
 */
export class ReadWindow {
  readonly #controller = new AbortController();
  readonly #clock: Clock;
  readonly #messages: number | null;
  #end: ReadEnd | null = null;
  #lastAt: number;
  count = 0;

  constructor(clock: Clock, messages: number | null) {
    this.#clock = clock;
    this.#messages = messages;
    this.#lastAt = clock.now();
  }

  /** Aborts when the reading is over. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** null while it goes on, or when it ended for another reason. */
  get end(): ReadEnd | null {
    return this.#end;
  }

  /** Counts a record; the last one wanted ends the reading. */
  counted(): void {
    this.count += 1;
    this.#lastAt = this.#clock.now();
    if (this.count === this.#messages) this.close('enough');
  }

  close(end: ReadEnd): void {
    this.#end ??= end;
    this.#controller.abort();
  }

  /** Closes the window when time is up; returns when the window is closed or the signal aborts. */
  async watch(timeoutMs: number, signal: AbortSignal): Promise<void> {
    const startedAt = this.#clock.now();
    const either = AbortSignal.any([signal, this.signal]);
    while (!either.aborted) {
      const since = this.#messages === null ? this.#lastAt : startedAt;
      const leftMs = since + timeoutMs - this.#clock.now();
      if (leftMs <= 0) {
        this.close('timeout');
        return;
      }
      await this.#clock.sleep(leftMs, either).catch((error: unknown) => {
        if (!either.aborted) throw error;
      });
    }
    if (signal.aborted && this.#end === null) this.#controller.abort(abortError(signal));
  }
}
