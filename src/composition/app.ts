import type { Confirmer, EventSink } from '../app/ports/event-sink.ts';
import type { OpenTools, Toolbox } from '../app/ports/toolbox.ts';
import type { Run } from '../app/run.ts';
import { withRun } from '../app/run.ts';
import type { Lab } from '../app/lab/lab.ts';
import { openLab } from '../app/lab/lab.ts';
import type { Guard } from '../app/state/guard.ts';
import { guardChange } from '../app/state/guard.ts';
import type { Setup } from '../domain/setup.ts';
import { writeHtmlReport } from './reports.ts';
import { openToolbox } from './toolbox.ts';

export interface AppOptions {
  readonly setup: Setup;
  /** Absolute path of the state directory. */
  readonly stateDir: string;
  readonly kmkVersion: string;
  readonly env: NodeJS.ProcessEnv;
  readonly events: EventSink;
  readonly confirm: Confirmer;
  /** The command and its arguments, as the run journal records them. */
  readonly command: string;
  readonly argv: readonly string[];
}

export interface RunOptions<T> {
  /** Build report.html from the journal when the run is over, also when it failed. */
  readonly report?: boolean;
  /** The exit code that the value stands for; default 0. The journal ends with it. */
  readonly exitCodeOf?: (value: T) => number;
  /** Journaled without the lock: see RunRequest. */
  readonly shared?: boolean;
  /** Goes on with that run instead of starting one. */
  readonly resume?: string;
  /** What is checked on the clusters first; default "lease", "epoch" where it is shared. */
  readonly guard?: Guard;
}

/** kmk for one setup and one state directory: what commands and the library call use cases with. */
export interface App {
  readonly setup: Setup;
  readonly tools: Toolbox;
  /** The deployed lab, its events going where `using` sends them. Throws KMK_NOT_DEPLOYED. */
  requireLab(using?: Toolbox): Promise<Lab>;
  /** Work that changes something: locked and journaled. */
  run<T>(work: (run: Run) => Promise<T>, options?: RunOptions<T>): Promise<T>;
  /** The ports for another state directory: labs that drills bring along. The caller disposes it. */
  readonly openTools: OpenTools;
  close(): Promise<void>;
}

/** Looking at the clusters takes milliseconds; those that do not answer are left out long before. */
const GUARD_LIMIT_MS = 30_000;

/** Deploy and destroy go by who owns the lab, and must also work on what is broken. */
function guardOf(command: string, shared: boolean): Guard {
  if (command === 'deploy' || command === 'destroy') return 'none';
  return shared ? 'epoch' : 'lease';
}

/** Opens the application. Nothing is read, locked or connected before it is needed. */
export function openApp(options: AppOptions): App {
  const tools = openToolbox(options);
  return {
    setup: options.setup,
    tools,
    requireLab: (using = tools) => openLab(using),
    run: (
      work,
      { report = false, exitCodeOf, shared = false, resume, guard = guardOf(options.command, shared) } = {},
    ) => {
      const request = {
        ...{ command: options.command, args: options.argv, project: options.setup.name, shared },
        ...(resume === undefined ? {} : { resume }),
      };
      const afterwards = report ? (runId: string) => writeHtmlReport(tools, runId) : undefined;
      const guarded = async (run: Run) => {
        await guardChange(run.tools, guard, AbortSignal.timeout(GUARD_LIMIT_MS));
        return work(run);
      };
      return withRun(tools, request, guarded, afterwards, exitCodeOf);
    },
    openTools: (stateDir, events) => openToolbox({ ...options, stateDir, events }),
    close: async () => tools[Symbol.asyncDispose](),
  };
}
