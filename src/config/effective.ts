import type { Cluster, Setup } from '../domain/setup.ts';
import { DEFAULT_HOOK_POLICY } from '../domain/hooks.ts';
import { standbyWrites } from '../domain/standby.ts';
import { formatDuration } from '../util/duration.ts';
import type { DocumentPath } from './diagnostics.ts';
import { formatPath } from './diagnostics.ts';
import type { Mapping } from './document-value.ts';
import { isMapping } from './document-value.ts';
import type { Origin } from './overlay.ts';

export interface EffectiveValue {
  /** In the words of kmk.yaml: `replication.flows[0].topics`. */
  readonly path: string;
  /** Text, number, true or false, or a list of such; `{}` and `[]` where nothing is inside. */
  readonly value: unknown;
  readonly origin: Origin;
}

/** A setup in the shape of kmk.yaml, complete: loading it again gives the same setup. */
export function effectiveDocument(setup: Setup): Mapping {
  const { objectives, hookPolicy = DEFAULT_HOOK_POLICY } = setup;
  return {
    version: 1,
    name: setup.name,
    runtime: setup.runtime,
    kafka: { ...setup.kafka },
    clusters: Object.fromEntries(setup.clusters.map((cluster) => [cluster.alias, clusterDocument(cluster)])),
    replication: { ...setup.replication, flows: setup.replication.flows.map((flow) => ({ ...flow })) },
    active: setup.active,
    ui: { ...setup.ui },
    images: { ...setup.images },
    objectives: {
      loss: { records: objectives.lossRecords },
      recovery: formatDuration(objectives.recoveryMs),
      redelivered: objectives.redelivered,
    },
    standby: { writes: standbyWrites(setup) },
    fence: { ...setup.fence },
    waves: setup.waves.map((wave) => ({ ...wave })),
    watch: { ...setup.watch },
    hooks: { ...setup.hooks },
    hookPolicy: { timeout: formatDuration(hookPolicy.timeoutMs), onFailure: hookPolicy.onFailure },
  };
}

function clusterDocument(cluster: Cluster): Mapping {
  if (cluster.kind === 'lab') {
    const { brokers, port, advertisedHost } = cluster;
    return { brokers, port, ...(advertisedHost === undefined ? {} : { advertisedHost }) };
  }
  const { bootstrap, clusterId, security, connectUrl } = cluster;
  return {
    bootstrap,
    ...(clusterId === undefined ? {} : { clusterId }),
    security,
    ...(connectUrl === undefined ? {} : { connect: { url: connectUrl } }),
  };
}

/** Every leaf of a complete document with where it comes from. Lists of plain values are one leaf. */
export function effectiveValues(
  document: Mapping,
  originOf: (path: DocumentPath) => Origin,
): readonly EffectiveValue[] {
  const values: EffectiveValue[] = [];
  const visit = (value: unknown, path: DocumentPath): void => {
    const children = childrenOf(value);
    for (const [segment, child] of children) visit(child, [...path, segment]);
    if (children.length === 0) values.push({ path: formatPath(path), value, origin: originOf(path) });
  };
  visit(document, []);
  return values;
}

function childrenOf(value: unknown): readonly (readonly [string | number, unknown])[] {
  if (isMapping(value)) return Object.entries(value);
  return Array.isArray(value) && value.some(isMapping) ? [...value.entries()] : [];
}
