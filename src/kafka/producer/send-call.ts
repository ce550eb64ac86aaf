import type { Acknowledgement, OutgoingHeader, OutgoingRecord } from '../../app/ports/record-client.ts';
import { KmkError } from '../../domain/errors.ts';
import type { Batch } from './batch.ts';
import type { Lane } from './lane.ts';

/** Upper bound of the bytes around key and value in an encoded record without headers. */
const RECORD_OVERHEAD = 32;

/** One call of `send`: deals its records out to batches and collects the acknowledgements. */
export class SendCall {
  readonly outcome: Promise<readonly Acknowledgement[]>;
  readonly #acknowledgements: Acknowledgement[] = [];
  readonly #runs = new Map<Lane, { batch: Batch; start: number }>();
  #waiting = 1;
  #resolve: (acknowledgements: readonly Acknowledgement[]) => void = () => undefined;
  #reject: (error: KmkError) => void = () => undefined;

  constructor() {
    this.outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  add(record: OutgoingRecord, lane: Lane, nowMs: number, deadline: number): void {
    const batch = lane.open(sizeOf(record), deadline);
    const run = this.#runs.get(lane);
    if (run?.batch !== batch) {
      if (run !== undefined) this.#close(run);
      this.#runs.set(lane, { batch, start: batch.builder.count });
    }
    batch.builder.add(record, nowMs);
  }

  /** After the last record. */
  seal(): void {
    for (const run of this.#runs.values()) this.#close(run);
    this.#settled();
  }

  #close({ batch, start }: { batch: Batch; start: number }): void {
    this.#waiting++;
    const settle = (outcome: Acknowledgement | KmkError) => {
      if (KmkError.is(outcome)) this.#reject(outcome);
      else this.#acknowledgements.push(outcome);
      this.#settled();
    };
    batch.share({ start, count: batch.builder.count - start, settle });
  }

  #settled(): void {
    if (--this.#waiting === 0) this.#resolve(this.#acknowledgements);
  }
}

/** Roughly the bytes of a record; strings count as if every character took three. */
export function sizeOf(record: OutgoingRecord): number {
  return RECORD_OVERHEAD + partSize(record.key) + partSize(record.value) + headersSize(record.headers);
}

function headersSize(headers: OutgoingRecord['headers']): number {
  if (headers === undefined) return 0;
  if (!Array.isArray(headers)) return JSON.stringify(headers).length * 3;
  const list = headers as readonly OutgoingHeader[];
  return list.reduce((sum, { key, value }) => sum + RECORD_OVERHEAD + partSize(key) + partSize(value), 0);
}

function partSize(part: Uint8Array | string | null): number {
  if (part === null) return 0;
  return typeof part === 'string' ? part.length * 3 : part.length;
}
