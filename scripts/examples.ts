import type { RenderTarget } from '../src/app/render/render-files.ts';
import { renderAll } from '../src/app/render/render-files.ts';
import type { RenderedFile } from '../src/app/ports/template-renderer.ts';
import { preferredPorts } from '../src/domain/lab/ports.ts';
import type { Flow, LabCluster, Replication, Setup } from '../src/domain/setup.ts';
import { createTemplateRenderer } from '../src/render/template-renderer.ts';

/** A folder of compose/: what kmk renders for one setup. */
export interface Example {
  readonly name: string;
  readonly what: RenderTarget;
  readonly setup: Setup;
}

/** Everything of a flow that kmk.yaml need not say. */
export function flow(source: string, target: string, overrides: Partial<Flow> = {}): Flow {
  return {
    source,
    target,
    topics: ['.*'],
    topicsExclude: [],
    groups: ['.*'],
    groupsExclude: [],
    config: {},
    ...overrides,
  };
}

export function labCluster(alias: string, port: number, brokers = 1): LabCluster {
  return { kind: 'lab', alias, brokers, port };
}

export function replication(overrides: Partial<Replication> = {}): Replication {
  return {
    mode: 'connect',
    policy: 'default',
    separator: '.',
    profile: 'lab',
    flows: [flow('primary', 'dr')],
    ...overrides,
  };
}

/** The setup of an empty kmk.yaml, with `overrides`. */
export function labSetup(overrides: Partial<Setup> = {}): Setup {
  return {
    name: 'kmk',
    runtime: 'auto',
    kafka: { version: '4.3.1', distribution: 'apache', mode: 'kraft' },
    clusters: [labCluster('primary', 9092), labCluster('dr', 9093)],
    replication: replication(),
    active: 'primary',
    ui: { enabled: true, port: 8080 },
    images: {},
    faults: { network: false, diskMb: 0 },
    objectives: { lossRecords: 0, recoveryMs: 30_000, redelivered: 1000 },
    fence: { strategies: ['acl'], principals: [] },
    waves: [],
    watch: { checks: 5, witnesses: [] },
    hooks: {},
    ...overrides,
  };
}

export const EXAMPLES: readonly Example[] = [
  { name: 'lab', what: 'all', setup: labSetup() },
  {
    name: 'lab-dedicated',
    what: 'compose',
    setup: labSetup({ replication: replication({ mode: 'dedicated' }), ui: { enabled: false, port: 8080 } }),
  },
  {
    name: 'three-brokers',
    what: 'compose',
    setup: labSetup({ clusters: [labCluster('primary', 9092, 3), labCluster('dr', 9093, 3)] }),
  },
  {
    name: 'aggregation-3.9',
    what: 'compose',
    setup: labSetup({
      name: 'aggregation',
      kafka: { version: '3.9.2', distribution: 'apache', mode: 'kraft' },
      clusters: [labCluster('east', 9092), labCluster('west', 9093), labCluster('central', 9094)],
      replication: replication({
        profile: 'production',
        flows: [flow('east', 'central', { topics: ['orders', 'payments\\..*'] }), flow('west', 'central')],
      }),
      active: 'east',
    }),
  },
  {
    name: 'confluent-7.9',
    what: 'compose',
    setup: labSetup({ kafka: { version: '3.9.2', distribution: 'confluent', mode: 'zookeeper' } }),
  },
  {
    name: 'confluent-7.9-kraft',
    what: 'compose',
    setup: labSetup({ kafka: { version: '3.9.2', distribution: 'confluent', mode: 'kraft' } }),
  },
];

export async function renderExample(example: Example): Promise<readonly RenderedFile[]> {
  return renderAll(example.setup, await preferredPorts(example.setup), example.what, createTemplateRenderer());
}
