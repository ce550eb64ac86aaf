import fc from 'fast-check';
import type { Field, MessageSchema, WireValue } from '../../../src/kafka/wire/schema.ts';

const PRIMITIVES: Readonly<Record<string, fc.Arbitrary<WireValue>>> = {
  bool: fc.boolean(),
  int8: fc.integer({ min: -128, max: 127 }),
  int16: fc.integer({ min: -32_768, max: 32_767 }),
  uint16: fc.nat(65_535),
  int32: fc.integer(),
  uint32: fc.nat(4_294_967_295),
  int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  float64: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? 0 : value)),
  string: fc.string({ unit: 'grapheme', maxLength: 40 }),
  uuid: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  // Longer than the writer's pass-through limit now and then.
  bytes: fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ minLength: 4090, maxLength: 5000 })),
};

/** Bodies that a version of a message can carry: fields that it lacks have their defaults. */
export function arbitraryBody(schema: MessageSchema, version: number): fc.Arbitrary<Record<string, WireValue>> {
  return arbitraryStruct(schema.fields, version);
}

function arbitraryStruct(fields: readonly Field[], version: number): fc.Arbitrary<Record<string, WireValue>> {
  return fc.record(Object.fromEntries(fields.map((field) => [field.name, arbitraryField(field, version)])));
}

function arbitraryField(field: Field, version: number): fc.Arbitrary<WireValue> {
  if (version < field.from || version > field.to) return fc.constant(field.fallback);
  const value =
    field.element === null
      ? arbitraryValue(field.type, field, version)
      : fc.array(arbitraryValue(field.element, field, version), { maxLength: 3 });
  return version >= field.nullableFrom ? fc.option(value, { nil: null }) : value;
}

function arbitraryValue(type: string, field: Field, version: number): fc.Arbitrary<WireValue> {
  if (type === '{}') return arbitraryStruct(field.fields, version);
  const primitive = PRIMITIVES[type === 'records' ? 'bytes' : type];
  if (primitive === undefined) throw new Error(`no arbitrary for ${type}`);
  return primitive;
}
