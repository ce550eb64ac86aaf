/**
 * Reading of journal payloads. A journal may come from a crashed or a newer kmk or have been edited, so a field may be
 * missing or have another type than the registry says: reading never throws.
 */
export type Fields = Readonly<Record<string, unknown>>;

/** The value as an object; an empty one for anything else. */
export function asFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

/** The text of the field, or `fallback`. */
export function text(fields: Fields, key: string, fallback = '?'): string {
  return textOrNull(fields, key) ?? fallback;
}

export function textOrNull(fields: Fields, key: string): string | null {
  const value = fields[key];
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

/** A finite number, else null. */
export function count(fields: Fields, key: string): number | null {
  const value = fields[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** An offset: a decimal string, or a number that an older writer left. */
export function offset(fields: Fields, key: string): string | null {
  const value = fields[key];
  if (typeof value === 'string') return value;
  return typeof value === 'number' && Number.isInteger(value) ? String(value) : null;
}

/** The objects of a list; an empty list for anything else. */
export function list(fields: Fields, key: string): readonly Fields[] {
  const value = fields[key];
  return Array.isArray(value) ? value.map(asFields) : [];
}

export function texts(fields: Fields, key: string): readonly string[] {
  const value = fields[key];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** The value when it is one of `allowed`, else null. */
export function oneOf<T extends string>(fields: Fields, key: string, allowed: readonly T[]): T | null {
  const value = fields[key];
  return allowed.find((candidate) => candidate === value) ?? null;
}

/** Keeps the last entry of each key, in the order in which the keys first appeared. */
export function lastByKey<T>(entries: readonly T[], keyOf: (entry: T) => string): readonly T[] {
  const last = new Map<string, T>();
  for (const entry of entries) last.set(keyOf(entry), entry);
  return [...last.values()];
}

/** A map key of several texts that no text can forge. */
export function keyOf(...parts: readonly (string | number | null)[]): string {
  return JSON.stringify(parts);
}
