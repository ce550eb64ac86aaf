import type { Cluster, ExistingCluster, Flow, LabCluster, Security, Setup } from '../domain/setup.ts';
import { parseDuration } from '../util/duration.ts';
import { DEFAULTS } from './defaults.ts';
import type { ConfigFile } from './schema.ts';

type ClusterFile = NonNullable<ConfigFile['clusters']>[string];
type FlowFile = NonNullable<NonNullable<ConfigFile['replication']>['flows']>[number];

/** Fills in every default and parses durations. Total for whatever the schema accepts, also where a rule is broken. */
export function normalise(file: ConfigFile): Setup {
  const clusters = clustersOf(file);
  const active = file.active ?? clusters[0]?.alias ?? '';
  const { replication, kafka, objectives } = file;
  return {
    name: file.name ?? DEFAULTS.name,
    runtime: file.runtime ?? DEFAULTS.runtime,
    kafka: {
      version: kafka?.version ?? DEFAULTS.kafka.version,
      distribution: kafka?.distribution ?? DEFAULTS.kafka.distribution,
      mode: kafka?.mode ?? DEFAULTS.kafka.mode,
    },
    clusters,
    replication: {
      mode: replication?.mode ?? DEFAULTS.replication.mode,
      policy: replication?.policy ?? DEFAULTS.replication.policy,
      separator: replication?.separator ?? DEFAULTS.replication.separator,
      internalSeparator: replication?.internalSeparator ?? DEFAULTS.replication.internalSeparator,
      profile: replication?.profile ?? DEFAULTS.replication.profile,
      flows: (replication?.flows ?? defaultFlows(clusters, active)).map(flowOf),
    },
    active,
    ui: {
      enabled: file.ui?.enabled ?? DEFAULTS.ui.enabled,
      port: file.ui?.port ?? freeFrom(DEFAULTS.ui.port, explicitPorts(file)),
    },
    images: file.images ?? {},
    faults: {
      network: file.faults?.network ?? DEFAULTS.faults.network,
      diskMb: file.faults?.diskMb ?? DEFAULTS.faults.diskMb,
    },
    objectives: {
      lossRecords: objectives?.loss?.records ?? DEFAULTS.objectives.loss.records,
      recoveryMs: parseDuration(objectives?.recovery ?? DEFAULTS.objectives.recovery) ?? 0,
      redelivered: objectives?.redelivered ?? DEFAULTS.objectives.redelivered,
    },
    standby: { writes: file.standby?.writes ?? DEFAULTS.standby.writes },
    fence: {
      strategies: file.fence?.strategies ?? DEFAULTS.fence.strategies,
      principals: file.fence?.principals ?? [],
    },
    waves: (file.waves ?? []).map((wave) => ({ topics: wave.topics ?? [], groups: wave.groups ?? [] })),
    watch: { checks: file.watch?.checks ?? DEFAULTS.watch.checks, witnesses: file.watch?.witnesses ?? [] },
    hooks: file.hooks ?? {},
    hookPolicy: {
      timeoutMs: parseDuration(file.hookPolicy?.timeout ?? DEFAULTS.hookPolicy.timeout) ?? 0,
      onFailure: file.hookPolicy?.onFailure ?? DEFAULTS.hookPolicy.onFailure,
    },
  };
}

/** The clusters of a file as it is written, or the default two. */
export function clusterEntries(file: Pick<ConfigFile, 'clusters'>): readonly (readonly [string, ClusterFile])[] {
  return Object.entries(file.clusters ?? Object.fromEntries(DEFAULTS.aliases.map((alias) => [alias, {}])));
}

function clustersOf(file: ConfigFile): readonly Cluster[] {
  const taken = new Set(explicitPorts(file));
  return clusterEntries(file).map(([alias, cluster]): Cluster => {
    if (cluster.bootstrap !== undefined) return existingCluster(alias, cluster, cluster.bootstrap);
    const port = cluster.port ?? freeFrom(DEFAULTS.port, taken);
    if (cluster.port === undefined && port !== 'auto') taken.add(port);
    return labCluster(alias, cluster, port);
  });
}

/** Ports that the file gives: defaults make room for them. */
function explicitPorts(file: ConfigFile): readonly number[] {
  const ports = clusterEntries(file).map(([, cluster]) => cluster.port);
  return [...ports, file.ui?.port].filter((port) => typeof port === 'number');
}

function freeFrom(first: number, taken: ReadonlySet<number> | readonly number[]): number {
  const used = new Set(taken);
  let port = first;
  while (used.has(port)) port += 1;
  return port;
}

function labCluster(alias: string, cluster: ClusterFile, port: number | 'auto'): LabCluster {
  const { advertisedHost } = cluster;
  const brokers = cluster.brokers ?? DEFAULTS.brokers;
  return { kind: 'lab', alias, brokers, port, ...(advertisedHost === undefined ? {} : { advertisedHost }) };
}

function existingCluster(alias: string, cluster: ClusterFile, bootstrap: readonly string[]): ExistingCluster {
  const { clusterId, connect } = cluster;
  return {
    kind: 'existing',
    alias,
    bootstrap,
    security: securityOf(cluster.security),
    ...(clusterId === undefined ? {} : { clusterId }),
    ...(connect === undefined ? {} : { connectUrl: connect.url }),
  };
}

function securityOf(security: ClusterFile['security']): Security {
  if (security === undefined) return { protocol: 'PLAINTEXT' };
  const { protocol, sasl, tls } = security;
  return {
    protocol,
    ...(sasl === undefined ? {} : { sasl: { mechanism: sasl.mechanism, ...defined(sasl, ['username', 'password']) } }),
    ...(tls === undefined
      ? {}
      : {
          tls: {
            verifyHostname: tls.verifyHostname ?? true,
            ...defined(tls, ['ca', 'cert', 'key', 'truststore', 'keystore']),
          },
        }),
  };
}

/** The keys that are there: absent ones stay absent, as the types of the domain ask for. */
function defined<Key extends string>(
  from: Partial<Record<Key, string | undefined>>,
  keys: readonly Key[],
): Partial<Record<Key, string>> {
  const found: Partial<Record<Key, string>> = {};
  for (const key of keys) {
    const value = from[key];
    if (value !== undefined) found[key] = value;
  }
  return found;
}

function defaultFlows(clusters: readonly Cluster[], active: string): readonly FlowFile[] {
  return clusters.filter(({ alias }) => alias !== active).map(({ alias }) => ({ source: active, target: alias }));
}

function flowOf(flow: FlowFile): Flow {
  return {
    source: flow.source,
    target: flow.target,
    topics: flow.topics ?? DEFAULTS.patterns,
    topicsExclude: flow.topicsExclude ?? [],
    groups: flow.groups ?? DEFAULTS.patterns,
    groupsExclude: flow.groupsExclude ?? [],
    config: Object.fromEntries(Object.entries(flow.config ?? {}).map(([key, value]) => [key, String(value)])),
  };
}
