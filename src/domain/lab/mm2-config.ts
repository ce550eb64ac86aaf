import type { Flow } from '../setup.ts';
import { flowId } from '../setup.ts';
import { clientConfig } from './client-config.ts';
import { checkpointOptions, heartbeatOptions, policyOptions, sourceOptions } from './flow-options.ts';
import type { ClusterLayout, Layout } from './layout.ts';
import { clusterLayout } from './layout.ts';
import type { PropertySection } from './properties.ts';
import { CONFIG_PROVIDERS } from './properties.ts';
import { DATA_PRODUCER, ratesOf, SOURCE_CONSUMER } from './replication-profile.ts';

type Entries = [string, string][];

/** mm2.properties for dedicated mode: every flow of the setup, and worker settings under the clusters' prefixes. */
export function mm2Properties(layout: Layout): readonly PropertySection[] {
  const aliases = layout.clusters.map((cluster) => cluster.alias);
  return [
    {
      comment: 'Clusters',
      entries: [['clusters', aliases.join(', ')], ...Object.entries(policyOptions(layout))],
    },
    ...layout.clusters.map((cluster) => clusterSection(layout, cluster)),
    ...layout.setup.replication.flows.map((flow) => flowSection(layout, flow)),
    ...aliases.flatMap((source) => aliases.flatMap((target) => restOfPair(layout, source, target))),
    CONFIG_PROVIDERS,
  ];
}

function clusterSection(layout: Layout, cluster: ClusterLayout): PropertySection {
  const factor = String(cluster.replicationFactor);
  const entries = {
    // One file for every process: gates between sites are refused in this mode.
    ...clientConfig(cluster, 'mm2', cluster.alias),
    'config.storage.replication.factor': factor,
    'offset.storage.replication.factor': factor,
    'status.storage.replication.factor': factor,
    'offset.storage.partitions': '1',
    'status.storage.partitions': '1',
    'offset.flush.interval.ms': String(ratesOf(layout.setup.replication.profile).offsetFlushMs),
    'scheduled.rebalance.max.delay.ms': '1000',
    // By default each herder also scans every jar by reflection: 6 s and more on two cores (KIP-898).
    'plugin.discovery': 'service_load',
  };
  return {
    comment: `Cluster "${cluster.alias}"; worker settings work only with this prefix`,
    entries: [
      ...prefixed(`${cluster.alias}.`, entries),
      ...prefixed(`${cluster.alias}.consumer.`, SOURCE_CONSUMER),
      ...prefixed(`${cluster.alias}.producer.`, DATA_PRODUCER),
    ],
  };
}

function flowSection(layout: Layout, flow: Flow): PropertySection {
  const target = clusterLayout(layout, flow.target);
  return {
    comment: `Flow ${flowId(flow)}`,
    entries: prefixed(`${flowId(flow)}.`, {
      enabled: 'true',
      ...sourceOptions(layout, flow, target),
      ...checkpointOptions(layout, flow, target),
      ...heartbeatOptions(layout, flow, target),
      ...flow.config,
    }),
  };
}

/** What MM2 must know about a pair of clusters that is no flow: by itself it would run a heartbeat herder for each. */
function restOfPair(layout: Layout, source: string, target: string): readonly PropertySection[] {
  const { flows } = layout.setup.replication;
  if (source === target || flows.some((flow) => flow.source === source && flow.target === target)) return [];
  const reversed = flows.find((flow) => flow.source === target && flow.target === source);
  const id = flowId({ source, target });
  if (reversed === undefined) {
    const off = { enabled: 'false', 'emit.heartbeats.enabled': 'false' };
    return [{ comment: `Nothing runs from "${source}" to "${target}"`, entries: prefixed(`${id}.`, off) }];
  }
  const heartbeats = heartbeatOptions(layout, reversed, clusterLayout(layout, target));
  return [
    {
      comment: `Only writes heartbeats on "${target}", which cross with flow ${flowId(reversed)}`,
      entries: prefixed(`${id}.`, { enabled: 'false', ...heartbeats }),
    },
  ];
}

function prefixed(prefix: string, entries: Readonly<Record<string, string>>): Entries {
  return Object.entries(entries).map(([key, value]) => [`${prefix}${key}`, value]);
}
