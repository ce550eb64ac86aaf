import type { JsonField, JsonMessage } from './compact.ts';
import { isStruct, isUsed, lowerFirst, structFields } from './compact.ts';

const TYPES: Readonly<Record<string, string>> = {
  bool: 'boolean',
  int64: 'bigint',
  string: 'string',
  uuid: 'Uint8Array',
  bytes: 'Uint8Array',
  records: 'Uint8Array',
};

/** Words of an API name: ListGroups -> list, groups. */
function words(name: string): string[] {
  return name.split(/(?=[A-Z])/);
}

export function fileName(name: string): string {
  return words(name).join('-').toLowerCase();
}

export function constantName(name: string): string {
  return words(name).join('_').toUpperCase();
}

/** An interface for one message; fields of requests are optional because the codec fills in defaults. */
export function typesOf(message: JsonMessage, direction: 'request' | 'response', cap: number): string[] {
  const body = members(message, message.fields, direction, cap);
  return [`export interface ${message.name} {`, ...body, '}', ''];
}

function members(
  message: JsonMessage,
  fields: readonly JsonField[],
  direction: 'request' | 'response',
  cap: number,
): string[] {
  const mark = direction === 'request' ? '?' : '';
  return fields
    .filter((field) => isUsed(message, field, cap))
    .map((field) => `readonly ${lowerFirst(field.name)}${mark}: ${fieldType(message, field, direction, cap)};`);
}

function fieldType(message: JsonMessage, field: JsonField, direction: 'request' | 'response', cap: number): string {
  const array = field.type.startsWith('[]');
  const element = isStruct(field.type)
    ? `{ ${members(message, structFields(message, field), direction, cap).join(' ')} }`
    : (TYPES[field.type.replace('[]', '')] ?? 'number');
  const type = array ? `readonly ${element}[]` : element;
  return field.nullableVersions === undefined ? type : `${type} | null`;
}
