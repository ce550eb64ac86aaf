import type { BrokerLayout, ClusterLayout, Layout } from './layout.ts';
import { COMPOSE_ADMIN_PORT, COMPOSE_INTERNAL_PORT } from './layout.ts';
import type { PropertySection } from './properties.ts';
import { ZOOKEEPER_SESSION_MS } from './zookeeper-config.ts';
import { CONFIG_PROVIDERS, INTERNAL_USERS, secretRef } from './properties.ts';

const PLAIN_MODULE = 'org.apache.kafka.common.security.plain.PlainLoginModule';

/** server.properties of one broker, KRaft or with ZooKeeper, with its listeners, its authorizer and lab-sized internal topics. */
export function brokerProperties(
  layout: Layout,
  cluster: ClusterLayout,
  broker: BrokerLayout,
): readonly PropertySection[] {
  return [
    { comment: 'Identity', entries: identity(layout, cluster, broker) },
    {
      comment: 'Listeners: CLIENT is fenced at a move, INTERNAL never is',
      entries: listeners(layout, cluster, broker),
    },
    { comment: 'Authentication on everything but CLIENT', entries: authentication(layout, cluster, broker) },
    { comment: 'Authorization: open until an ACL says otherwise', entries: authorization(cluster) },
    { comment: 'Topics: kmk creates them, clients do not', entries: topics(layout, cluster) },
    CONFIG_PROVIDERS,
  ];
}

/** Directory of a broker's log, relative to the rendered files. */
export function brokerDataDir(broker: BrokerLayout): string {
  return `./data/${broker.name}`;
}

type Entries = [string, string][];

function identity(layout: Layout, cluster: ClusterLayout, broker: BrokerLayout): Entries {
  const voters = cluster.brokers.filter((node) => node.controller !== null);
  const dir = layout.addressing === 'local' ? brokerDataDir(broker) : '/var/lib/kafka/data';
  if (cluster.zookeeper !== null) {
    return [
      ['broker.id', String(broker.id)],
      ['zookeeper.connect', `${cluster.zookeeper.host}:${cluster.zookeeper.port}`],
      ['zookeeper.session.timeout.ms', String(ZOOKEEPER_SESSION_MS)],
      // The default is the session's: too short where ZooKeeper starts at the same time.
      ['zookeeper.connection.timeout.ms', '60000'],
      ['log.dirs', dir],
    ];
  }
  return [
    ['process.roles', broker.roles],
    ['node.id', String(broker.id)],
    ['controller.quorum.voters', voters.map((node) => `${node.id}@${node.host}:${node.controller ?? 0}`).join(',')],
    ['log.dirs', dir],
    // A broker that was killed may register again only when its old session is over: 9 s by default.
    ['broker.session.timeout.ms', '3000'],
    ['broker.heartbeat.interval.ms', '500'],
  ];
}

function listeners(layout: Layout, cluster: ClusterLayout, broker: BrokerLayout): Entries {
  const compose = layout.addressing === 'compose';
  // An empty host binds everywhere; 0.0.0.0 is refused where a listener is advertised as it is bound.
  const bind = compose ? '' : broker.host;
  const { gated } = broker;
  const internal = compose ? COMPOSE_INTERNAL_PORT : (gated?.internal ?? broker.internal);
  const listen = [`INTERNAL://${bind}:${internal}`];
  const advertise = [`INTERNAL://${broker.host}:${internal}`];
  const kraft = cluster.zookeeper === null;
  const map = ['CLIENT:PLAINTEXT', 'INTERNAL:SASL_PLAINTEXT', ...(kraft ? ['CONTROLLER:SASL_PLAINTEXT'] : [])];
  if (!layout.closed.includes(broker.cluster.alias)) {
    listen.unshift(`CLIENT://${bind}:${gated?.client ?? broker.client}`);
    advertise.unshift(`CLIENT://${broker.clientHost}:${broker.client}`);
    // A client in another container cannot use the address that is right for one on the host.
    if (compose) listen.push(`NETWORK://${bind}:${broker.internal}`);
    if (compose) advertise.push(`NETWORK://${broker.host}:${broker.internal}`);
  }
  if (compose) {
    map.push('NETWORK:PLAINTEXT');
    listen.push(`ADMIN://${bind}:${COMPOSE_ADMIN_PORT}`);
    advertise.push(`ADMIN://127.0.0.1:${broker.internal}`);
    map.push('ADMIN:SASL_PLAINTEXT');
  }
  // What comes through the gate has to come back through it: each way in is a listener that advertises the gate.
  for (const { name, outer, inner } of gatedListeners(broker)) {
    listen.push(`${name}://${bind}:${inner}`);
    advertise.push(`${name}://127.0.0.1:${outer}`);
    map.push(`${name}:SASL_PLAINTEXT`);
  }
  if (broker.controller !== null) listen.push(`CONTROLLER://${bind}:${broker.controller}`);
  return [
    ['listeners', listen.join(',')],
    ['advertised.listeners', advertise.join(',')],
    ['listener.security.protocol.map', map.join(',')],
    ['inter.broker.listener.name', 'INTERNAL'],
    ...(kraft ? [['controller.listener.names', 'CONTROLLER'] as [string, string]] : []),
  ];
}

