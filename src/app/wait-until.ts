import { KmkError } from '../domain/errors.ts';
import type { Clock } from './ports/clock.ts';

/** What a probe saw: done with a value, or pending with an observation that the timeout's error repeats. */
export type Probe<T> = { readonly done: true; readonly value: T } | { readonly done: false; readonly seen: string };

export interface Wait<T> {
  /** Noun phrase: `broker 1 of "dr" to answer`. */
  readonly what: string;
  readonly timeoutMs: number;
  /** Give up this long after the last probe that found an answer: nobody answers any more. Default never. */
  readonly failingMs?: number;
  /** Default 50 ms. */
  readonly intervalMs?: number;
  /** Errors of kind dependency are taken as "not yet"; any other ends the wait. */
  readonly probe: (signal: AbortSignal) => Promise<Probe<T>>;
}

export const done = <T>(value: T): Probe<T> => ({ done: true, value });
export const pending = (seen: string): Probe<never> => ({ done: false, seen });

/** Probes until the condition holds. Throws KMK_WAIT_TIMEOUT with the last observation, or the signal's error. */
export async function waitUntil<T>(clock: Clock, wait: Wait<T>, signal: AbortSignal): Promise<T> {
  const { timeoutMs, failingMs = Infinity } = wait;
  const deadline = clock.now() + timeoutMs;
  let seen = 'nothing yet';
  let answeredAt = clock.now();
  for (;;) {
    try {
      const probe = await wait.probe(signal);
      if (probe.done) return probe.value;
      seen = probe.seen;
      answeredAt = clock.now();
    } catch (error) {
      if (!KmkError.is(error) || error.kind !== 'dependency' || error.code === 'KMK_SERVICE_EXITED') throw error;
      seen = error.message;
    }
    const now = clock.now();
    if (now >= deadline || now - answeredAt >= failingMs) {
      const limitMs = now >= deadline ? timeoutMs : failingMs;
      throw new KmkError('KMK_WAIT_TIMEOUT', `waited ${limitMs} ms for ${wait.what}, last seen: ${seen}`, {
        hints: ['Run `kmk status` to see the services and `kmk logs SERVICE` to see what one of them says.'],
        context: { what: wait.what, timeoutMs: limitMs },
      });
    }
    await clock.sleep(wait.intervalMs ?? 50, signal);
  }
}
