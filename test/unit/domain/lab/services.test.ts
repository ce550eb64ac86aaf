import { describe, expect, it } from 'vitest';
import { labCluster, labSetup } from '../../../../scripts/examples.ts';
import { brokerProperties } from '../../../../src/domain/lab/broker-config.ts';
import type { Layout } from '../../../../src/domain/lab/layout.ts';
import { clusterLayout, layoutOf, workerLayout } from '../../../../src/domain/lab/layout.ts';
import { preferredPorts } from '../../../../src/domain/lab/ports.ts';
import { toMap } from '../../../../src/domain/lab/properties.ts';
import type { ContentOf } from '../../../../src/domain/lab/services.ts';
import { brokerSpec, dedicatedSpec, workerSpec } from '../../../../src/domain/lab/services.ts';
import type { ServiceSpec } from '../../../../src/domain/lab/service-spec.ts';

async function layout(closed: readonly string[] = [], version = '4.3.1'): Promise<Layout> {
  const setup = labSetup({
    clusters: [labCluster('primary', 9092, 4), labCluster('dr', 9093)],
    kafka: { version, distribution: 'apache', mode: 'kraft' },
  });
  return layoutOf(setup, await preferredPorts(setup), 'local', closed);
}

function broker(of: Layout, id: number, contentOf: ContentOf = () => ''): ServiceSpec {
  return brokerSpec(of, clusterLayout(of, 'primary').brokers[id - 1]!, 'cluster-id', contentOf);
}

function properties(of: Layout, alias: string, id = 1): Readonly<Record<string, string>> {
  const cluster = clusterLayout(of, alias);
  return toMap(brokerProperties(of, cluster, cluster.brokers[id - 1]!));
}

describe('services', () => {
  it('describe a broker: its file, its storage, every port it binds', async () => {
    expect(broker(await layout(), 1)).toMatchObject({
      ...{ name: 'primary-broker-1', kind: 'broker', cluster: 'primary', mainClass: 'kafka.Kafka' },
      args: ['kafka/primary-broker-1.properties'],
      endpoint: '127.0.0.1:9092',
      ports: [9092, 29_092, 19_092],
      storage: { directory: './data/primary-broker-1', clusterId: 'cluster-id', nodeId: 1 },
    });
    expect(broker(await layout(), 4).ports).toEqual([9122, 29_122]);
  });

  it('describe a closed broker without its client port', async () => {
    expect(broker(await layout(['primary']), 1)).toMatchObject({
      endpoint: '127.0.0.1:29092',
      ports: [29_092, 19_092],
    });
  });

  it('describe workers and dedicated MM2', async () => {
    const worker = workerSpec(workerLayout(await layout(), 'dr'), () => '');
    expect(worker).toMatchObject({ name: 'dr-connect', kind: 'connect', ports: [8083], endpoint: '127.0.0.1:8083' });
    expect(dedicatedSpec('dr', () => '')).toMatchObject({ name: 'dr-mm2', kind: 'mm2', args: ['mm2/mm2.properties'] });
  });

  it('have another hash when their file or their ports change, and only then', async () => {
    const open = await layout();
    const content = (text: string) => (path: string) => `${path} ${text}`;
    const hash = broker(open, 1, content('a')).specHash;
    expect(broker(await layout(), 1, content('a')).specHash).toBe(hash);
    expect(broker(open, 1, content('b')).specHash).not.toBe(hash);
    expect(broker(open, 2, content('a')).specHash).not.toBe(hash);
    expect(broker(await layout(['primary']), 1, content('a')).specHash).not.toBe(hash);
    expect(broker(await layout(['dr']), 1, content('a')).specHash).toBe(hash);
  });
});

describe('brokerProperties', () => {
  it('lets clients in on CLIENT, and everything else by password', async () => {
    expect(properties(await layout(), 'primary')).toMatchObject({
      listeners: 'CLIENT://127.0.0.1:9092,INTERNAL://127.0.0.1:29092,CONTROLLER://127.0.0.1:19092',
      'advertised.listeners': 'CLIENT://127.0.0.1:9092,INTERNAL://127.0.0.1:29092',
      'inter.broker.listener.name': 'INTERNAL',
      'super.users': 'User:kmk;User:mm2',
      'auto.create.topics.enable': 'false',
    });
  });

  it('has no CLIENT listener while the cluster is closed', async () => {
    const closed = await layout(['primary']);
    expect(properties(closed, 'primary')).toMatchObject({
      listeners: 'INTERNAL://127.0.0.1:29092,CONTROLLER://127.0.0.1:19092',
      'advertised.listeners': 'INTERNAL://127.0.0.1:29092',
    });
    expect(properties(closed, 'dr')['listeners']).toContain('CLIENT://127.0.0.1:9093');
  });

  it('lets only controllers listen for controllers, and names them to all', async () => {
    const fourth = properties(await layout(), 'primary', 4);
    expect(fourth['listeners']).not.toContain('CONTROLLER');
    expect(fourth['process.roles']).toBe('broker');
    expect(fourth['controller.quorum.voters']).toBe('1@127.0.0.1:19092,2@127.0.0.1:19102,3@127.0.0.1:19112');
  });

  it('holds passwords by reference only', async () => {
    const jaas = properties(await layout(), 'primary')['listener.name.internal.plain.sasl.jaas.config'];
    expect(jaas?.match(/password="[^$]/)).toBeNull();
    expect(jaas).toContain('user_mm2="${file:./secrets/internal.properties:mm2.password}"');
  });

  it('asks for no more replicas than there are brokers, and configures share groups from 4.0 on', async () => {
    expect(properties(await layout(), 'dr')).toMatchObject({
      ...{ 'default.replication.factor': '1', 'min.insync.replicas': '1' },
      'share.coordinator.state.topic.replication.factor': '1',
    });
    const old = properties(await layout([], '3.9.2'), 'primary');
    expect(old).toMatchObject({ 'default.replication.factor': '3', 'min.insync.replicas': '2' });
    expect(Object.keys(old).filter((key) => key.startsWith('share.'))).toEqual([]);
  });
});
