import type { Confirmer, EventSink } from '../app/ports/event-sink.ts';
import type { App } from '../composition/app.ts';
import type { FlagValues, LoadedConfig } from '../config/index.ts';
import type { CliIo } from './streams.ts';

export type { App } from '../composition/app.ts';
export type { FlagValues, LoadedConfig } from '../config/index.ts';

export interface ConfigRequest {
  /** What `--config` or KMK_CONFIG named; undefined: search upwards. */
  readonly file: string | undefined;
  readonly cwd: string;
  readonly env: CliIo['env'];
  /** Settings given on the command line, which stand above variables and file. */
  readonly flags: FlagValues;
}

export interface AppRequest {
  readonly config: LoadedConfig;
  /** Absolute path of the state directory. */
  readonly stateDir: string;
  readonly env: CliIo['env'];
  readonly events: EventSink;
  readonly confirm: Confirmer;
  /** The command's name and the words it was called with, for the run journal. */
  readonly command: string;
  readonly argv: readonly string[];
}

/**
 * What the command line needs from the rest of kmk. Both functions import what they need when they are called, so
 * that `--help` stays quick.
 */
export interface CliServices {
  /** Throws KMK_CONFIG_*. */
  loadConfig(request: ConfigRequest): Promise<LoadedConfig>;
  app(request: AppRequest): Promise<App>;
}
