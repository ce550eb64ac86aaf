/**
 * MM2's internal records are Kafka `Struct`s: big-endian INT16, INT32, INT64 and STRING (int16 byte length, UTF-8).
 * No tagged fields, no compact encodings, the same bytes from 2.4 to 4.3.1.
 */
export type Decoded<T> =
  | { readonly kind: 'record'; readonly record: T }
  /** A null value: MM2 never writes one, compaction tools may. */
  | { readonly kind: 'tombstone' }
  | { readonly kind: 'malformed'; readonly reason: string };

/** One for all strings: there are millions, and making one takes longer than decoding does. */
const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Thrown inside the decoders only. */
class Malformed extends Error {}

/** Reads fields in order; bytes left over at the end are tolerated. */
export class StructReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  int16(): number {
    return this.#view.getInt16(this.#take(2));
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4));
  }

  int64(): bigint {
    return this.#view.getBigInt64(this.#take(8));
  }

  /** An INT64 of epoch milliseconds; one that no clock shows is malformed rather than rounded. */
  timestamp(): number {
    const value = Number(this.int64());
    if (!Number.isSafeInteger(value)) throw new Malformed(`a timestamp of ${value} ms`);
    return value;
  }

  string(): string {
    const length = this.int16();
    if (length < 0) throw new Malformed(`a string of length ${length}`);
    const start = this.#take(length);
    try {
      return UTF_8.decode(this.#bytes.subarray(start, start + length));
    } catch {
      throw new Malformed('a string that is not UTF-8');
    }
  }

  /** The header of versioned records. Only version 0 exists; a foreign one must not be read as if it were. */
  version0(): void {
    const version = this.int16();
    if (version !== 0) throw new Malformed(`unknown version ${version}`);
  }

  #take(length: number): number {
    const start = this.#at;
    if (start + length > this.#bytes.byteLength) {
      throw new Malformed(`${this.#bytes.byteLength} bytes where at least ${start + length} are needed`);
    }
    this.#at += length;
    return start;
  }
}

/** Runs a decoder over key and value; anything it cannot read comes back as a reason, never as an exception. */
export function decodeStruct<T>(
  key: Uint8Array | null,
  value: Uint8Array | null,
  decode: (key: StructReader, value: StructReader) => T,
): Decoded<T> {
  if (key === null) return { kind: 'malformed', reason: 'no key' };
  if (value === null) return { kind: 'tombstone' };
  try {
    return { kind: 'record', record: decode(new StructReader(key), new StructReader(value)) };
  } catch (error) {
    if (error instanceof Malformed) return { kind: 'malformed', reason: error.message };
    throw error;
  }
}
