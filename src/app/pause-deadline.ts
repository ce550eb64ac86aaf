import { KmkError } from '../domain/errors.ts';
import type { Clock } from './ports/clock.ts';

/** How long a planned move may keep clients out. */
export interface PauseLimit {
  /** Id of the step that refuses clients' writes, and of the one that lets them write again. */
  readonly from: string;
  readonly until: string;
  readonly ms: number;
}

/** Counts from the moment in which clients are refused. */
export interface PauseDeadline {
  /** Aborts with KMK_WAIT_TIMEOUT when it has passed. */
  readonly signal: AbortSignal;
  begin(): void;
  /** Nothing is aborted any more. */
  end(): void;
}

/** A deadline that has not begun; without a limit it never passes. */
export function pauseDeadline(clock: Pick<Clock, 'sleep'>, limit: PauseLimit | undefined): PauseDeadline {
  const [passed, ended] = [new AbortController(), new AbortController()];
  let begun = false;
  return {
    signal: passed.signal,
    begin: () => {
      if (limit === undefined || begun) return;
      begun = true;
      clock.sleep(limit.ms, ended.signal).then(
        () => passed.abort(tooLong(limit)),
        () => undefined,
      );
    },
    end: () => ended.abort(),
  };
}

function tooLong({ from, until, ms }: PauseLimit): KmkError {
  const text = `clients were refused for ${ms / 1000} s and "${until}" had not begun: the deadline of the move has passed`;
  return new KmkError('KMK_WAIT_TIMEOUT', text, {
    hints: ['See in the journal of the run what took long, or allow more with `kmk switchover --deadline DURATION`.'],
    context: { step: from, timeoutMs: ms },
  });
}
