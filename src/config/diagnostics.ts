import { KmkError } from '../domain/errors.ts';

/** Keys and indexes from the root of a document to one of its values. */
export type DocumentPath = readonly (string | number)[];

/** Where a value was written. Line and column start at 1 and are null where there is no text (environment, flags). */
export interface Place {
  readonly kind: 'file' | 'env' | 'flag';
  /** The file as the user knows it, the variable's name, or the flag. */
  readonly name: string;
  readonly line: number | null;
  readonly column: number | null;
}

/** One thing that is wrong or risky in a document. */
export interface Diagnostic {
  readonly place: Place;
  /** As `formatPath` writes it; empty for the document as a whole. */
  readonly path: string;
  /** Lowercase, one line, without a full stop: the value given and what is expected. Never a secret. */
  readonly problem: string;
}

/** `replication.flows[0].config["tasks.max"]`: keys that are no plain words are quoted. */
export function formatPath(path: DocumentPath): string {
  let text = '';
  for (const segment of path) {
    if (typeof segment === 'number') text += `[${segment}]`;
    else if (!/^[A-Za-z0-9_-]+$/.test(segment)) text += `[${JSON.stringify(segment)}]`;
    else text += text === '' ? segment : `.${segment}`;
  }
  return text;
}

/** `kmk.yaml:3:5: kafka.mode: got "zk", expected kraft | zookeeper`. */
export function formatDiagnostic({ place, path, problem }: Diagnostic): string {
  const position = place.line === null ? '' : `:${place.line}:${place.column ?? 1}`;
  return `${place.name}${position}: ${path === '' ? '' : `${path}: `}${problem}`;
}

/** `got "zk", expected kraft | zookeeper, did you mean "zookeeper"?` */
export function mismatch(given: string, expected: string, suggestion: string | null = null): string {
  return `got ${given}, expected ${expected}${suggestion === null ? '' : `, did you mean "${suggestion}"?`}`;
}

const SECRET_KEY = /(?:pass(?:word|phrase)|secret|jaas\.config|credentials)$/i;
const MAX_GIVEN = 80;

/** True where a value must not be shown or written as text: passwords, JAAS lines, private keys. */
export function isSecretPath(path: DocumentPath): boolean {
  const key = path.findLast((segment): segment is string => typeof segment === 'string') ?? '';
  return SECRET_KEY.test(key) || key === 'ssl.keystore.key';
}

/** A value as a message may show it: one line, short, quoted where it is text, secrets masked. */
export function describeGiven(value: unknown, path: DocumentPath): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (isSecretPath(path)) return '"***"';
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return JSON.stringify(value);
  if (value.includes('PRIVATE KEY')) return '"***"';
  const shown = value.replace(/(\/\/)[^/@\s]*@/, '$1***@');
  return JSON.stringify(shown.length > MAX_GIVEN ? `${shown.slice(0, MAX_GIVEN)}...` : shown);
}

/** In the order of the text; what is said twice about the same place is said once. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Set<string>();
  return diagnostics
    .filter((diagnostic) => {
      const line = formatDiagnostic(diagnostic);
      return !seen.has(line) && seen.add(line);
    })
    .toSorted((a, b) => (a.place.line ?? 0) - (b.place.line ?? 0) || (a.place.column ?? 0) - (b.place.column ?? 0));
}

/**
 * One error for all of them. A single finding is the message; of several the message says how many there are and
 * `diagnostics` holds a line each. When everything wrong came from flags it is a usage error (exit 2), else a config
 * error (exit 3).
 */
export function invalidConfig(diagnostics: readonly Diagnostic[], hints: readonly string[] = []): KmkError {
  const lines = sortDiagnostics(diagnostics).map(formatDiagnostic);
  const [first] = lines;
  const onlyFlags = diagnostics.every(({ place }) => place.kind === 'flag');
  const file = diagnostics.find(({ place }) => place.kind === 'file')?.place.name ?? null;
  const many = `${lines.length} errors in ${file ?? 'the configuration'}`;
  return new KmkError(onlyFlags ? 'KMK_USAGE' : 'KMK_CONFIG_INVALID', lines.length === 1 && first ? first : many, {
    diagnostics: lines.length === 1 ? [] : lines,
    context: { file, errors: lines.length },
    hints,
  });
}
