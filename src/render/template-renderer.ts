import type { RenderedFile, TemplateRenderer } from '../app/ports/template-renderer.ts';
import { brokerProperties } from '../domain/lab/broker-config.ts';
import type { Connector } from '../domain/lab/connect-config.ts';
import { connectorsOf, workerProperties } from '../domain/lab/connect-config.ts';
import type { Layout, ZookeeperLayout } from '../domain/lab/layout.ts';
import { mm2Properties } from '../domain/lab/mm2-config.ts';
import type { PropertySection } from '../domain/lab/properties.ts';
import { brokerFile, MM2_FILE, workerFile, zookeeperFile } from '../domain/lab/services.ts';
import { zookeeperProperties } from '../domain/lab/zookeeper-config.ts';
import type { Flow } from '../domain/setup.ts';
import { flowId } from '../domain/setup.ts';
import { postConnectorsView } from './compose-replication.ts';
import { MOUNTED_DIR } from './compose-service.ts';
import { composeView } from './compose-view.ts';
import type { FillTemplate } from './template-engine.ts';
import { createTemplateEngine } from './template-engine.ts';

/** Renders by the Handlebars templates of the package. Reads templates, writes nothing; the same layout, the same bytes. */
export function createTemplateRenderer(): TemplateRenderer {
  const fill = createTemplateEngine();
  return {
    brokers: (layout) => renderBrokers(fill, layout),
    workers: (layout) => renderWorkers(fill, layout),
    connectors: (layout, flows) => flows.flatMap((flow) => renderConnectors(fill, layout, flow)),
    mm2: (layout) => renderMm2(fill, layout),
    compose: (layout) => renderCompose(fill, layout),
  };
}

function renderBrokers(fill: FillTemplate, layout: Layout): readonly RenderedFile[] {
  return layout.clusters.flatMap((cluster) => [
    ...cluster.brokers.map((broker) => ({
      path: brokerFile(broker),
      content: fill('kafka/server.properties', {
        title: `Broker ${broker.id} of cluster "${cluster.alias}"`,
        sections: sectionViews(brokerProperties(layout, cluster, broker)),
      }),
    })),
    ...(cluster.zookeeper === null ? [] : [renderZookeeper(fill, layout, cluster.zookeeper)]),
  ]);
}

function renderZookeeper(fill: FillTemplate, layout: Layout, zookeeper: ZookeeperLayout): RenderedFile {
  const title = `ZooKeeper of cluster "${zookeeper.alias}"`;
  const sections = sectionViews(zookeeperProperties(layout, zookeeper));
  return { path: zookeeperFile(zookeeper), content: fill('kafka/server.properties', { title, sections }) };
}

function renderWorkers(fill: FillTemplate, layout: Layout): readonly RenderedFile[] {
  return layout.workers.map((worker) => ({
    path: workerFile(worker),
    content: fill('connect/worker.properties', {
      title: `Kafka Connect worker of cluster "${worker.alias}": runs the MM2 connectors whose target it is`,
      sections: sectionViews(workerProperties(layout, worker)),
    }),
  }));
}

function renderConnectors(fill: FillTemplate, layout: Layout, flow: Flow): readonly RenderedFile[] {
  return connectorsOf(layout, flow).flatMap((connector) => {
    const path = `connect/${flow.source}-${flow.target}/${connector.type}`;
    return [
      { path: `${path}.json`, content: fill('connect/connector.json', jsonView(connector)) },
      { path: `${path}.properties`, content: fill('connect/connector.properties', propertiesView(connector, flow)) },
    ];
  });
}

function renderMm2(fill: FillTemplate, layout: Layout): readonly RenderedFile[] {
  const content = fill('mm2/mm2.properties', {
    title: `Dedicated MirrorMaker 2 of "${layout.setup.name}"`,
    sections: sectionViews(mm2Properties(layout)),
  });
  return [{ path: MM2_FILE, content }];
}

/** docker-compose.yml, and below `containers/` what it mounts, with the addresses that hold between containers. */
function renderCompose(fill: FillTemplate, layout: Layout): readonly RenderedFile[] {
  if (layout.addressing !== 'compose') throw new Error('docker-compose.yml needs a layout with compose addressing');
  const dedicated = layout.setup.replication.mode === 'dedicated';
  const script = dedicated ? null : postConnectorsView(layout);
  const mounted = [
    ...renderBrokers(fill, layout),
    ...(dedicated ? renderMm2(fill, layout) : renderWorkers(fill, layout)),
    ...(dedicated ? [] : layout.setup.replication.flows.flatMap((flow) => renderConnectors(fill, layout, flow))),
    ...(script === null ? [] : [{ path: 'post-connectors.sh', content: fill('compose/post-connectors.sh', script) }]),
  ];
  return [
    { path: 'docker-compose.yml', content: fill('compose/docker-compose.yml', composeView(layout)) },
    ...mounted.map(({ path, content }) => ({ path: `${MOUNTED_DIR}/${path}`, content })),
  ];
}

function sectionViews(sections: readonly PropertySection[]): readonly object[] {
  return sections.map(({ comment, entries }) => ({
    comment,
    entries: entries.map(([key, value]) => ({ key, value })),
  }));
}

function jsonView(connector: Connector): object {
  const entries = Object.entries(connector.config).map(([key, value]) => ({ key, value }));
  return { name: connector.name, entries };
}

/** The file that ConnectStandalone takes: the name is an entry like the others. */
function propertiesView(connector: Connector, flow: Flow): object {
  const entries = [['name', connector.name] as const, ...Object.entries(connector.config)];
  return {
    title: `MM2 ${connector.type} connector of flow ${flowId(flow)}`,
    sections: sectionViews([{ comment: 'Connector', entries }]),
  };
}
