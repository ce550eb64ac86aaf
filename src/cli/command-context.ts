import type { Confirmer, EventSink } from '../app/ports/event-sink.ts';
import type { App, LoadedConfig } from './cli-services.ts';
import type { GlobalOptions, OutputFormat } from './global-options.ts';
import type { Paint } from './paint.ts';
import type { CliIo, TextOut } from './streams.ts';

/** Everything a handler may use of its surroundings. */
export interface CommandContext {
  readonly globals: GlobalOptions;
  readonly output: OutputFormat;
  readonly io: CliIo;
  readonly env: CliIo['env'];
  readonly cwd: string;
  /** True when a person can be asked. */
  readonly interactive: boolean;
  /** Aborts with a KmkError on Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
  /** Progress for people, on stderr. */
  readonly events: EventSink;
  readonly confirm: Confirmer;
  /** Colours for stdout; plain where colours are not wanted. */
  readonly paint: Paint;
  /** For commands that print as they go; results belong into CommandResult. */
  readonly stdout: TextOut;
  /** `--timeout` in milliseconds, else the command's own default. */
  timeoutMs(fallbackMs: number): number;
  /** The config, read once. Throws KMK_CONFIG_*. */
  loadConfig(): Promise<LoadedConfig>;
  /** Absolute path of the state directory. */
  stateDir(): Promise<string>;
  /** The composed application, built once and closed by the framework. */
  app(): Promise<App>;
}
