import { abortError, KmkError } from '../domain/errors.ts';
import { formatDuration } from '../util/duration.ts';
import { stateDirOf } from '../config/state-dir.ts';
import type { App, CliServices, LoadedConfig } from './cli-services.ts';
import type { CommandContext } from './command-context.ts';
import type { ArgumentSpecs, CommandDefinition, CommandInput, CommandResult, OptionSpecs } from './define-command.ts';
import type { GlobalOptions } from './global-options.ts';
import { createPaint, mayColour } from './paint.ts';
import { createConfirmer, notConfirmed } from './prompts.ts';
import type { RunSignals } from './signals.ts';
import type { ProgressSink } from './sinks/sink.ts';
import { isInteractive, type CliIo, type TextOut } from './streams.ts';

type Input = CommandInput<OptionSpecs, ArgumentSpecs>;

export interface CommandRun {
  readonly definition: CommandDefinition;
  readonly input: Input;
  readonly globals: GlobalOptions;
  readonly argv: readonly string[];
  readonly io: CliIo;
  readonly stdout: TextOut;
  readonly services: CliServices;
  readonly signals: RunSignals;
  readonly sink: ProgressSink;
}

/**
 * Runs one command in the documented order of checks: usage is checked by now, then config (3), off a terminal a
 * missing --yes (7), the environment and the rest by the handler. Closes the application whatever happens.
 */
export async function runCommand(run: CommandRun): Promise<CommandResult> {
  const { definition, globals, io } = run;
  using limit = timeLimit(run);
  const config = once(() => loadConfig(run));
  const app = once(() => openApp(run, context));
  const context: CommandContext = {
    globals,
    output: globals.output,
    io,
    env: io.env,
    cwd: io.cwd,
    interactive: isInteractive(io),
    signal: limit.signal,
    events: run.sink,
    confirm: createConfirmer({
      io,
      interactive: isInteractive(io),
      yes: globals.yes,
      signal: limit.signal,
      pause: () => run.sink.pause(),
      resume: () => run.sink.resume(),
      color: globals.color,
    }),
    paint: await createPaint(globals.output === 'human' && mayColour(io.stdout, io.env, globals.color)),
    stdout: run.stdout,
    timeoutMs: (fallbackMs) => globals.timeout ?? fallbackMs,
    loadConfig: config.get,
    stateDir: async () => stateDirOf({ option: globals.stateDir, configFile: (await config.get()).file, cwd: io.cwd }),
    app: app.get,
  };
  try {
    if (definition.needs !== 'nothing') await config.get();
    await refuseUnasked(run, context);
    if (definition.needs === 'lab') await (await app.get()).requireLab();
    const { run: handler } = await definition.handler();
    if (limit.signal.aborted) throw abortError(limit.signal);
    return await handler(run.input, context);
  } finally {
    await (await app.opened())?.close();
  }
}

/** Ctrl-C, and `--timeout` of the whole command where it is not of what the command waits for. */
function timeLimit({
  definition,
  globals: { timeout },
  signals,
}: CommandRun): Disposable & { readonly signal: AbortSignal } {
  if (timeout === undefined || definition.waits === true) {
    return { signal: signals.signal, [Symbol.dispose]: () => undefined };
  }
  const late = new AbortController();
  const message = `\`kmk ${definition.name}\` took longer than ${formatDuration(timeout)}`;
  const hints = ['Run `kmk status` to see where things stand, or give it more time with `--timeout`.'];
  const timer = setTimeout(() => late.abort(new KmkError('KMK_WAIT_TIMEOUT', message, { hints })), timeout);
  return {
    signal: AbortSignal.any([signals.signal, late.signal]),
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}

async function loadConfig(run: CommandRun): Promise<LoadedConfig> {
  const { definition, globals, io, input } = run;
  const loaded = await run.services.loadConfig({
    file: globals.config,
    cwd: io.cwd,
    env: io.env,
    flags: { name: globals.project, ...definition.configFlags?.(input) },
  });
  for (const text of loaded.warnings) run.sink.emit('warning', { text });
  return loaded;
}

async function openApp(run: CommandRun, context: CommandContext): Promise<App> {
  return run.services.app({
    config: await context.loadConfig(),
    stateDir: await context.stateDir(),
    events: context.events,
    confirm: context.confirm,
    env: run.io.env,
    command: run.definition.name,
    argv: run.argv,
  });
}

/** Off a terminal, a command that asks is refused before anything of the environment is looked at. */
async function refuseUnasked(run: CommandRun, context: CommandContext): Promise<void> {
  if (run.globals.yes || context.interactive) return;
  if (await mustAsk(run, context)) throw notConfirmed(`\`kmk ${run.definition.name}\``, 'dryRun' in run.input.options);
}

async function mustAsk(run: CommandRun, context: CommandContext): Promise<boolean> {
  const { asks, needs } = run.definition;
  const { options } = run.input;
  if (asks === undefined || options['dryRun'] === true || options['planOut'] !== undefined) return false;
  if (typeof asks === 'boolean') return asks;
  return asks({ ...run.input, setup: needs === 'nothing' ? null : (await context.loadConfig()).setup });
}

/** A value made at the first call and shared by later ones. */
function once<T>(make: () => Promise<T>): {
  readonly get: () => Promise<T>;
  readonly opened: () => Promise<T | undefined>;
} {
  let made: Promise<T> | undefined;
  return {
    get: () => (made ??= make()),
    opened: async () => (made === undefined ? undefined : made.catch(() => undefined)),
  };
}
