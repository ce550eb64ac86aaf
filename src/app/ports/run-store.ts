import type { AnyEvent } from '../../domain/events.ts';
import type { LabRecord } from '../../domain/lab/lab-record.ts';
import type { EventSink } from './event-sink.ts';

export interface RunJournal extends EventSink {
  readonly runId: string;
  close(): void;
}

/** The state directory: lock, lab record, rendered files, runs. Paths it returns are for people to read. */
export interface RunStore {
  readonly stateDir: string;
  /** Takes the state directory's lock. Throws KMK_LOCKED naming the owner while that process lives. */
  lock(command: string): Promise<AsyncDisposable>;

  loadLab(): Promise<LabRecord | null>;
  saveLab(record: LabRecord): Promise<void>;
  removeLab(): Promise<void>;
  /** True while the lab's folder is there, with or without a readable record. */
  hasLabFolder(): Promise<boolean>;
  /** Whether a process that was killed has left its lock. */
  hasStaleLock(): Promise<boolean>;

  /** State directories below this one that hold a lab of their own: of a drill, or of the demo. */
  nestedLabs(): Promise<readonly string[]>;

  /** Starts the journal of a run: each event is on disk before `emit` returns, then goes to `forward`. */
  openJournal(runId: string, forward: EventSink): RunJournal;
  /** Run ids, newest last. */
  listRuns(): Promise<readonly string[]>;
  readJournal(runId: string): Promise<readonly AnyEvent[]>;
  journalPath(runId: string): string;
  reportPath(runId: string): string;
  /** Writes a file of the run (result.json, report.html, ...) and returns its path. */
  saveRunFile(runId: string, name: string, content: string): Promise<string>;
  /** Appends to a file of the run, creating it; for ledgers. */
  appendRunFile(runId: string, name: string, content: string): Promise<void>;
  readRunFile(runId: string, name: string): Promise<string | null>;
  /** The whole lines of a file of the run, one after the other; none where it does not exist. A crash may have cut the last. */
  readRunLines(runId: string, name: string): AsyncIterable<string>;

  /** What commands know from one to the next, in `lab/` of the state directory: gone when the lab is. Written whole. */
  saveStateFile(name: string, content: string): Promise<void>;
  readStateFile(name: string): Promise<string | null>;
}
