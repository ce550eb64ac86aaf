import { textFingerprint } from './fingerprint.ts';

/**
 * Values of the state topic that are longer than one record may be, in parts. Parts of a value have keys of their own that
 * name their version, and are written before the record that lists them: whenever a writer is cut short, the value before
 * or the value after is there as a whole.
 */
export interface PartList {
  readonly schema: 'kmk.parts/v1';
  /** Of the text: the same text has the same version, and the same parts. */
  readonly version: string;
  readonly parts: number;
  /** Characters of the joined text. */
  readonly length: number;
}

/** A key and the JSON text of its value; null deletes. */
export interface StateText {
  readonly key: string;
  readonly text: string | null;
}

/** The longest value of a record, in bytes (estate.md, section 5). */
export const LONGEST_VALUE = 256 * 1024;
/** A part is JSON text in a JSON string: each quote and backslash in it takes a second byte. */
const GROWTH = 2;
/** Of key and record around a value. */
const OVERHEAD = 1024;
const MARK = '#part/';

/** The records that a value becomes, in the order in which they have to be written; `longest` in bytes of a value. */
export function recordsOf(key: string, text: string, longest = LONGEST_VALUE): readonly StateText[] {
  // What is not ASCII is as good as escape sequences, and bytes are characters then.
  const ascii = text.replaceAll(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
  if (ascii.length <= longest) return [{ key, text: ascii }];
  const step = Math.max(1, Math.floor((longest - OVERHEAD) / GROWTH));
  const version = versionOf(ascii);
  const parts = Math.ceil(ascii.length / step);
  const list: PartList = { schema: 'kmk.parts/v1', version, parts, length: ascii.length };
  return [
    ...Array.from({ length: parts }, (_, index) => ({
      key: partKey(key, version, index),
      text: JSON.stringify(ascii.slice(index * step, (index + 1) * step)),
    })),
    { key, text: JSON.stringify(list) },
  ];
}

function versionOf(text: string): string {
  return `${textFingerprint(text)}-${text.length}`;
}

function partKey(key: string, version: string, index: number): string {
  return `${key}${MARK}${version}/${String(index).padStart(6, '0')}`;
}

/** The key that a part belongs to; null for what is no part. */
export function ownerOfPart(key: string): string | null {
  const at = key.indexOf(MARK);
  return at === -1 ? null : key.slice(0, at);
}

/** A state as it is read: values joined, and where the parts of each lie. */
export interface JoinedState {
  /** Without the values of which a part is missing: nobody knows them. */
  readonly entries: ReadonlyMap<string, unknown>;
  /** Keys of the parts that there are, by the key that they belong to. */
  readonly parts: ReadonlyMap<string, readonly string[]>;
}

/** Joins the newest values of each key, as JSON was parsed from their records. */
export function joinParts(raw: ReadonlyMap<string, unknown>): JoinedState {
  const entries = new Map<string, unknown>();
  const parts = new Map<string, string[]>();
  for (const [key, value] of raw) {
    const owner = ownerOfPart(key);
    if (owner !== null) {
      const known = parts.get(owner);
      if (known === undefined) parts.set(owner, [key]);
      else known.push(key);
      continue;
    }
    if (!isPartList(value)) {
      entries.set(key, value);
      continue;
    }
    const text = joined(key, value, raw);
    if (text !== null) entries.set(key, JSON.parse(text));
  }
  return { entries, parts };
}

function joined(key: string, list: PartList, raw: ReadonlyMap<string, unknown>): string | null {
  const texts = Array.from({ length: list.parts }, (_, index) => raw.get(partKey(key, list.version, index)));
  if (!texts.every((text) => typeof text === 'string')) return null;
  const text = texts.join('');
  return text.length === list.length && versionOf(text) === list.version ? text : null;
}

function isPartList(value: unknown): value is PartList {
  return typeof value === 'object' && value !== null && (value as Partial<PartList>).schema === 'kmk.parts/v1';
}

/**
 * The records that change a key to that text, or delete it, where `old` are the keys of its parts: new parts, the value,
 * and last what nobody reads any more.
 */
export function changeOf(
  key: string,
  text: string | null,
  old: readonly string[] = [],
  longest = LONGEST_VALUE,
): readonly StateText[] {
  const written = text === null ? [{ key, text: null }] : recordsOf(key, text, longest);
  const kept = new Set(written.map((record) => record.key));
  return [...written, ...old.filter((part) => !kept.has(part)).map((part) => ({ key: part, text: null }))];
}
