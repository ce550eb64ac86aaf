import { describe, expect, it } from 'vitest';
import { flow, labCluster, labSetup, replication } from '../../../../scripts/examples.ts';
import type { Connector, ConnectorType } from '../../../../src/domain/lab/connect-config.ts';
import { connectorsOf } from '../../../../src/domain/lab/connect-config.ts';
import { layoutOf } from '../../../../src/domain/lab/layout.ts';
import { mm2Properties } from '../../../../src/domain/lab/mm2-config.ts';
import { preferredPorts } from '../../../../src/domain/lab/ports.ts';
import { toMap } from '../../../../src/domain/lab/properties.ts';
import type { Cluster, Flow, Security, Setup } from '../../../../src/domain/setup.ts';

async function connectors(setup: Setup, of?: Flow): Promise<Record<ConnectorType, Connector['config']>> {
  const layout = layoutOf(setup, await preferredPorts(setup), 'local');
  const list = connectorsOf(layout, of ?? setup.replication.flows[0]!);
  const entries = list.map(({ type, config }) => [type, config] as const);
  return Object.fromEntries(entries) as Record<ConnectorType, Connector['config']>;
}

async function mm2(setup: Setup): Promise<Readonly<Record<string, string>>> {
  return toMap(mm2Properties(layoutOf(setup, await preferredPorts(setup), 'local')));
}

const withFlow = (overrides: Partial<Flow>): Setup =>
  labSetup({ replication: replication({ flows: [flow('primary', 'dr', overrides)] }) });

describe('connectors', () => {
  it('writes heartbeats on the source, by a producer of the source', async () => {
    const { source, heartbeat } = await connectors(labSetup());
    expect(heartbeat['target.cluster.alias']).toBe('primary');
    expect(heartbeat['target.cluster.bootstrap.servers']).toBe(source['source.cluster.bootstrap.servers']);
    expect(heartbeat['producer.override.bootstrap.servers']).toBe(source['source.cluster.bootstrap.servers']);
  });

  it('mirrors the canary whatever the topics of the flow', async () => {
    const { source, checkpoint } = await connectors(withFlow({ topics: ['orders'] }));
    expect([source['topics'], checkpoint['topics']]).toEqual(['orders,kmk-canary', 'orders,kmk-canary']);
    expect((await connectors(labSetup())).source['topics']).toBe('.*');
  });

  it("applies the flow's own options last, to the heartbeat only those that are its own", async () => {
    const config = { 'offset.lag.max': '7', 'emit.heartbeats.interval.seconds': '9', 'target.cluster.client.id': 'x' };
    const { source, checkpoint, heartbeat } = await connectors(withFlow({ config }));
    expect(source).toMatchObject(config);
    expect(checkpoint).toMatchObject(config);
    expect(heartbeat['emit.heartbeats.interval.seconds']).toBe('9');
    expect(heartbeat).not.toHaveProperty('target.cluster.client.id');
  });
});

describe('security of an existing cluster', () => {
  const connectTo = async (security: Security): Promise<Connector['config']> => {
    const east: Cluster = { kind: 'existing', alias: 'east', bootstrap: ['e1:9093', 'e2:9093'], security };
    const clusters = [east, labCluster('dr', 9093)];
    const flows = [flow('east', 'dr')];
    return (await connectors(labSetup({ clusters, active: 'east', replication: replication({ flows }) }))).source;
  };

  it('escapes what would end a JAAS entry', async () => {
    const sasl = { mechanism: 'SCRAM-SHA-256', username: 'a"b\\c', password: '${env:PW}' } as const;
    const source = await connectTo({ protocol: 'SASL_PLAINTEXT', sasl });
    expect(source['source.cluster.sasl.jaas.config']).toBe(
      'org.apache.kafka.common.security.scram.ScramLoginModule required username="a\\"b\\\\c" password="${env:PW}";',
    );
  });

  it('gives certificate and key of two files as PEM', async () => {
    const tls = { ca: '/c/ca.crt', cert: '/c/me.crt', key: 'me.key', verifyHostname: false };
    expect(await connectTo({ protocol: 'SSL', tls })).toMatchObject({
      'source.cluster.security.protocol': 'SSL',
      'source.cluster.ssl.truststore.type': 'PEM',
      'source.cluster.ssl.truststore.location': '/c/ca.crt',
      'source.cluster.ssl.keystore.type': 'PEM',
      'source.cluster.ssl.keystore.certificate.chain': '${directory:/c:me.crt}',
      'source.cluster.ssl.keystore.key': '${directory:.:me.key}',
      'source.cluster.ssl.endpoint.identification.algorithm': '',
    });
  });
});

describe('mm2.properties', () => {
  it('lets the other direction of a flow only write heartbeats', async () => {
    expect(await mm2(labSetup())).toMatchObject({ 'primary->dr.enabled': 'true', 'dr->primary.enabled': 'false' });
    expect(await mm2(labSetup())).not.toHaveProperty('dr->primary.emit.heartbeats.enabled');
  });

  it('runs nothing between clusters that no flow joins', async () => {
    const clusters = [labCluster('a', 9092), labCluster('b', 9093), labCluster('c', 9094)];
    const flows = [flow('a', 'c'), flow('b', 'c')];
    const properties = await mm2(labSetup({ clusters, active: 'a', replication: replication({ flows }) }));
    for (const pair of ['a->b', 'b->a']) {
      expect(properties).toMatchObject({ [`${pair}.enabled`]: 'false', [`${pair}.emit.heartbeats.enabled`]: 'false' });
    }
  });

  it('paces the offsets by the prefix of the cluster, where alone it works', async () => {
    expect(await mm2(labSetup())).toMatchObject({ 'dr.offset.flush.interval.ms': '1000' });
  });
});
