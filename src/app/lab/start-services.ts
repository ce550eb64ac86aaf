import { GATE_WAYS_FILE, gateWays } from '../../domain/lab/gate.ts';
import type { Layout } from '../../domain/lab/layout.ts';
import { clusterLayout, workerLayout } from '../../domain/lab/layout.ts';
import type { ServiceSpec } from '../../domain/lab/service-spec.ts';
import {
  brokerSpec,
  containerSpec,
  dedicatedSpec,
  diskName,
  gateSpec,
  workerSpec,
  zookeeperSpec,
} from '../../domain/lab/services.ts';
import type { RenderedFile } from '../ports/template-renderer.ts';
import { allOrAbort } from '../all-or-abort.ts';
import type { Toolbox } from '../ports/toolbox.ts';
import type { Lab } from './lab.ts';

export interface StartRequest {
  /** Clusters whose brokers are started; default all. */
  readonly clusters?: readonly string[];
  /** Clusters whose Connect worker (or dedicated MM2) is started. */
  readonly workers: readonly string[];
}

/** Everything the lab's services read, for its layout. */
export function renderLab(tools: Toolbox, layout: Layout): readonly RenderedFile[] {
  const { renderer } = tools;
  if (layout.addressing === 'compose') return renderer.compose(layout);
  const { mode, flows } = layout.setup.replication;
  return [
    ...renderer.brokers(layout),
    ...gateFiles(layout),
    ...(mode === 'connect'
      ? [...renderer.workers(layout), ...renderer.connectors(layout, flows)]
      : renderer.mm2(layout)),
  ];
}

function gateFiles(layout: Layout): readonly RenderedFile[] {
  const ways = gateWays(layout);
  return ways.length === 0 ? [] : [{ path: GATE_WAYS_FILE, content: `${JSON.stringify(ways, null, 2)}\n` }];
}

/** Writes the rendered files and starts the services all at once. True when any was not running as it should. */
export async function startServices(lab: Lab, request: StartRequest, signal: AbortSignal): Promise<boolean> {
  const { tools, runtime } = lab;
  const rendered = renderLab(tools, lab.layout);
  await tools.files.secrets();
  await tools.files.write(rendered);
  const specs = specsOf(lab, request, rendered);
  const started = await allOrAbort(
    signal,
    specs.map((spec) => (either: AbortSignal) => runtime.start(spec, either)),
  );
  return started.includes(true);
}

function specsOf(lab: Lab, request: StartRequest, rendered: readonly RenderedFile[]): readonly ServiceSpec[] {
  const { layout, record } = lab;
  const contentOf = (path: string): string => rendered.find((file) => file.path === path)?.content ?? '';
  const clusters = request.clusters ?? layout.clusters.map((cluster) => cluster.alias);
  const brokers = clusters.flatMap((alias) =>
    clusterLayout(layout, alias).brokers.map((broker) =>
      brokerSpec(layout, broker, record.clusterIds[alias] ?? '', contentOf),
    ),
  );
  const zookeepers = clusters.flatMap((alias) => {
    const { zookeeper } = clusterLayout(layout, alias);
    return zookeeper === null ? [] : [zookeeperSpec(zookeeper, contentOf)];
  });
  const dedicated = record.setup.replication.mode === 'dedicated';
  const workers = request.workers.map((alias) =>
    dedicated ? dedicatedSpec(alias, contentOf) : workerSpec(workerLayout(layout, alias), contentOf),
  );
  const gate = gateSpec(layout, contentOf);
  const hasDisks = layout.addressing === 'compose' && layout.setup.faults.diskMb > 0;
  const disks = hasDisks
    ? clusters.flatMap((alias) =>
        clusterLayout(layout, alias).brokers.map((broker) => containerSpec(diskName(broker), 'disk')),
      )
    : [];
  return [...(gate === null ? [] : [gate]), ...disks, ...zookeepers, ...brokers, ...workers];
}
