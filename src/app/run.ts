import { EXIT_CODES, KmkError } from '../domain/errors.ts';
import type { Toolbox } from './ports/toolbox.ts';

export interface RunRequest {
  /** The command's name, as in `run.started`. */
  readonly command: string;
  readonly args: readonly string[];
  readonly project: string;
  /** Beside whatever else goes on: journaled, but without the lock. For clients, which must work during a move. */
  readonly shared?: boolean;
  /** Goes on with that run, in its journal. */
  readonly resume?: string;
}

export interface Run {
  readonly runId: string;
  /** The toolbox whose events go into this run's journal first. */
  readonly tools: Toolbox;
  /** Path of the journal, for people. */
  readonly journal: string;
  /** Path of the report that is built from it when the run is over. */
  readonly report: string;
  /** Awaited before each phase of a move starts: where clients are told to get out of the way. */
  readonly beforePhase?: (id: string) => Promise<void>;
}

/**
 * Does something that changes the world: under the state directory's lock, with a journal from its first event to its
 * last, also when it fails. `afterwards` runs when the journal is complete.
 */
export async function withRun<T>(
  tools: Toolbox,
  request: RunRequest,
  work: (run: Run) => Promise<T>,
  afterwards: (runId: string) => Promise<void> = () => Promise.resolve(),
  exitCodeOf: (value: T) => number = () => 0,
): Promise<T> {
  await using _lock = request.shared === true ? UNLOCKED : await tools.store.lock(request.command);
  const runId = request.resume ?? newRunId(tools, request.command);
  const journal = tools.store.openJournal(runId, tools.events);
  journal.emit('run.started', {
    command: request.command,
    project: request.project,
    kmkVersion: tools.kmkVersion,
    args: request.args,
  });
  try {
    const paths = { journal: tools.store.journalPath(runId), report: tools.store.reportPath(runId) };
    const value = await work({ runId, tools: { ...tools, events: journal }, ...paths });
    journal.emit('run.finished', { exitCode: exitCodeOf(value), error: null });
    return value;
  } catch (error) {
    const exitCode = EXIT_CODES[KmkError.is(error) ? error.kind : 'internal'];
    journal.emit('run.finished', { exitCode, error: error instanceof Error ? error.message : String(error) });
    throw error;
  } finally {
    journal.close();
    await afterwards(runId);
  }
}

const UNLOCKED: AsyncDisposable = { [Symbol.asyncDispose]: () => Promise.resolve() };

/** Sorts by time: `20261121-093000-failover-x7f3`. */
function newRunId(tools: Toolbox, command: string): string {
  const at = new Date(tools.clock.now()).toISOString().replace(/[-:]/g, '').slice(0, 15).replace('T', '-');
  return `${at}-${command.replaceAll(' ', '-')}-${tools.random.id(4)}`;
}
