import { KmkError } from '../domain/errors.ts';
import type { CliServices } from './cli-services.ts';
import { COMMANDS } from './command-list.ts';
import { defaultServices } from './default-services.ts';
import type { CommandDefinition, CommandResult } from './define-command.ts';
import { bugError, diskError, stackOf } from './foreign-error.ts';
import type { GlobalOptions, OutputFormat } from './global-options.ts';
import { createPaint, mayColour } from './paint.ts';
import { parseCommandLine, type ParsedCall } from './program.ts';
import { errorDocument, errorText, exitCodeOf } from './render-error.ts';
import { requestedFormat, requestedVerbose } from './requested-format.ts';
import { resolveGlobals, resolveInput } from './resolve-input.ts';
import { runCommand } from './run-command.ts';
import { serialise } from './serialise.ts';
import { listenForSignals } from './signals.ts';
import { createProgressSink } from './sinks/create-progress-sink.ts';
import { stateDirOf } from '../config/state-dir.ts';
import { createTextOut, flushed, isInteractive, type CliIo, type TextOut } from './streams.ts';

/** How long leaked handles may keep the process after everything was written. */
const LINGER_MS = 1000;

/** What a run may replace: tests give their own commands and services. */
export interface MainParts {
  readonly commands: readonly CommandDefinition[];
  readonly services: CliServices;
}

/** The process entry: the only place that sets the exit code. */
export async function main(argv: readonly string[] = process.argv.slice(2)): Promise<void> {
  const io: CliIo = {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    signals: process,
    exit: (code) => process.exit(code),
  };
  // A reader that went away is no reason to crash, also after the run has stopped listening.
  for (const stream of [io.stdout, io.stderr]) stream.on('error', () => undefined);
  process.on('uncaughtException', (error) => void dieOf(error, argv, io));
  const exitCode = await runMain(argv, io);
  await Promise.all([flushed(io.stdout), flushed(io.stderr)]);
  process.exitCode = exitCode;
  setTimeout(() => process.exit(exitCode), LINGER_MS).unref();
}

/** One whole run against the given streams: the exit code. Never throws. */
export async function runMain(
  argv: readonly string[],
  io: CliIo,
  parts: MainParts = { commands: COMMANDS, services: defaultServices },
): Promise<number> {
  const stdout = createTextOut(io.stdout);
  const format = requestedFormat(argv, io.env);
  let globals: GlobalOptions | undefined;
  try {
    const parsed = parseCommandLine(parts.commands, argv, io.stdout.columns);
    if (parsed.kind === 'text') {
      if (parsed.bare && isInteractive(io)) return await openMenu(io, parts);
      await stdout.write(parsed.text);
      return 0;
    }
    globals = resolveGlobals(parsed.globals, io.env, parsed.definition);
    return await runCall(parsed, globals, { argv, io, stdout, parts });
  } catch (error) {
    return await report(error, { argv, io, stdout, format, globals });
  } finally {
    await flushed(io.stdout);
    stdout.release();
  }
}

/** Something failed outside of every await: nothing can be cleaned up any more, but it is told the usual way. */
async function dieOf(error: unknown, argv: readonly string[], io: CliIo): Promise<void> {
  const format = requestedFormat(argv, io.env);
  const exitCode = await report(error, { argv, io, stdout: createTextOut(io.stdout), format, globals: undefined });
  await Promise.all([flushed(io.stdout), flushed(io.stderr)]);
  process.exit(exitCode);
}

interface Surroundings {
  readonly argv: readonly string[];
  readonly io: CliIo;
  readonly stdout: TextOut;
  readonly parts: MainParts;
}

async function runCall(call: ParsedCall, globals: GlobalOptions, around: Surroundings): Promise<number> {
  const { io, stdout } = around;
  const input = resolveInput(call, io.env);
  const sink = await createProgressSink(io, globals);
  using signals = listenForSignals(io, (text) => sink.emit('note', { text }));
  if (call.definition.streams === true) {
    stdout.closed.addEventListener('abort', () =>
      signals.abort(new KmkError('KMK_INTERRUPTED', 'nobody reads stdout')),
    );
  }
  try {
    const { definition } = call;
    const result = await runCommand({
      ...around,
      definition,
      input,
      globals,
      services: around.parts.services,
      signals,
      sink,
    });
    sink.close();
    return await printResult(result, globals, around);
  } catch (error) {
    if (
      call.definition.streams === true &&
      stdout.closed.aborted &&
      KmkError.is(error) &&
      error.kind === 'interrupted'
    ) {
      return 0;
    }
    throw error;
  } finally {
    sink.close();
  }
}

async function printResult(result: CommandResult, globals: GlobalOptions, around: Surroundings): Promise<number> {
  const { io, stdout } = around;
  if (result.document !== undefined && globals.output !== 'human') {
    await stdout.write(await serialise(result.document, globals.output));
  } else if (result.human !== undefined) {
    const text = typeof result.human === 'string' ? result.human : result.human();
    if (text !== '') await stdout.write(`${text}\n`);
  }
  if (result.error === undefined) return result.exitCode ?? 0;
  const error = knownError(result.error, around.argv, io, globals);
  io.stderr.write(errorText(error, await stderrPaint(io, globals.color)));
  return result.exitCode ?? exitCodeOf(error);
}

interface Failure {
  readonly argv: readonly string[];
  readonly io: CliIo;
  readonly stdout: TextOut;
  readonly format: OutputFormat;
  readonly globals: GlobalOptions | undefined;
}

/** Shows an error in the format that was asked for; its exit code. */
async function report(thrown: unknown, failure: Failure): Promise<number> {
  const { io, stdout, globals } = failure;
  const format = globals?.output ?? failure.format;
  const error = knownError(thrown, failure.argv, io, globals);
  if (format === 'human') io.stderr.write(errorText(error, await stderrPaint(io, globals?.color ?? true)));
  else await stdout.write(await serialise(errorDocument(error), format));
  if (error.kind === 'internal' && (globals?.verbose ?? requestedVerbose(failure.argv))) {
    io.stderr.write(`${stackOf(error.cause ?? error)}\n`);
  }
  return exitCodeOf(error);
}

function knownError(thrown: unknown, argv: readonly string[], io: CliIo, globals: GlobalOptions | undefined): KmkError {
  if (KmkError.is(thrown) && (thrown.code !== 'KMK_BUG' || thrown.context['log'] !== undefined)) return thrown;
  const logDir = stateDirOf({ option: globals?.stateDir, configFile: null, cwd: io.cwd });
  return diskError(thrown) ?? bugError(thrown, argv, logDir, new Date());
}

async function stderrPaint(io: CliIo, color: boolean): ReturnType<typeof createPaint> {
  return createPaint(mayColour(io.stderr, io.env, color));
}

async function openMenu(io: CliIo, parts: MainParts): Promise<number> {
  const { chooseFromMenu } = await import('./menu.ts');
  const chosen = await chooseFromMenu(io, parts.commands);
  return chosen === null ? 0 : await runMain(chosen, io, parts);
}
