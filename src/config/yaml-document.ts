import type { Document, Node, Pair, YAMLError } from 'yaml';
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Diagnostic, DocumentPath, Place } from './diagnostics.ts';
import { formatPath } from './diagnostics.ts';

/** Finds the text of a value, or of its key; of the nearest value around it where it is not in the text. */
export type Locate = (path: DocumentPath, of?: 'key' | 'value') => Place;

/** A YAML text as plain values, with the way back to its lines. */
export interface YamlDocument {
  /** Null for an empty text. Meaningless when there is a syntax error. */
  readonly value: unknown;
  readonly locate: Locate;
  /** Syntax errors: nothing more can be said about the text. */
  readonly syntaxErrors: readonly Diagnostic[];
  /** Duplicate keys and unknown tags: the rest of the text still makes sense. */
  readonly findings: readonly Diagnostic[];
}

/** Parses one YAML 1.2 document. `name` is what messages call the file. Never throws. */
export function parseYaml(text: string, name: string): YamlDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { kind: 'file', name, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const report = (error: YAMLError): Diagnostic => ({
    place: at(error.pos[0]),
    path: '',
    problem: describe(error, text),
  });
  const isSyntax = (error: YAMLError): boolean => error.code !== 'DUPLICATE_KEY';
  const syntaxErrors = document.errors.filter(isSyntax).map(report);
  const findings = [...document.errors.filter((error) => !isSyntax(error)), ...document.warnings].map(report);
  findings.push(...forbiddenKeys(document, at));
  const locate: Locate = (path, of = 'value') => at(offsetOf(document, path, of));
  try {
    return { value: document.toJS() as unknown, locate, syntaxErrors, findings };
  } catch (error) {
    // toJS refuses aliases without an anchor and texts that grow without end by aliases.
    const problem = error instanceof Error ? sentence(error.message) : 'the aliases can not be resolved';
    return { value: null, locate, syntaxErrors: [...syntaxErrors, { place: at(0), path: '', problem }], findings };
  }
}

function describe(error: YAMLError, text: string): string {
  if (error.code === 'DUPLICATE_KEY') {
    const key = /^(?:"[^"\n]*"|'[^'\n]*'|[^\s:,}]+)/.exec(text.slice(error.pos[0]))?.[0] ?? '';
    return `the key ${key.startsWith('"') ? key : `"${key.replaceAll("'", '')}"`} is given twice`;
  }
  if (error.code === 'MULTIPLE_DOCS') return 'the file holds more than one document, expected one';
  return `is not YAML: ${sentence(error.message)}`;
}

function sentence(message: string): string {
  const first = message.split('\n', 1)[0]?.trim().replace(/[.:]$/, '') ?? '';
  return first.charAt(0).toLowerCase() + first.slice(1);
}

/** `__proto__` would vanish or do harm as a key of plain objects. */
function forbiddenKeys(document: Document.Parsed, at: (offset: number) => Place): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const visit = (node: unknown, path: DocumentPath): void => {
    if (isSeq(node)) node.items.forEach((item, index) => visit(item, [...path, index]));
    if (!isMap(node)) return;
    for (const pair of node.items) {
      const key = keyText(pair);
      if (key === '__proto__') {
        found.push({
          place: at(start(pair.key)),
          path: formatPath(path),
          problem: 'the key "__proto__" is not allowed',
        });
      }
      visit(pair.value, [...path, key]);
    }
  };
  visit(document.contents, []);
  return found;
}

function offsetOf(document: Document.Parsed, path: DocumentPath, of: 'key' | 'value'): number {
  let node: unknown = document.contents;
  let offset = start(node);
  for (const [depth, segment] of path.entries()) {
    const resolved = isAlias(node) ? node.resolve(document) : node;
    if (isSeq(resolved)) node = resolved.items[Number(segment)];
    else if (isMap(resolved)) {
      // Of a key that is given twice the last one counts.
      const pair = resolved.items.findLast((item) => keyText(item) === String(segment));
      if (pair === undefined) return offset;
      // A value that is not there (`key:` and nothing) is shown at its key.
      const wanted = of === 'key' && depth === path.length - 1 ? pair.key : pair.value;
      node = isEmpty(wanted) ? pair.key : wanted;
    } else return offset;
    offset = start(node, offset);
  }
  return offset;
}

function keyText(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
}

function isEmpty(node: unknown): boolean {
  return node === null || node === undefined || (isScalar(node) && node.value === null && node.source === '');
}

function start(node: unknown, otherwise = 0): number {
  return (node as Node | null | undefined)?.range?.[0] ?? otherwise;
}
