import { DEFAULTS } from './defaults.ts';
import type { DocumentPath } from './diagnostics.ts';
import { at, isMapping } from './document-value.ts';

/** How a variable's text becomes a value: what does not fit stays text, and the schema says what was expected. */
type ScalarKind = 'text' | 'number' | 'boolean';

/** A value of kmk.yaml that a variable or a flag can set. */
export interface Scalar {
  readonly path: DocumentPath;
  readonly kind: ScalarKind;
  /** `kafka.version` is KMK_KAFKA_VERSION: the path in upper snake case. */
  readonly variable: string;
}

const FIXED: readonly (readonly [path: string, kind: ScalarKind])[] = [
  ['name', 'text'],
  ['runtime', 'text'],
  ['kafka.version', 'text'],
  ['kafka.distribution', 'text'],
  ['kafka.mode', 'text'],
  ['replication.mode', 'text'],
  ['replication.policy', 'text'],
  ['replication.separator', 'text'],
  ['replication.internalSeparator', 'boolean'],
  ['replication.profile', 'text'],
  ['active', 'text'],
  ['ui.enabled', 'boolean'],
  ['ui.port', 'number'],
  ['objectives.loss.records', 'number'],
  ['objectives.recovery', 'text'],
  ['objectives.redelivered', 'number'],
  ['watch.checks', 'number'],
  ['hookPolicy.timeout', 'text'],
  ['hookPolicy.onFailure', 'text'],
];

/** Passwords and everything else of `security` are left out: they are references, and those belong in the file. */
const OF_CLUSTER: readonly (readonly [key: string, kind: ScalarKind])[] = [
  ['brokers', 'number'],
  ['port', 'number'],
  ['advertisedHost', 'text'],
  ['clusterId', 'text'],
  ['connect.url', 'text'],
];

/** Every value that can be set from outside, for the clusters that a document names (or the default two). */
export function scalarsOf(document: unknown): readonly Scalar[] {
  const clusters = at(document, ['clusters']);
  const aliases = isMapping(clusters) ? Object.keys(clusters) : DEFAULTS.aliases;
  const ofClusters = aliases.flatMap((alias) =>
    OF_CLUSTER.map(([key, kind]) => scalar(['clusters', alias, ...key.split('.')], kind)),
  );
  return [...FIXED.map(([path, kind]) => scalar(path.split('.'), kind)), ...ofClusters];
}

function scalar(path: readonly string[], kind: ScalarKind): Scalar {
  const words = path.map((segment) => segment.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/[^A-Za-z0-9]/g, '_'));
  return { path, kind, variable: `KMK_${words.join('_').toUpperCase()}` };
}

/** The value that a variable's text stands for. */
export function readScalar(text: string, kind: ScalarKind): string | number | boolean {
  if (kind === 'number' && /^-?\d+$/.test(text)) return Number(text);
  if (kind === 'boolean' && /^(?:true|1)$/i.test(text)) return true;
  if (kind === 'boolean' && /^(?:false|0)$/i.test(text)) return false;
  return text;
}
