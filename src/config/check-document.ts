import type { Setup } from '../domain/setup.ts';
import type { Diagnostic, DocumentPath } from './diagnostics.ts';
import { formatPath } from './diagnostics.ts';
import { at, has, isMapping, withElement, withoutKey, withValue } from './document-value.ts';
import { normalise } from './normalise.ts';
import { RULES } from './rules/all-rules.ts';
import { configSchema } from './schema.ts';
import type { ConfigFile } from './schema.ts';
import { schemaFindings } from './schema-issues.ts';
import type { Locate } from './yaml-document.ts';

/** What came of a document: the setup is there unless something is wrong. */
export interface Checked {
  readonly setup: Setup | null;
  readonly errors: readonly Diagnostic[];
  readonly warnings: readonly Diagnostic[];
}

/**
 * Holds plain values against the schema and the rules. Rules are judged also where the schema found something wrong,
 * with the wrong values set aside, so that one run names everything; consequences of those are left out.
 */
export function checkDocument(value: unknown, locate: Locate): Checked {
  const findings = schemaFindings(configSchema, value, locate);
  const errors = findings.map(({ diagnostic }) => diagnostic);
  const { file, setAside } = readable(value, locate);
  if (file === null) return { setup: null, errors, warnings: [] };
  const setup = normalise(file);
  const warnings: Diagnostic[] = [];
  const suspect = [...findings.map(({ path }) => path), ...setAside];
  for (const rule of RULES) {
    rule({
      file,
      setup,
      refuse: (path, problem, about = []) => {
        if ([path, ...about].some((one) => suspect.some((other) => overlaps(one, other)))) return;
        errors.push({ place: locate(path), path: formatPath(path), problem });
      },
      warn: (path, problem) => warnings.push({ place: locate(path), path: formatPath(path), problem }),
    });
  }
  return { setup: errors.length === 0 ? setup : null, errors, warnings };
}

/** More rounds than a document that people write has mistakes in a row. */
const MAX_ROUNDS = 50;

/** The document without what the schema refuses, and which paths that were; null where nothing sensible is left. */
function readable(document: unknown, locate: Locate): { file: ConfigFile | null; setAside: readonly DocumentPath[] } {
  const setAside: DocumentPath[] = [];
  let value = document;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const parsed = configSchema.safeParse(value);
    if (parsed.success) return { file: parsed.data, setAside };
    if (!isMapping(value)) break;
    const wrong = schemaFindings(configSchema, value, locate).map(({ path }) => path);
    for (const path of wrong) {
      const target = removable(value, path, wrong);
      setAside.push(target);
      value = without(value, target, wrong);
    }
  }
  return { file: null, setAside };
}

/**
 * What to take away for a wrong path: the key itself; for one that is missing or in a list, the element of the list
 * when another one can stand in for it, else the whole list. Elements never move, so positions stay right.
 */
function removable(value: unknown, path: DocumentPath, wrong: readonly DocumentPath[]): DocumentPath {
  let here = path;
  while (here.length > 0 && !has(value, here)) here = here.slice(0, -1);
  while (typeof here.at(-1) === 'number' && standIn(value, here, wrong) === undefined) here = here.slice(0, -1);
  // Only "version" may be missing at the root.
  return here.length === 0 ? ['version'] : here;
}

function without(value: unknown, path: DocumentPath, wrong: readonly DocumentPath[]): unknown {
  if (formatPath(path) === 'version') return withValue(value, path, 1);
  return typeof path.at(-1) === 'number'
    ? withElement(value, path, standIn(value, path, wrong))
    : withoutKey(value, path);
}

/** A neighbour in the list in which nothing is wrong. */
function standIn(value: unknown, path: DocumentPath, wrong: readonly DocumentPath[]): unknown {
  const parent = path.slice(0, -1);
  const list = at(value, parent);
  if (!Array.isArray(list)) return undefined;
  return list.find((_, index) => !wrong.some((other) => overlaps(other, [...parent, index]))) as unknown;
}

function overlaps(a: DocumentPath, b: DocumentPath): boolean {
  const length = Math.min(a.length, b.length);
  return a.slice(0, length).every((segment, index) => segment === b[index]);
}
