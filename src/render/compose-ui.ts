import type { Images } from '../domain/lab/images.ts';
import type { ClusterLayout, Layout } from '../domain/lab/layout.ts';
import type { ComposeService } from './compose-service.ts';
import { allNetworks, CONTAINER_DIR, healthy, labels, publish, secretsMount } from './compose-service.ts';

/** The port kafka-ui listens on in its image. */
const UI_PORT = 8080;

type Variables = readonly { readonly name: string; readonly value: string }[];

/** kafbat's kafka-ui over the lab's clusters and their Connect workers. */
export function uiServices(layout: Layout, images: Images): readonly ComposeService[] {
  const clusters = layout.clusters.filter((cluster) => cluster.brokers.length > 0);
  return [
    {
      name: 'ui',
      image: images.ui,
      command: [],
      environment: [
        { name: 'DYNAMIC_CONFIG_ENABLED', value: 'false' },
        // Spring resolves ${kmk.password} below from this file, so that no password stands in the environment.
        { name: 'SPRING_CONFIG_IMPORT', value: `file:${CONTAINER_DIR}/secrets/internal.properties` },
        ...clusters.flatMap((cluster, index) => clusterVariables(layout, cluster, `KAFKA_CLUSTERS_${index}`)),
      ],
      ports: [publish(layout.uiPort, UI_PORT)],
      networks: allNetworks(layout),
      memoryMb: 400,
      mounts: [secretsMount()],
      dependsOn: healthy(clusters.flatMap((cluster) => cluster.brokers.slice(0, 1).map((broker) => broker.name))),
      healthcheck: ['CMD', 'wget', '-q', '-O', '/dev/null', `http://127.0.0.1:${UI_PORT}/actuator/health`],
      profiles: [],
      labels: labels(layout, 'ui', null, `127.0.0.1:${layout.uiPort}`),
    },
  ];
}

/** The Confluent preset keeps the names that its users know: primary-cluster, dr-cluster. */
function shownName({ setup }: Layout, alias: string): string {
  return setup.kafka.distribution === 'confluent' ? `${alias}-cluster` : alias;
}

/** Read-only: the user kmk is a super user, and what the UI wrote would pass the fence. */
function clusterVariables(layout: Layout, cluster: ClusterLayout, prefix: string): Variables {
  const module = 'org.apache.kafka.common.security.plain.PlainLoginModule';
  const worker = layout.workers.find((candidate) => candidate.alias === cluster.alias);
  const connect = [
    { name: `${prefix}_KAFKACONNECT_0_NAME`, value: worker?.name ?? '' },
    { name: `${prefix}_KAFKACONNECT_0_ADDRESS`, value: `http://${worker?.host ?? ''}:${worker?.restPort ?? 0}` },
  ];
  return [
    { name: `${prefix}_NAME`, value: shownName(layout, cluster.alias) },
    { name: `${prefix}_BOOTSTRAPSERVERS`, value: cluster.internalBootstrap },
    { name: `${prefix}_READONLY`, value: 'true' },
    { name: `${prefix}_PROPERTIES_SECURITY_PROTOCOL`, value: 'SASL_PLAINTEXT' },
    { name: `${prefix}_PROPERTIES_SASL_MECHANISM`, value: 'PLAIN' },
    {
      name: `${prefix}_PROPERTIES_SASL_JAAS_CONFIG`,
      value: `${module} required username="kmk" password="\${kmk.password}";`,
    },
    ...(worker === undefined || layout.setup.replication.mode === 'dedicated' ? [] : connect),
  ];
}
