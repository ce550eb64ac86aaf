import type { EventSink } from '../../src/app/ports/event-sink.ts';
import type { RunJournal, RunStore } from '../../src/app/ports/run-store.ts';
import { KmkError } from '../../src/domain/errors.ts';
import type { AnyEvent } from '../../src/domain/events.ts';
import type { LabRecord } from '../../src/domain/lab/lab-record.ts';
import { RecordingSink } from './recording-sink.ts';

/** A RunStore without a disk. `steps` tells in which order locks and journals were opened and closed. */
export class MemoryRunStore implements RunStore {
  readonly stateDir = '/state';
  readonly steps: string[] = [];
  readonly journals = new Map<string, RecordingSink>();
  readonly files = new Map<string, string>();
  #lab: LabRecord | null = null;
  #owner: string | null = null;

  lock(command: string): Promise<AsyncDisposable> {
    if (this.#owner !== null) {
      return Promise.reject(new KmkError('KMK_LOCKED', `"${this.#owner}" works on ${this.stateDir}`));
    }
    this.#owner = command;
    this.steps.push('locked');
    return Promise.resolve({
      [Symbol.asyncDispose]: () => {
        this.#owner = null;
        this.steps.push('unlocked');
        return Promise.resolve();
      },
    });
  }

  loadLab(): Promise<LabRecord | null> {
    return Promise.resolve(this.#lab);
  }

  saveLab(record: LabRecord): Promise<void> {
    this.#lab = record;
    return Promise.resolve();
  }

  removeLab(): Promise<void> {
    this.#lab = null;
    return Promise.resolve();
  }

  hasStaleLock(): Promise<boolean> {
    return Promise.resolve(false);
  }

  hasLabFolder(): Promise<boolean> {
    return Promise.resolve(this.#lab !== null);
  }

  nestedLabs(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  openJournal(runId: string, forward: EventSink): RunJournal {
    const kept = new RecordingSink();
    this.journals.set(runId, kept);
    return {
      runId,
      emit: (event, data, level) => {
        kept.emit(event, data);
        forward.emit(event, data, level);
      },
      close: () => void this.steps.push('journal closed'),
    };
  }

  listRuns(): Promise<readonly string[]> {
    return Promise.resolve([...this.journals.keys()].toSorted());
  }

  readJournal(): Promise<readonly AnyEvent[]> {
    return Promise.resolve([]);
  }

  journalPath(runId: string): string {
    return `${this.stateDir}/runs/${runId}/journal.jsonl`;
  }

  reportPath(runId: string): string {
    return `${this.stateDir}/runs/${runId}/report.html`;
  }

  saveRunFile(runId: string, name: string, content: string): Promise<string> {
    const path = `${this.stateDir}/runs/${runId}/${name}`;
    this.files.set(path, content);
    return Promise.resolve(path);
  }

  appendRunFile(runId: string, name: string, content: string): Promise<void> {
    const path = `${this.stateDir}/runs/${runId}/${name}`;
    this.files.set(path, (this.files.get(path) ?? '') + content);
    return Promise.resolve();
  }

  readRunFile(runId: string, name: string): Promise<string | null> {
    return Promise.resolve(this.files.get(`${this.stateDir}/runs/${runId}/${name}`) ?? null);
  }

  async *readRunLines(runId: string, name: string): AsyncIterable<string> {
    const text = (await this.readRunFile(runId, name)) ?? '';
    yield* text.split('\n').slice(0, -1);
  }

  saveStateFile(name: string, content: string): Promise<void> {
    this.files.set(`${this.stateDir}/lab/${name}`, content);
    return Promise.resolve();
  }

  readStateFile(name: string): Promise<string | null> {
    return Promise.resolve(this.files.get(`${this.stateDir}/lab/${name}`) ?? null);
  }
}
