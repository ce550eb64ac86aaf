import type { CompactField, CompactMessage, FieldOptions } from '../../src/kafka/wire/schema.ts';

/** A field as the jar's JSON states it. */
export interface JsonField {
  readonly name: string;
  readonly type: string;
  readonly versions: string;
  readonly nullableVersions?: string;
  readonly taggedVersions?: string;
  readonly tag?: number;
  readonly default?: string | number | boolean;
  readonly about?: string;
  readonly fields?: readonly JsonField[];
}

export interface JsonMessage {
  readonly apiKey: number;
  readonly name: string;
  readonly validVersions: string;
  readonly flexibleVersions: string;
  readonly fields: readonly JsonField[];
  readonly commonStructs?: readonly { readonly name: string; readonly fields: readonly JsonField[] }[];
}

const OPEN = 99;
const PRIMITIVES = new Set([
  ...['bool', 'int8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'float64'],
  ...['string', 'uuid', 'bytes', 'records'],
]);

/** "3-7", "3+" or "3" as a closed range; "none" as an empty one. */
export function versionRange(text: string): readonly [number, number] {
  if (text === 'none') return [OPEN + 1, OPEN];
  const [from = '', to] = text.endsWith('+') ? [text.slice(0, -1), String(OPEN)] : text.split('-');
  return [Number(from), Number(to ?? from)];
}

/** Fields of a struct: inline, or of the common struct that its type names. */
export function structFields(message: JsonMessage, field: JsonField): readonly JsonField[] {
  if (field.fields !== undefined) return field.fields;
  const name = field.type.replace('[]', '');
  return message.commonStructs?.find((struct) => struct.name === name)?.fields ?? [];
}

/** True when some version in use carries the field. */
export function isUsed(message: JsonMessage, field: JsonField, cap: number): boolean {
  const [from, to] = versionRange(field.versions);
  const [min, max] = versionRange(message.validVersions);
  return from <= Math.min(max, cap) && to >= min;
}

export function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

export function isStruct(type: string): boolean {
  return !PRIMITIVES.has(type.replace('[]', ''));
}

/** The schema without prose, as the codec wants it. */
export function compact(message: JsonMessage, cap: number): CompactMessage {
  const [min, max] = versionRange(message.validVersions);
  return [min, Math.min(max, cap), versionRange(message.flexibleVersions)[0], fieldsOf(message, message.fields, cap)];
}

function fieldsOf(message: JsonMessage, fields: readonly JsonField[], cap: number): CompactField[] {
  return fields.filter((field) => isUsed(message, field, cap)).map((field) => compactField(message, field, cap));
}

function compactField(message: JsonMessage, field: JsonField, cap: number): CompactField {
  const [from, to] = versionRange(field.versions);
  const options: { -readonly [K in keyof FieldOptions]: FieldOptions[K] } = {};
  if (field.nullableVersions !== undefined) options.n = versionRange(field.nullableVersions)[0];
  if (field.tag !== undefined && field.taggedVersions !== undefined) {
    options.t = [field.tag, versionRange(field.taggedVersions)[0]];
  }
  if (field.default !== undefined) options.d = String(field.default);
  const type = isStruct(field.type) ? (field.type.startsWith('[]') ? '[]{}' : '{}') : field.type;
  if (type.endsWith('{}')) options.f = fieldsOf(message, structFields(message, field), cap);
  const head = [lowerFirst(field.name), type, from, to] as const;
  return Object.keys(options).length === 0 ? head : [...head, options];
}
