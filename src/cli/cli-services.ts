import type { Confirmer, EventSink } from '../app/ports/event-sink.ts';
import type { Setup } from '../domain/setup.ts';

/** One setting and where its value came from. */
export interface EffectiveValue {
  /** `replication.flows[0].source` */
  readonly path: string;
  readonly value: unknown;
  readonly origin: string;
}

export interface ConfigRequest {
  /** What `--config` or KMK_CONFIG named; undefined: search upwards. */
  readonly file: string | undefined;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Settings given on the command line that stand above the file. */
  readonly flags: { readonly name?: string; readonly runtime?: string };
}

export interface LoadedConfig {
  readonly setup: Setup;
  /** Absolute path; null for the built-in lab config. */
  readonly file: string | null;
  readonly effective: readonly EffectiveValue[];
  readonly warnings: readonly string[];
}

export interface AppRequest {
  readonly config: LoadedConfig;
  /** Absolute path of the state directory. */
  readonly stateDir: string;
  readonly events: EventSink;
  readonly confirm: Confirmer;
  readonly signal: AbortSignal;
  /** `--timeout`, in milliseconds; undefined: the use case's own default. */
  readonly timeoutMs: number | undefined;
  /** The command's name and arguments, for the run journal. */
  readonly command: string;
  readonly argv: readonly string[];
}

/** What the composed application must offer to the framework; commands see its full type. */
export interface AppLike {
  /** Throws KMK_NOT_DEPLOYED when nothing is deployed. */
  requireLab?(signal: AbortSignal): Promise<unknown>;
  /** Lets go of everything it opened. */
  close?(): Promise<void>;
}

/**
 * What the command line needs from the rest of kmk. Both functions import what they need when they are called, so
 * that `--help` stays quick.
 */
export interface CliServices {
  loadConfig(request: ConfigRequest): Promise<LoadedConfig>;
  app(request: AppRequest): Promise<App>;
}

/** The composed application as commands see it. */
export type App = AppLike;
