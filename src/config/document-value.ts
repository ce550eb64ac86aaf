import type { DocumentPath } from './diagnostics.ts';

/** Plain values of a document, as YAML gives them. */
export type Mapping = Record<string, unknown>;

export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a path of plain objects and lists; undefined where there is none. */
export function at(value: unknown, path: DocumentPath): unknown {
  let here = value;
  for (const segment of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, segment)) return undefined;
    here = (here as Record<string | number, unknown>)[segment];
  }
  return here;
}

/** Whether something is written at a path, be it null. */
export function has(value: unknown, path: DocumentPath): boolean {
  const parent = at(value, path.slice(0, -1));
  return typeof parent === 'object' && parent !== null && Object.hasOwn(parent, path.at(-1) ?? '');
}

/** A copy with a value at a path, mappings made where absent; unchanged where something else is in the way. */
export function withValue(root: unknown, path: DocumentPath, value: unknown): unknown {
  const [segment, ...rest] = path;
  if (segment === undefined) return value;
  if (root !== undefined && !isMapping(root)) return root;
  return { ...root, [segment]: withValue(root?.[segment], rest, value) };
}

/** A copy without the key at a path; list elements on the way are kept in place. */
export function withoutKey(root: unknown, path: DocumentPath): unknown {
  const [segment, ...rest] = path;
  if (segment === undefined || typeof root !== 'object' || root === null) return root;
  if (Array.isArray(root))
    return root.map((item: unknown, index) => (index === segment ? withoutKey(item, rest) : item));
  const copy: Mapping = { ...root };
  if (rest.length === 0) Reflect.deleteProperty(copy, segment);
  else copy[segment] = withoutKey(copy[segment], rest);
  return copy;
}

/** A copy with another element in a list; the path ends with its index. */
export function withElement(root: unknown, path: DocumentPath, element: unknown): unknown {
  const [segment, ...rest] = path;
  if (segment === undefined) return element;
  if (Array.isArray(root)) {
    return root.map((item: unknown, index) => (index === segment ? withElement(item, rest, element) : item));
  }
  return isMapping(root) ? { ...root, [segment]: withElement(root[segment], rest, element) } : root;
}
