import { renderedClusterId } from '../domain/lab/cluster-id.ts';
import type { BrokerLayout, Layout, ZookeeperLayout } from '../domain/lab/layout.ts';
import { clusterLayout } from '../domain/lab/layout.ts';
import type { ComposeService } from './compose-service.ts';

/** What kmk runs in containers, by its main class and by the script of the Confluent images. */
const PROGRAMS = {
  broker: { mainClass: 'kafka.Kafka', script: 'kafka-server-start' },
  connect: { mainClass: 'org.apache.kafka.connect.cli.ConnectDistributed', script: 'connect-distributed' },
  mm2: { mainClass: 'org.apache.kafka.connect.mirror.MirrorMaker', script: 'connect-mirror-maker' },
  zookeeper: {
    mainClass: 'org.apache.zookeeper.server.quorum.QuorumPeerMain',
    script: 'zookeeper-server-start',
  },
} as const;

type Program = keyof typeof PROGRAMS;
export type Launch = Pick<ComposeService, 'command' | 'environment'>;

/**
 * JVM options of a lab on few cores: no collector threads, and compiling ten times later, as in ADR 0002. One deploy on
 * 2 cores took 52 s without them and without starting workers beside their brokers.
 */
const SHORT_START = ['-XX:+UseSerialGC', '-XX:-UsePerfData', '-XX:CompileThresholdScaling=10'] as const;
/** A container that returns may have another address; Java would use the old one for 30 s. */
const FRESH_ADDRESSES = ['-Dsun.net.inetaddr.ttl=1', '-Dsun.net.inetaddr.negative.ttl=0'] as const;
const HEAP = { broker: [256, 512], connect: [256, 512], mm2: [256, 512], zookeeper: [32, 128] } as const;

/**
 * How a program of Kafka starts with a properties file. From apache/kafka it is the Java class, which needs no script of
 * the image; the Confluent images keep their jars elsewhere and have every script on PATH.
 */
export function launch(layout: Layout, program: Program, file: string, more: readonly string[] = []): Launch {
  const { mainClass, script } = PROGRAMS[program];
  if (layout.setup.kafka.distribution === 'confluent') {
    return { command: [script, file, ...more], environment: scriptVariables(program) };
  }
  const java = ['java', ...heapOf(program), ...SHORT_START, ...FRESH_ADDRESSES, '-Dkafka.logs.dir=/tmp'];
  return {
    command: [...java, logging(layout, program), '-cp', '/opt/kafka/libs/*', mainClass, file, ...more],
    environment: [],
  };
}

/** A KRaft broker. apache/kafka's own command formats the storage with CLUSTER_ID first; cp-kafka is told to. */
export function launchKraftBroker(layout: Layout, broker: BrokerLayout, file: string): Launch {
  const id = { name: 'CLUSTER_ID', value: renderedClusterId(layout.setup.name, broker.cluster.alias) };
  if (layout.setup.kafka.distribution !== 'confluent') {
    return { command: [], environment: [id, ...scriptVariables('broker')] };
  }
  const { command, environment } = launch(layout, 'broker', file);
  const format = `kafka-storage format --ignore-formatted -t "$CLUSTER_ID" -c ${file}`;
  return { command: ['bash', '-c', `${format} && exec ${command.join(' ')}`], environment: [id, ...environment] };
}

/**
 * A broker with ZooKeeper. It ends at once where its earlier registration is still there
 * (kafka.zk.KafkaZkClient.CheckedEphemeral), so it waits until ZooKeeper serves and the session of a broker that was
 * killed has run out.
 */
export function launchZookeeperBroker(layout: Layout, broker: BrokerLayout, file: string): Launch {
  const { zookeeper } = clusterLayout(layout, broker.cluster.alias);
  const { command, environment } = launch(layout, 'broker', file);
  return { command: ['bash', '-c', awaitUnregistered(zookeeper, broker.id), 'bash', ...command], environment };
}

function awaitUnregistered(zookeeper: ZookeeperLayout | null, id: number): string {
  const address = `/dev/tcp/${zookeeper?.host ?? ''}/${zookeeper?.port ?? 0}`;
  const dump = `{ exec 3<>${address} && printf dump >&3 && cat <&3; } 2>/dev/null`;
  const free = `[[ $dump == *phemeral* && ! $dump =~ /brokers/ids/${id}($|[^0-9]) ]]`;
  return `until dump=$(${dump}) && ${free}; do sleep 0.2; done; exec "$@"`;
}

/** What the start scripts of both distributions read. */
function scriptVariables(program: Program): Launch['environment'] {
  return [
    { name: 'KAFKA_HEAP_OPTS', value: heapOf(program).join(' ') },
    { name: 'KAFKA_JVM_PERFORMANCE_OPTS', value: ['-server', ...SHORT_START].join(' ') },
    { name: 'KAFKA_OPTS', value: FRESH_ADDRESSES.join(' ') },
  ];
}

function heapOf(program: Program): readonly string[] {
  const [min, max] = HEAP[program];
  return [`-Xms${min}m`, `-Xmx${max}m`];
}

/** Files of apache/kafka: log4j 1 up to 3.9, the last line with ZooKeeper, and log4j 2 since 4.0. */
function logging({ setup }: Layout, program: Program): string {
  if (!setup.kafka.version.startsWith('3.')) return '-Dlog4j2.configurationFile=/opt/kafka/config/connect-log4j2.yaml';
  const file = program === 'connect' || program === 'mm2' ? 'connect-log4j' : 'log4j';
  return `-Dlog4j.configuration=file:/opt/kafka/config/${file}.properties`;
}
