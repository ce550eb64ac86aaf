import type { EventSink } from '../app/ports/event-sink.ts';
import type { App } from '../composition/app.ts';
import { openApp } from '../composition/app.ts';
import { kmkVersion } from '../composition/version.ts';
import type { Environment, LoadedConfig } from '../config/index.ts';
import { loadConfig, readConfig } from '../config/index.ts';
import { stateDirOf } from '../config/state-dir.ts';
import type { Lab } from '../app/lab/lab.ts';
import type { Run } from '../app/run.ts';
import { abortError } from '../domain/errors.ts';
import { EVENT_LEVELS } from '../domain/events.ts';
import type { KmkOptions, Progress } from './options.ts';

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
  run: { readonly report?: boolean; readonly shared?: boolean } = {},
): Promise<T> {
  return withKmk(options, command, async ({ app, signal }) => {
    // Before there is a run: what cannot be tried leaves no journal.
    await app.requireLab();
    return app.run(async (of) => work(await app.requireLab(of.tools), signal, of), run);
  });
}

function configOf(config: KmkOptions['config'], cwd: string, env: Environment): Promise<LoadedConfig> {
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
