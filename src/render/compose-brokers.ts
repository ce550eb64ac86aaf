import { renderedClusterId } from '../domain/lab/cluster-id.ts';
import type { Images } from '../domain/lab/images.ts';
import type { BrokerLayout, Layout } from '../domain/lab/layout.ts';
import { COMPOSE_INTERNAL_PORT } from '../domain/lab/layout.ts';
import { brokerFile } from '../domain/lab/services.ts';
import type { ComposeService } from './compose-service.ts';
import { fileMount, labels, MOUNTED_DIR, portOpen, publish, secretsMount, SHORT_START } from './compose-service.ts';

/**
 * Brokers run the command of apache/kafka, which formats the storage with CLUSTER_ID and starts the broker. Their
 * configuration is a mounted file: the image's KAFKA_* variables go into a properties file unescaped.
 */
export function brokerServices(layout: Layout, images: Images): readonly ComposeService[] {
  return layout.clusters.flatMap((cluster) => cluster.brokers.map((broker) => brokerService(layout, images, broker)));
}

function brokerService(layout: Layout, images: Images, broker: BrokerLayout): ComposeService {
  const { alias, advertisedHost } = broker.cluster;
  const open = !layout.closed.includes(alias);
  const address = advertisedHost === undefined ? '127.0.0.1' : '0.0.0.0';
  return {
    name: broker.name,
    image: images.kafka,
    command: [],
    environment: [
      { name: 'CLUSTER_ID', value: renderedClusterId(layout.setup.name, alias) },
      { name: 'KAFKA_HEAP_OPTS', value: '-Xms256m -Xmx512m' },
      { name: 'KAFKA_JVM_PERFORMANCE_OPTS', value: ['-server', ...SHORT_START].join(' ') },
    ],
    ports: [...(open ? [publish(broker.client, broker.client, address)] : []), publish(broker.internal)],
    memoryMb: 500,
    mounts: [
      { type: 'volume', source: `${broker.name}-data`, target: '/var/lib/kafka/data', readOnly: false },
      fileMount(`./${MOUNTED_DIR}/${brokerFile(broker)}`, '/mnt/shared/config/server.properties'),
      secretsMount(),
    ],
    dependsOn: [],
    healthcheck: portOpen(COMPOSE_INTERNAL_PORT),
    profiles: [],
    labels: labels(layout, 'broker', alias, `127.0.0.1:${open ? broker.client : broker.internal}`),
  };
}
