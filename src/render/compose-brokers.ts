import type { Images } from '../domain/lab/images.ts';
import type { BrokerLayout, Layout, ZookeeperLayout } from '../domain/lab/layout.ts';
import { clusterLayout, COMPOSE_ADMIN_PORT, COMPOSE_INTERNAL_PORT } from '../domain/lab/layout.ts';
import { brokerFile, diskName, DISK_DIR, zookeeperFile } from '../domain/lab/services.ts';
import { launch, launchKraftBroker, launchZookeeperBroker } from './compose-command.ts';
import type { ComposeService, Mount } from './compose-service.ts';
import {
  CONTAINER_DIR,
  fileMount,
  labels,
  MOUNTED_DIR,
  portOpen,
  publish,
  secretsMount,
  started,
} from './compose-service.ts';

/** Where KafkaDockerWrapper of apache/kafka looks for a configuration that replaces the image's own. */
const APACHE_CONFIG = '/mnt/shared/config/server.properties';

/**
 * Brokers, and the ZooKeeper of each cluster that has one. A broker's configuration is a mounted file: the images'
 * KAFKA_* variables go into a properties file unescaped.
 */
export function brokerServices(layout: Layout, images: Images): readonly ComposeService[] {
  return layout.clusters.flatMap(({ zookeeper, brokers }) => [
    ...(zookeeper === null ? [] : [zookeeperService(layout, images, zookeeper)]),
    ...(layout.setup.faults.diskMb === 0 ? [] : brokers.map((broker) => diskService(layout, images, broker))),
    ...brokers.map((broker) => brokerService(layout, images, broker)),
  ]);
}

function brokerService(layout: Layout, images: Images, broker: BrokerLayout): ComposeService {
  const { alias, advertisedHost } = broker.cluster;
  const { zookeeper } = clusterLayout(layout, alias);
  const open = !layout.closed.includes(alias);
  const address = advertisedHost === undefined ? '127.0.0.1' : '0.0.0.0';
  const byImage = zookeeper === null && layout.setup.kafka.distribution === 'apache';
  const file = byImage ? APACHE_CONFIG : `${CONTAINER_DIR}/${brokerFile(broker)}`;
  return {
    name: broker.name,
    image: images.kafka,
    ...(zookeeper === null ? launchKraftBroker(layout, broker, file) : launchZookeeperBroker(layout, broker, file)),
    ports: [
      ...(open ? [publish(broker.client, broker.client, address)] : []),
      publish(broker.internal, COMPOSE_ADMIN_PORT),
    ],
    networks: [alias],
    memoryMb: 500,
    mounts: [
      dataMount(broker, '/var/lib/kafka/data'),
      fileMount(`./${MOUNTED_DIR}/${brokerFile(broker)}`, file),
      secretsMount(),
    ],
    dependsOn: started([
      ...(zookeeper === null ? [] : [zookeeper.name]),
      ...(layout.setup.faults.diskMb === 0 ? [] : [diskName(broker)]),
    ]),
    healthcheck: portOpen(COMPOSE_INTERNAL_PORT),
    profiles: [],
    labels: labels(layout, 'broker', alias, `127.0.0.1:${open ? broker.client : broker.internal}`),
  };
}

function dataMount(broker: BrokerLayout, target: string): Mount {
  return { type: 'volume', source: `${broker.name}-data`, target, readOnly: false };
}

/** Keeps the broker's disk, which is in memory, while the broker is down: an unused one is forgotten. */
function diskService(layout: Layout, images: Images, broker: BrokerLayout): ComposeService {
  return {
    name: diskName(broker),
    image: images.kafka,
    command: ['sleep', 'infinity'],
    environment: [],
    ports: [],
    networks: [broker.cluster.alias],
    memoryMb: layout.setup.faults.diskMb,
    mounts: [dataMount(broker, DISK_DIR)],
    dependsOn: [],
    healthcheck: [],
    profiles: [],
    labels: labels(layout, 'disk', null, null),
  };
}

function zookeeperService(layout: Layout, images: Images, zookeeper: ZookeeperLayout): ComposeService {
  const file = `${CONTAINER_DIR}/${zookeeperFile(zookeeper)}`;
  return {
    name: zookeeper.name,
    image: images.zookeeper,
    ...launch(layout, 'zookeeper', file),
    ports: [publish(zookeeper.port)],
    networks: [zookeeper.alias],
    memoryMb: 100,
    mounts: [
      { type: 'volume', source: `${zookeeper.name}-data`, target: '/var/lib/zookeeper/data', readOnly: false },
      fileMount(`./${MOUNTED_DIR}/${zookeeperFile(zookeeper)}`, file),
    ],
    dependsOn: [],
    healthcheck: portOpen(zookeeper.port),
    profiles: [],
    labels: labels(layout, 'zookeeper', zookeeper.alias, `127.0.0.1:${zookeeper.port}`),
  };
}
