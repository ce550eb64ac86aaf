import type { EventSink } from '../app/ports/event-sink.ts';
import type { App } from '../composition/app.ts';
import { openApp } from '../composition/app.ts';
import { kmkVersion } from '../composition/version.ts';
import type { LoadedConfig } from '../config/index.ts';
import { loadConfig, readConfig } from '../config/index.ts';
import { stateDirOf } from '../config/state-dir.ts';
import type { Lab } from '../app/lab/lab.ts';
import type { Run } from '../app/run.ts';
import { abortError } from '../domain/errors.ts';
import type { EventData, EventLevel, EventName } from '../domain/events.ts';
import { EVENT_LEVELS } from '../domain/events.ts';

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
  readonly env?: NodeJS.ProcessEnv;
  /** Ends the call as Ctrl-C ends a command: the step under way is finished or undone, then the call rejects. */
  readonly signal?: AbortSignal;
  /** Called for every event. What it throws is ignored. */
  readonly onEvent?: (progress: Progress) => void;
}

export interface Session {
  readonly app: App;
  readonly signal: AbortSignal;
}

/** Opens kmk for one call, and closes every connection when the work is over. Nobody is asked: who calls has decided. */
export async function withKmk<T>(
  options: KmkOptions,
  command: string,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const { cwd = process.cwd(), env = process.env, signal = new AbortController().signal } = options;
  if (signal.aborted) throw abortError(signal);
  const events = sinkOf(options.onEvent);
  const { setup, file, warnings } = await configOf(options.config, cwd, env);
  for (const text of warnings) events.emit('warning', { text });
  const app = openApp({
    setup,
    stateDir: stateDirOf({ option: options.stateDir ?? env['KMK_STATE_DIR'], configFile: file, cwd }),
    kmkVersion: kmkVersion(),
    env,
    events,
    confirm: { confirm: () => Promise.resolve() },
    command,
    argv: [],
  });
  try {
    return await work({ app, signal });
  } finally {
    await app.close();
  }
}

/** Work on a deployed lab that changes nothing. Throws KMK_NOT_DEPLOYED. */
export function withLab<T>(
  options: KmkOptions,
  command: string,
  work: (lab: Lab, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return withKmk(options, command, async ({ app, signal }) => work(await app.requireLab(), signal));
}

/** Work on a deployed lab that changes something: locked and journaled. Throws KMK_NOT_DEPLOYED, KMK_LOCKED. */
export function changeLab<T>(
  options: KmkOptions,
  command: string,
  work: (lab: Lab, signal: AbortSignal, run: Run) => Promise<T>,
  run: { readonly report?: boolean } = {},
): Promise<T> {
  return withKmk(options, command, async ({ app, signal }) => {
    // Before there is a run: what cannot be tried leaves no journal.
    await app.requireLab();
    return app.run(async (of) => work(await app.requireLab(of.tools), signal, of), run);
  });
}

function configOf(config: KmkOptions['config'], cwd: string, env: NodeJS.ProcessEnv): Promise<LoadedConfig> {
  if (config === undefined || typeof config === 'string') {
    return loadConfig({ file: config ?? env['KMK_CONFIG'], cwd, env });
  }
  // JSON is YAML: one reader for both.
  return Promise.resolve({ ...readConfig(JSON.stringify(config, null, 2), { name: 'config', env }), file: null });
}

function sinkOf(onEvent: KmkOptions['onEvent']): EventSink {
  return {
    emit: (event, data, level = EVENT_LEVELS[event]) => {
      try {
        onEvent?.({ event, data, level } as Progress);
      } catch {
        // A listener is no part of the work.
      }
    },
  };
}
