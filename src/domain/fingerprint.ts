/** What of a record MM2 copies unchanged. */
export interface RecordContent {
  readonly timestampMs: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly { readonly key: string; readonly value: Uint8Array | null }[];
}

/**
 * 53 bits over key, value and headers, and the timestamp where it is copied. Equal contents have equal fingerprints;
 * two different records of a million share one with a chance of 1 in 18,000, and are then doubtful, not mistaken.
 */
export function fingerprint(record: RecordContent, withTimestamp: boolean): number {
  const hash = new Hash();
  hash.bytes(record.key);
  hash.bytes(record.value);
  for (const { key, value } of record.headers) {
    hash.text(key);
    hash.bytes(value);
  }
  if (withTimestamp) hash.number(record.timestampMs);
  return hash.value();
}

/** 53 bits over a text, in base 36: tells versions of it apart, protects nothing. */
export function textFingerprint(text: string): string {
  const hash = new Hash();
  hash.text(text);
  return hash.value().toString(36);
}

/** cyrb53 (public domain, bryc) over bytes: two lanes of 32 bits, mixed at the end. */
class Hash {
  #a = 0xdeadbeef | 0;
  #b = 0x41c6ce57 | 0;

  bytes(bytes: Uint8Array | null): void {
    if (bytes === null) {
      this.#add(0x100);
      return;
    }
    let [a, b] = [this.#a, this.#b];
    for (const byte of bytes) {
      a = Math.imul(a ^ byte, 2654435761);
      b = Math.imul(b ^ byte, 1597334677);
    }
    [this.#a, this.#b] = [a, b];
    this.#add(0x200 + bytes.length);
  }

  text(text: string): void {
    for (let at = 0; at < text.length; at += 1) this.#add(text.charCodeAt(at));
    this.#add(0x300 + text.length);
  }

  number(value: number): void {
    this.#add(value | 0);
    this.#add(Math.floor(value / 2 ** 32));
  }

  value(): number {
    let [a, b] = [this.#a, this.#b];
    a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
    b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
    return 2 ** 32 * (0x1fffff & b) + (a >>> 0);
  }

  #add(value: number): void {
    this.#a = Math.imul(this.#a ^ value, 2654435761);
    this.#b = Math.imul(this.#b ^ value, 1597334677);
  }
}
