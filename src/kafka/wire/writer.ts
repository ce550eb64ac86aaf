/** Byte arrays at least this long are passed on as they are instead of being copied. */
const PASS_THROUGH_BYTES = 4096;
const FIRST_BLOCK_BYTES = 256;

/** Big-endian writer of Kafka's primitive types; collects its output as a list of chunks. */
export class WireWriter {
  readonly #chunks: Uint8Array[] = [];
  #block = Buffer.allocUnsafe(FIRST_BLOCK_BYTES);
  #start = 0;
  #at = 0;

  int8(value: number): void {
    this.#room(1);
    this.#at = this.#block.writeInt8(value, this.#at);
  }

  int16(value: number): void {
    this.#room(2);
    this.#at = this.#block.writeInt16BE(value, this.#at);
  }

  uint16(value: number): void {
    this.#room(2);
    this.#at = this.#block.writeUInt16BE(value, this.#at);
  }

  int32(value: number): void {
    this.#room(4);
    this.#at = this.#block.writeInt32BE(value, this.#at);
  }

  uint32(value: number): void {
    this.#room(4);
    this.#at = this.#block.writeUInt32BE(value, this.#at);
  }

  int64(value: bigint): void {
    this.#room(8);
    this.#at = this.#block.writeBigInt64BE(value, this.#at);
  }

  float64(value: number): void {
    this.#room(8);
    this.#at = this.#block.writeDoubleBE(value, this.#at);
  }

  /** Unsigned varint, up to 2^32 - 1. */
  uvarint(value: number): void {
    this.#room(5);
    let rest = value >>> 0;
    while (rest >= 0x80) {
      this.#block[this.#at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#block[this.#at++] = rest;
  }

  raw(bytes: Uint8Array): void {
    if (bytes.length >= PASS_THROUGH_BYTES) {
      this.#flush();
      this.#chunks.push(bytes);
      return;
    }
    this.#room(bytes.length);
    this.#block.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  utf8(text: string, byteLength: number): void {
    this.#room(byteLength);
    this.#at += this.#block.write(text, this.#at, 'utf8');
  }

  /** Everything written so far, in order. The writer must not be used afterwards. */
  chunks(): readonly Uint8Array[] {
    this.#flush();
    return this.#chunks;
  }

  #flush(): void {
    if (this.#at > this.#start) this.#chunks.push(this.#block.subarray(this.#start, this.#at));
    this.#start = this.#at;
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#block.length) return;
    this.#flush();
    this.#block = Buffer.allocUnsafe(Math.max(bytes, this.#block.length * 2));
    this.#start = 0;
    this.#at = 0;
  }
}
