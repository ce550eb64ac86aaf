import type { z } from 'zod';
import { nearestName } from '../util/nearest.ts';
import type { Diagnostic, DocumentPath } from './diagnostics.ts';
import { describeGiven, formatPath, mismatch } from './diagnostics.ts';
import { at } from './document-value.ts';
import type { Locate } from './yaml-document.ts';

/** A finding with the path it is about, for callers that look further once the value is set aside. */
export interface SchemaFinding {
  readonly path: DocumentPath;
  readonly diagnostic: Diagnostic;
}

type Issue = z.core.$ZodIssue;

/**
 * All that a schema finds wrong with a value. Messages of the schema's parts are expectations ("a port from 1 to
 * 65535"): the value given is added here. Unknown keys name the nearest known one.
 */
export function schemaFindings(schema: z.ZodType, value: unknown, locate: Locate): readonly SchemaFinding[] {
  const result = schema.safeParse(value);
  if (result.success) return [];
  return result.error.issues.flatMap((issue) => findingsOf(schema, issue, value, locate));
}

function findingsOf(schema: z.ZodType, issue: Issue, value: unknown, locate: Locate): readonly SchemaFinding[] {
  const path = issue.path.map((segment) => (typeof segment === 'number' ? segment : String(segment)));
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(schema, path);
    return issue.keys.map((key) => unknownKey(known, [...path, key], locate));
  }
  const given = at(value, path);
  if (issue.code === 'invalid_key') {
    const problem = mismatch(`the key ${JSON.stringify(path.at(-1))}`, issue.issues[0]?.message ?? 'another name');
    return [{ path, diagnostic: { place: locate(path, 'key'), path: formatPath(path), problem } }];
  }
  const known = issue.code === 'invalid_value' && typeof given === 'string' ? issue.values.map(String) : [];
  const nearest = typeof given === 'string' ? nearestName(given, known) : null;
  const suggestion = nearest === given ? null : nearest;
  const problem =
    given === undefined
      ? `is missing, expected ${issue.message}`
      : mismatch(describeGiven(given, path), issue.message, suggestion);
  return [{ path, diagnostic: { place: locate(path), path: formatPath(path), problem } }];
}

function unknownKey(known: readonly string[], path: DocumentPath, locate: Locate): SchemaFinding {
  const key = String(path.at(-1));
  const nearest = nearestName(key, known);
  const advice = nearest === null ? `expected one of ${known.join(', ')}` : `did you mean "${nearest}"?`;
  const problem = `unknown key ${describeGiven(key, [])}, ${advice}`;
  return { path, diagnostic: { place: locate(path, 'key'), path: formatPath(path), problem } };
}

/** The keys that the schema has at a path: descends through optional values, records and lists. */
function knownKeys(schema: z.ZodType, path: DocumentPath): readonly string[] {
  let here: unknown = schema;
  for (const segment of path) here = child(unwrap(here), segment);
  return Object.keys(definition(unwrap(here)).shape ?? {});
}

interface Definition {
  readonly shape?: Record<string, unknown>;
  readonly element?: unknown;
  readonly valueType?: unknown;
  readonly innerType?: unknown;
}

function definition(schema: unknown): Definition {
  return (schema as { readonly _zod?: { readonly def: Definition } } | undefined)?._zod?.def ?? {};
}

function unwrap(schema: unknown): unknown {
  let here = schema;
  while (definition(here).innerType !== undefined) here = definition(here).innerType;
  return here;
}

function child(schema: unknown, segment: string | number): unknown {
  const { shape, element, valueType } = definition(schema);
  return shape?.[segment] ?? element ?? valueType;
}
