import type { OutgoingHeader, OutgoingRecord } from '../../app/ports/record-client.ts';
import type { Codec } from '../compression/codecs.ts';
import { BATCH, LENGTH_OVERHEAD, MAGIC } from './batch-layout.ts';
import { crc32c } from './crc32c.ts';

const FIRST_BYTES = 16 * 1024;
const LONGEST_VARINT = 10;

/** Who wrote a batch; -1 where the producer is not idempotent. */
export interface ProducerIdentity {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly baseSequence: number;
}

/** Collects records and writes them as one record batch of magic 2. Records are encoded when they are added. */
export class BatchBuilder {
  count = 0;
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  #at: number = BATCH.records;
  #baseTimestamp = 0;
  #maxTimestamp = 0;

  /** Bytes so far, uncompressed, header included. */
  get size(): number {
    return this.#at;
  }

  add(record: OutgoingRecord, nowMs: number): void {
    const timestamp = record.timestampMs ?? nowMs;
    if (this.count === 0) this.#baseTimestamp = timestamp;
    this.#maxTimestamp = this.count === 0 ? timestamp : Math.max(this.#maxTimestamp, timestamp);
    const keyBytes = byteLength(record.key);
    const valueBytes = byteLength(record.value);
    const headers = headersOf(record);
    const timestampDelta = timestamp - this.#baseTimestamp;
    const body =
      1 +
      varlongSize(timestampDelta) +
      varintSize(this.count) +
      sizedLength(keyBytes) +
      sizedLength(valueBytes) +
      varintSize(headers.length) +
      headersSize(headers);
    this.#room(body + LONGEST_VARINT);
    this.#varint(body);
    this.#bytes[this.#at++] = 0;
    this.#varlong(timestampDelta);
    this.#varint(this.count);
    this.#sized(record.key, keyBytes);
    this.#sized(record.value, valueBytes);
    this.#varint(headers.length);
    for (const [name, value] of headers) {
      this.#sized(name, Buffer.byteLength(name));
      this.#sized(value, byteLength(value));
    }
    this.count++;
  }

  /** The finished batch. `code` is the codec's number, and other bits of the attributes; no codec leaves the records as they are. */
  async build(identity: ProducerIdentity, code: number, codec: Codec | null): Promise<Uint8Array> {
    let bytes = this.#bytes.subarray(0, this.#at);
    if (codec !== null) {
      const packed = await codec.compress(bytes.subarray(BATCH.records));
      bytes = Buffer.concat([bytes.subarray(0, BATCH.records), packed]);
    }
    bytes.writeBigInt64BE(0n, BATCH.baseOffset);
    bytes.writeInt32BE(bytes.length - LENGTH_OVERHEAD, BATCH.length);
    bytes.writeInt32BE(-1, BATCH.leaderEpoch);
    bytes.writeInt8(MAGIC, BATCH.magic);
    bytes.writeInt16BE(code, BATCH.attributes);
    bytes.writeInt32BE(this.count - 1, BATCH.lastOffsetDelta);
    bytes.writeBigInt64BE(BigInt(this.#baseTimestamp), BATCH.baseTimestamp);
    bytes.writeBigInt64BE(BigInt(this.#maxTimestamp), BATCH.maxTimestamp);
    bytes.writeBigInt64BE(identity.producerId, BATCH.producerId);
    bytes.writeInt16BE(identity.producerEpoch, BATCH.producerEpoch);
    bytes.writeInt32BE(identity.baseSequence, BATCH.baseSequence);
    bytes.writeInt32BE(this.count, BATCH.count);
    bytes.writeUInt32BE(crc32c(bytes, BATCH.attributes, bytes.length), BATCH.crc);
    return bytes;
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#at + bytes, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }

  #sized(part: Uint8Array | string | null, bytes: number): void {
    this.#varint(bytes);
    if (part === null) return;
    if (typeof part === 'string') this.#bytes.write(part, this.#at, 'utf8');
    else this.#bytes.set(part, this.#at);
    this.#at += bytes;
  }

  #varint(value: number): void {
    let rest = ((value << 1) ^ (value >> 31)) >>> 0;
    while (rest > 0x7f) {
      this.#bytes[this.#at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#bytes[this.#at++] = rest;
  }

  /** Zigzag of a whole number within ±2^52. */
  #varlong(value: number): void {
    let rest = value < 0 ? -value * 2 - 1 : value * 2;
    while (rest > 0x7f) {
      this.#bytes[this.#at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#at++] = rest;
  }
}

/** -1 stands for null. */
function byteLength(part: Uint8Array | string | null): number {
  if (part === null) return -1;
  return typeof part === 'string' ? Buffer.byteLength(part) : part.length;
}

function sizedLength(bytes: number): number {
  return varintSize(bytes) + Math.max(0, bytes);
}

type HeaderPair = readonly [string, Uint8Array | string | null];

function headersOf({ headers }: OutgoingRecord): readonly HeaderPair[] {
  if (headers === undefined) return [];
  return isList(headers) ? headers.map(({ key, value }) => [key, value]) : Object.entries(headers);
}

function isList(headers: NonNullable<OutgoingRecord['headers']>): headers is readonly OutgoingHeader[] {
  return Array.isArray(headers);
}

function headersSize(headers: readonly HeaderPair[]): number {
  let size = 0;
  for (const [name, value] of headers) size += sizedLength(byteLength(name)) + sizedLength(byteLength(value));
  return size;
}

function varintSize(value: number): number {
  return varlongSize(value);
}

function varlongSize(value: number): number {
  let rest = value < 0 ? -value * 2 - 1 : value * 2;
  let size = 1;
  for (; rest > 0x7f; size++) rest = Math.floor(rest / 0x80);
  return size;
}
