import type { StoredRecord } from '../../app/ports/stored-record.ts';
import { malformed } from '../wire/reader.ts';

type Headers = StoredRecord['headers'];
const NO_HEADERS: Headers = [];

/** Reads the parts of records: zigzag varints and byte strings with such a length. */
export class RecordCursor {
  /** Position of the next byte. */
  at = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  varint(): number {
    let raw = this.#byte();
    if (raw > 0x7f) {
      raw &= 0x7f;
      for (let shift = 7; ; shift += 7) {
        const byte = this.#byte();
        raw |= (byte & 0x7f) << shift;
        if (byte <= 0x7f) break;
        if (shift > 28) throw malformed('a varint of more than 5 bytes');
      }
    }
    return (raw >>> 1) ^ -(raw & 1);
  }

  /** Exact within ±2^52, which timestamps are. */
  varlong(): number {
    let raw = 0;
    for (let factor = 1; ; factor *= 0x80) {
      const byte = this.#byte();
      raw += (byte & 0x7f) * factor;
      if (byte <= 0x7f) break;
    }
    return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2;
  }

  /** A view of the bytes, null for length -1. */
  sized(): Uint8Array | null {
    const length = this.varint();
    if (length < 0) return null;
    const from = this.at;
    this.at += length;
    if (this.at > this.#bytes.length) throw malformed(`a field of ${length} bytes beyond the end of its batch`);
    return this.#bytes.subarray(from, this.at);
  }

  headers(): Headers {
    const count = this.varint();
    if (count <= 0) return NO_HEADERS;
    const headers: { key: string; value: Uint8Array | null }[] = [];
    for (let index = 0; index < count; index++) {
      const key = Buffer.from(this.sized() ?? []).toString('utf8');
      headers.push({ key, value: this.sized() });
    }
    return headers;
  }

  /** Throws when lengths have led beyond the end. */
  assertWithin(): void {
    if (this.at > this.#bytes.length) throw malformed('a record beyond the end of its batch');
  }

  #byte(): number {
    const byte = this.#bytes[this.at++];
    if (byte === undefined) throw malformed('the end of a batch within a record');
    return byte;
  }
}
