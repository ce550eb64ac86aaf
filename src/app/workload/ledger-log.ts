import type { Clock } from '../ports/clock.ts';
import type { RunStore } from '../ports/run-store.ts';

/** What the clients of a drill saw, beside the journal: one line an event or a run of records, comma-separated. */
export const LEDGER_FILES = {
  /** atMs, stream, partition, site, epoch, first number, count */
  acknowledged: 'ledger-acknowledged.csv',
  /** atMs, stream, partition, site, first number, count, reason */
  unacknowledged: 'ledger-unacknowledged.csv',
  /** atMs, group, cluster, topic, partition, first offset, stream, first number, count */
  processed: 'ledger-processed.csv',
  /** atMs, group, cluster, topic, partition, offset */
  committed: 'ledger-committed.csv',
} as const;

type LedgerFile = keyof typeof LEDGER_FILES;

const FLUSH_INTERVAL_MS = 250;

/**
 * Appends lines to the ledger's files, several at a time. Whoever kills kmk loses what gathered since the last flush,
 * and may cut the last line; everything before is there.
 */
export class LedgerLog {
  readonly #store: RunStore;
  readonly #clock: Clock;
  readonly #runId: string;
  readonly #lines = new Map<LedgerFile, string[]>();
  readonly #beforeFlush: (() => void)[] = [];
  #writing: Promise<void> = Promise.resolve();

  constructor(store: RunStore, clock: Clock, runId: string) {
    this.#store = store;
    this.#clock = clock;
    this.#runId = runId;
  }

  add(file: LedgerFile, fields: readonly (string | number | bigint)[]): void {
    const line = [this.#clock.now(), ...fields].map(cell).join(',');
    const lines = this.#lines.get(file);
    if (lines === undefined) this.#lines.set(file, [line]);
    else lines.push(line);
  }

  /** Calls `settle` before each flush: what a client still gathers for a longer line must be on disk after it. */
  beforeFlush(settle: () => void): void {
    this.#beforeFlush.push(settle);
  }

  /** Writes what has gathered, over and over, until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#clock.sleep(FLUSH_INTERVAL_MS, signal).catch(() => undefined);
      await this.flush();
    }
  }

  /** Appends in the order of the calls. */
  async flush(): Promise<void> {
    for (const settle of this.#beforeFlush) settle();
    const taken = [...this.#lines];
    this.#lines.clear();
    this.#writing = this.#writing.then(async () => {
      for (const [file, lines] of taken) {
        await this.#store.appendRunFile(this.#runId, LEDGER_FILES[file], `${lines.join('\n')}\n`);
      }
    });
    await this.#writing;
  }
}

function cell(field: string | number | bigint): string {
  const text = String(field);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""').replaceAll('\n', ' ')}"` : text;
}
