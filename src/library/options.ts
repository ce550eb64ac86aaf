import type { EventData, EventLevel, EventName } from '../domain/events.ts';

/** Something kmk says while it works; docs/EVENTS.md lists names and data. */
export type Progress = {
  [N in EventName]: { readonly event: N; readonly data: EventData[N]; readonly level: EventLevel };
}[EventName];

/** Which setup a call is about, and how it is followed and ended. */
export interface KmkOptions {
  /** Path of a kmk.yaml, or its content. Default: the nearest kmk.yaml at or above `cwd`, else the built-in lab. */
  readonly config?: string | Readonly<Record<string, unknown>>;
  /** Default: `.kmk` beside the file, else in `cwd`. */
  readonly stateDir?: string;
  /** Default: the process's. */
  readonly cwd?: string;
  /** Variables: KMK_*, and what programs like Java and Maven read. Default: the process's. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Ends the call as Ctrl-C ends a command: the step under way is finished or undone, then the call rejects. */
  readonly signal?: AbortSignal;
  /** Called for every event. What it throws is ignored. */
  readonly onEvent?: (progress: Progress) => void;
}
