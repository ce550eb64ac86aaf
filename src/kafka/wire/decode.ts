import { WireReader, malformed } from './reader.ts';
import type { Field, MessageSchema, WireValue } from './schema.ts';

type Struct = Record<string, WireValue>;

/**
 * Decodes the body of one message; fields that the version does not have get their defaults, tagged fields that the
 * schema does not know are skipped, and so are trailing bytes.
 */
export function decodeMessage(schema: MessageSchema, version: number, bytes: Uint8Array): Struct {
  return new Decoder(new WireReader(bytes), version, version >= schema.flexibleFrom).struct(schema.fields);
}

class Decoder {
  readonly #in: WireReader;
  readonly #version: number;
  readonly #flexible: boolean;

  constructor(input: WireReader, version: number, flexible: boolean) {
    this.#in = input;
    this.#version = version;
    this.#flexible = flexible;
  }

  struct(fields: readonly Field[]): Struct {
    const body: Struct = {};
    for (const field of fields) {
      const absent = this.#version < field.from || this.#version > field.to;
      const tagged = this.#flexible && this.#version >= field.taggedFrom;
      body[field.name] = absent || tagged ? field.fallback : this.#field(field);
    }
    if (this.#flexible) this.#taggedFields(fields, body);
    return body;
  }

  #taggedFields(fields: readonly Field[], body: Struct): void {
    for (let count = this.#in.uvarint(); count > 0; count--) {
      const tag = this.#in.uvarint();
      const bytes = this.#in.raw(this.#in.uvarint());
      const field = fields.find((known) => known.tag === tag && this.#version >= known.taggedFrom);
      if (field !== undefined) {
        body[field.name] = new Decoder(new WireReader(bytes), this.#version, true).#field(field);
      }
    }
  }

  #field(field: Field): WireValue {
    if (field.element === null) return this.#value(field.type, field);
    const count = this.#length(4);
    if (count < 0) return null;
    if (count > this.#in.remaining) throw malformed(`an array of ${count} in ${this.#in.remaining} bytes`);
    const elements: WireValue[] = [];
    for (let index = 0; index < count; index++) {
      elements.push(field.element === '{}' ? this.struct(field.fields) : this.#value(field.element, field));
    }
    return elements;
  }

  #value(type: string, field: Field): WireValue {
    const input = this.#in;
    switch (type) {
      case 'bool':
        return input.int8() !== 0;
      case 'int8':
        return input.int8();
      case 'int16':
        return input.int16();
      case 'uint16':
        return input.uint16();
      case 'int32':
        return input.int32();
      case 'uint32':
        return input.uint32();
      case 'int64':
        return input.int64();
      case 'float64':
        return input.float64();
      case 'string':
        return this.#string();
      case 'uuid':
        return input.raw(16);
      case 'bytes':
      case 'records':
        return this.#bytes();
      default:
        return this.#version >= field.nullableFrom && input.int8() < 0 ? null : this.struct(field.fields);
    }
  }

  #string(): string | null {
    const length = this.#length(2);
    return length < 0 ? null : this.#in.utf8(length);
  }

  #bytes(): Uint8Array | null {
    const length = this.#length(4);
    return length < 0 ? null : this.#in.raw(length);
  }

  #length(fixedBytes: 2 | 4): number {
    if (this.#flexible) return this.#in.uvarint() - 1;
    return fixedBytes === 2 ? this.#in.int16() : this.#in.int32();
  }
}
