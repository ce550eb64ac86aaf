import { nearestName } from '../util/nearest.ts';
import { DEFAULTS } from './defaults.ts';
import type { Diagnostic, DocumentPath, Place } from './diagnostics.ts';
import { formatPath } from './diagnostics.ts';
import { has, isMapping, withValue } from './document-value.ts';
import type { Scalar } from './scalars.ts';
import { readScalar, scalarsOf } from './scalars.ts';
import type { Locate } from './yaml-document.ts';

export type Origin = 'flag' | 'env' | 'file' | 'default';
export type Environment = Readonly<Record<string, string | undefined>>;

/** Values given on the command line, by path: `{ runtime: 'local', 'ui.enabled': false }`. Undefined means not given. */
export type FlagValues = Readonly<Record<string, string | number | boolean | undefined>>;

/** A document with variables and flags laid over it. */
export interface Overlaid {
  readonly value: unknown;
  readonly locate: Locate;
  /** Where the value of a path comes from. */
  readonly originOf: (path: DocumentPath) => Origin;
  readonly warnings: readonly Diagnostic[];
}

/** Variables that the command line reads for itself. */
const OWN_VARIABLES = new Set(
  'YES CONFIG STATE_DIR TIMEOUT CACHE OUTPUT QUIET VERBOSE NO_COLOR KAFKA_HOME PLAN LOG'
    .split(' ')
    .map((word) => `KMK_${word}`),
);

/** How the command line spells the flags of some paths; others are `--<last key>`. */
const FLAG_NAMES: Readonly<Record<string, string>> = { name: '--project', 'ui.enabled': '--no-ui' };

/** Flag over variable over file. Values go in as they are: the schema judges them together with the file's. */
export function overlay(document: unknown, locate: Locate, env: Environment, flags: FlagValues): Overlaid {
  const places = new Map<string, Place>();
  let value = document;
  const set = (path: DocumentPath, given: unknown, kind: 'env' | 'flag', name: string): void => {
    if (path[0] === 'clusters') value = withDefaultClusters(value);
    value = withValue(value, path, given);
    places.set(formatPath(path), { kind, name, line: null, column: null });
  };
  const scalars = scalarsOf(document);
  for (const { path, kind, variable, text } of given(scalars, env)) set(path, readScalar(text, kind), 'env', variable);
  for (const [path, flag] of Object.entries(flags)) {
    const name = FLAG_NAMES[path] ?? `--${path.split('.').at(-1) ?? path}`;
    if (flag !== undefined) set(path.split('.'), flag, 'flag', name);
  }
  return {
    value,
    locate: (path, of) => places.get(formatPath(path)) ?? locate(path, of),
    originOf: (path) => {
      const place = places.get(formatPath(path));
      if (place !== undefined && place.kind !== 'file') return place.kind;
      return has(document, path) ? 'file' : 'default';
    },
    warnings: misspelt(scalars, env),
  };
}

type GivenScalar = Scalar & { readonly text: string };

/** An empty variable is as good as none. KMK_PROJECT is the twin of `--project` and wins over KMK_NAME. */
function given(scalars: readonly Scalar[], env: Environment): readonly GivenScalar[] {
  return scalars.flatMap((scalar) => {
    const names = scalar.variable === 'KMK_NAME' ? ['KMK_PROJECT', 'KMK_NAME'] : [scalar.variable];
    const variable = names.find((name) => (env[name] ?? '') !== '');
    return variable === undefined ? [] : [{ ...scalar, variable, text: env[variable] ?? '' }];
  });
}

function withDefaultClusters(value: unknown): unknown {
  if (!isMapping(value) || value['clusters'] !== undefined) return value;
  return { ...value, clusters: Object.fromEntries(DEFAULTS.aliases.map((alias) => [alias, {}])) };
}

/** Unknown variables are ignored, as they may be someone's own; one that is nearly right is probably a mistake. */
function misspelt(scalars: readonly Scalar[], env: Environment): readonly Diagnostic[] {
  const known = new Set(['KMK_PROJECT', ...scalars.map(({ variable }) => variable)]);
  const unknown = Object.keys(env).filter(
    (name) => name.startsWith('KMK_') && !known.has(name) && !OWN_VARIABLES.has(name),
  );
  return unknown.flatMap((name) => {
    // The common prefix says nothing about nearness.
    const nearest = nearestName(
      name.slice(4),
      [...known].map((candidate) => candidate.slice(4)),
    );
    if (nearest === null || name.length < 7) return [];
    const place: Place = { kind: 'env', name, line: null, column: null };
    return [{ place, path: '', problem: `is ignored, did you mean KMK_${nearest}?` }];
  });
}
