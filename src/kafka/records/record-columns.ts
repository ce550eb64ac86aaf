import type { RecordBlock } from '../../domain/alignment/record-block.ts';
import { RecordCursor } from './record-cursor.ts';
import { hashBytes } from './hash-bytes.ts';

/** Below this many bytes a loop is faster than a call into the runtime. */
const SHORT_BYTES = 24;

/**
 * The records of uncompressed batches as columns: where the bytes of each lie that follow from its contents alone (key,
 * value and headers, with their lengths, as a producer writes them: KIP-98), and its offset and time. No object is made
 * of a record.
 */
export class RecordColumns implements RecordBlock {
  readonly #bytes: Buffer;
  readonly #offsets: Float64Array;
  readonly #times: Float64Array;
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  readonly #withTimestamps: boolean;
  #count = 0;

  constructor(bytes: Buffer, capacity: number, withTimestamps: boolean) {
    this.#bytes = bytes;
    this.#offsets = new Float64Array(capacity);
    this.#times = new Float64Array(capacity);
    this.#starts = new Int32Array(capacity);
    this.#ends = new Int32Array(capacity);
    this.#withTimestamps = withTimestamps;
  }

  get count(): number {
    return this.#count;
  }

  /** Adds the records of one batch that lie in `[from, to)`; its records begin at `at`. */
  addBatch(batch: BatchRecords, at: number, from: number, to: number): void {
    const cursor = new RecordCursor(this.#bytes);
    cursor.at = at;
    const { baseOffset, baseTimestampMs, appendTimeMs } = batch;
    for (let index = 0; index < batch.count; index++) {
      const end = cursor.varint() + cursor.at;
      cursor.at++;
      const timestampDelta = cursor.varlong();
      const offset = baseOffset + cursor.varint();
      if (offset >= from && offset < to) {
        const row = this.#count++;
        this.#offsets[row] = offset;
        this.#times[row] = appendTimeMs ?? baseTimestampMs + timestampDelta;
        this.#starts[row] = cursor.at;
        this.#ends[row] = end;
      }
      cursor.at = end;
    }
    cursor.assertWithin();
  }

  offset(at: number): number {
    return this.#offsets[at] as number;
  }

  timestampMs(at: number): number {
    return this.#times[at] as number;
  }

  whole(at: number): number {
    const seed = this.#withTimestamps ? this.timestampMs(at) : 0;
    return hashBytes(this.#bytes, this.#starts[at] as number, this.#ends[at] as number, seed);
  }

  key(at: number): number {
    return this.#hashOf(at, 0);
  }

  value(at: number): number {
    return this.#hashOf(at, 1);
  }

  equalRun(at: number, other: RecordBlock, otherAt: number): number {
    if (!(other instanceof RecordColumns)) return this.whole(at) === other.whole(otherAt) ? 1 : 0;
    const most = Math.min(this.#count - at, other.#count - otherAt);
    let run = 0;
    while (run < most && this.#equals(at + run, other, otherAt + run)) run++;
    return run;
  }

  #equals(at: number, other: RecordColumns, otherAt: number): boolean {
    if (this.#withTimestamps && this.#times[at] !== other.#times[otherAt]) return false;
    const [start, end] = [this.#starts[at] as number, this.#ends[at] as number];
    const [otherStart, otherEnd] = [other.#starts[otherAt] as number, other.#ends[otherAt] as number];
    const length = end - start;
    if (length !== otherEnd - otherStart) return false;
    if (length > SHORT_BYTES) return this.#bytes.compare(other.#bytes, otherStart, otherEnd, start, end) === 0;
    for (let index = 0; index < length; index++) {
      if (this.#bytes[start + index] !== other.#bytes[otherStart + index]) return false;
    }
    return true;
  }

  /** Hash of the field after `skipped` others; NaN for null. */
  #hashOf(at: number, skipped: number): number {
    const cursor = new RecordCursor(this.#bytes);
    cursor.at = this.#starts[at] as number;
    for (let index = 0; index < skipped; index++) cursor.sized();
    const field = cursor.sized();
    return field === null ? Number.NaN : hashBytes(this.#bytes, cursor.at - field.length, cursor.at, 0);
  }
}

/** What the header of a batch says of its records. */
interface BatchRecords {
  readonly baseOffset: number;
  readonly baseTimestampMs: number;
  readonly appendTimeMs: number | null;
  readonly count: number;
}