/** Beside CLIENT: kmk itself, and the workers of other sites. */
function gatedListeners({ gated, internal }: BrokerLayout): readonly { name: string; outer: number; inner: number }[] {
  if (gated === null) return [];
  const links = gated.links.map(({ outer, inner }, index) => ({ name: `LINK${index + 1}`, outer, inner }));
  return [{ name: 'ADMIN', outer: internal, inner: gated.admin }, ...links];
}

function authentication(layout: Layout, cluster: ClusterLayout, broker: BrokerLayout): Entries {
  const users = INTERNAL_USERS.map((user) => `user_${user}="${secretRef(user)}"`).join(' ');
  const jaas = `${PLAIN_MODULE} required username="kmk" password="${secretRef('kmk')}" ${users};`;
  const kraft = cluster.zookeeper === null;
  const names = [
    'internal',
    ...(kraft ? ['controller'] : []),
    ...(layout.addressing === 'compose' ? ['admin'] : []),
    ...gatedListeners(broker).map(({ name }) => name.toLowerCase()),
  ];
  return [
    ['sasl.enabled.mechanisms', 'PLAIN'],
    ['sasl.mechanism.inter.broker.protocol', 'PLAIN'],
    ...(kraft ? [['sasl.mechanism.controller.protocol', 'PLAIN'] as [string, string]] : []),
    ...names.map((name): [string, string] => [`listener.name.${name}.plain.sasl.jaas.config`, jaas]),
  ];
}

function authorization({ zookeeper }: ClusterLayout): Entries {
  const authorizer =
    zookeeper === null
      ? 'org.apache.kafka.metadata.authorizer.StandardAuthorizer'
      : 'kafka.security.authorizer.AclAuthorizer';
  return [
    ['authorizer.class.name', authorizer],
    ['super.users', INTERNAL_USERS.map((user) => `User:${user}`).join(';')],
    ['allow.everyone.if.no.acl.found', 'true'],
  ];
}

function topics(layout: Layout, cluster: ClusterLayout): Entries {
  const factor = String(cluster.replicationFactor);
  const minIsr = String(Math.max(1, cluster.replicationFactor - 1));
  const entries: Entries = [
    ['auto.create.topics.enable', 'false'],
    ['num.partitions', '3'],
    ['default.replication.factor', factor],
    ['min.insync.replicas', minIsr],
    ['offsets.topic.replication.factor', factor],
    // 50 partitions by default: a lab of a few groups starts faster with 5.
    ['offsets.topic.num.partitions', '5'],
    ['transaction.state.log.replication.factor', factor],
    ['transaction.state.log.min.isr', minIsr],
    ['transaction.state.log.num.partitions', '5'],
    ['group.initial.rebalance.delay.ms', '0'],
  ];
  // KIP-932, 4.x only: an unknown key on 3.9 would only be a warning, but 4.x stalls on the default of 3.
  if (!layout.setup.kafka.version.startsWith('3.')) {
    entries.push(
      ['share.coordinator.state.topic.replication.factor', factor],
      ['share.coordinator.state.topic.min.isr', minIsr],
      ['share.coordinator.state.topic.num.partitions', '5'],
    );
  }
  return entries;
}
