import type { Field, MessageSchema, WireValue } from './schema.ts';
import { WireWriter } from './writer.ts';

type Struct = Readonly<Record<string, WireValue>>;

/**
 * Encodes the body of one message. Fields that `body` does not state get their defaults; fields that the version does
 * not have are left out, so that one body can serve several versions.
 */
export function encodeMessage(schema: MessageSchema, version: number, body: Struct): readonly Uint8Array[] {
  const writer = new WireWriter();
  new Encoder(writer, version, version >= schema.flexibleFrom).struct(schema.fields, body);
  return writer.chunks();
}

const FIXED_SIZE: Readonly<Record<string, (out: WireWriter, value: WireValue) => void>> = {
  bool: (out, value) => out.int8(value === true ? 1 : 0),
  int8: (out, value) => out.int8(value as number),
  int16: (out, value) => out.int16(value as number),
  uint16: (out, value) => out.uint16(value as number),
  int32: (out, value) => out.int32(value as number),
  uint32: (out, value) => out.uint32(value as number),
  int64: (out, value) => out.int64(value as bigint),
  float64: (out, value) => out.float64(value as number),
  uuid: (out, value) => out.raw(value as Uint8Array),
};

class Encoder {
  readonly #out: WireWriter;
  readonly #version: number;
  readonly #flexible: boolean;

  constructor(out: WireWriter, version: number, flexible: boolean) {
    this.#out = out;
    this.#version = version;
    this.#flexible = flexible;
  }

  struct(fields: readonly Field[], body: Struct): void {
    const tagged: [Field, WireValue][] = [];
    for (const field of fields) {
      if (this.#version < field.from || this.#version > field.to) continue;
      const value = body[field.name];
      if (this.#flexible && this.#version >= field.taggedFrom) {
        if (value !== undefined) tagged.push([field, value]);
        continue;
      }
      this.#field(field, value === undefined ? field.fallback : value);
    }
    if (this.#flexible) this.#taggedFields(tagged);
  }

  #taggedFields(tagged: [Field, WireValue][]): void {
    this.#out.uvarint(tagged.length);
    for (const [field, value] of tagged.sort(([a], [b]) => a.tag - b.tag)) {
      const inner = new WireWriter();
      new Encoder(inner, this.#version, true).#field(field, value);
      const chunks = inner.chunks();
      this.#out.uvarint(field.tag);
      this.#out.uvarint(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
      for (const chunk of chunks) this.#out.raw(chunk);
    }
  }

  #field(field: Field, value: WireValue): void {
    if (value === null && this.#version < field.nullableFrom) {
      throw new TypeError(`${field.name} must not be null in version ${this.#version}`);
    }
    if (field.element === null) {
      this.#value(field.type, field, value);
      return;
    }
    if (value === null) {
      this.#length(-1, 4);
      return;
    }
    const elements = value as readonly WireValue[];
    this.#length(elements.length, 4);
    for (const element of elements) {
      if (field.element === '{}') this.struct(field.fields, element as Struct);
      else this.#value(field.element, field, element);
    }
  }

  #value(type: string, field: Field, value: WireValue): void {
    const fixed = FIXED_SIZE[type];
    if (fixed !== undefined) fixed(this.#out, value);
    else if (type === 'string') this.#string(value as string | null);
    else if (type === 'bytes' || type === 'records') this.#bytes(value as Uint8Array | null);
    else this.#nullableStruct(field, value as Struct | null);
  }

  #nullableStruct(field: Field, value: Struct | null): void {
    if (this.#version >= field.nullableFrom) this.#out.int8(value === null ? -1 : 1);
    if (value !== null) this.struct(field.fields, value);
  }

  #string(value: string | null): void {
    const length = value === null ? -1 : Buffer.byteLength(value);
    this.#length(length, 2);
    if (value !== null) this.#out.utf8(value, length);
  }

  #bytes(value: Uint8Array | null): void {
    this.#length(value === null ? -1 : value.length, 4);
    if (value !== null) this.#out.raw(value);
  }

  /** -1 stands for null. Flexible versions write length + 1 as a varint. */
  #length(length: number, fixedBytes: 2 | 4): void {
    if (this.#flexible) this.#out.uvarint(length + 1);
    else if (fixedBytes === 2) this.#out.int16(length);
    else this.#out.int32(length);
  }
}
