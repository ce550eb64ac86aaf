import { describe, expect, it } from 'vitest';
import { flow, labCluster, labSetup } from '../../../../scripts/examples.ts';
import type { Layout } from '../../../../src/domain/lab/layout.ts';
import {
  clusterLayout,
  COMPOSE_INTERNAL_PORT,
  layoutOf,
  reverseOf,
  workerLayout,
} from '../../../../src/domain/lab/layout.ts';
import { preferredPorts } from '../../../../src/domain/lab/ports.ts';
import type { Cluster } from '../../../../src/domain/setup.ts';

const LAB = [labCluster('primary', 9092, 3), labCluster('dr', 9093)];

async function layout(addressing: Layout['addressing'], clusters: readonly Cluster[] = LAB): Promise<Layout> {
  const setup = labSetup({ clusters });
  return layoutOf(setup, await preferredPorts(setup), addressing);
}

describe('layoutOf', () => {
  it('reaches everything by 127.0.0.1 where services are processes', async () => {
    const local = await layout('local');
    expect(clusterLayout(local, 'primary')).toMatchObject({
      clientBootstrap: '127.0.0.1:9092,127.0.0.1:9102,127.0.0.1:9112',
      adminBootstrap: '127.0.0.1:29092,127.0.0.1:29102,127.0.0.1:29112',
      internalBootstrap: '127.0.0.1:29092,127.0.0.1:29102,127.0.0.1:29112',
      replicationFactor: 3,
    });
    expect(workerLayout(local, 'dr')).toEqual({
      ...{ name: 'dr-connect', alias: 'dr', host: '127.0.0.1' },
      ...{ restPort: 8083, listenPort: 8083 },
    });
  });

  it('reaches containers by their names from each other, and by published ports from here', async () => {
    const compose = await layout('compose');
    expect(clusterLayout(compose, 'dr')).toMatchObject({
      clientBootstrap: '127.0.0.1:9093',
      adminBootstrap: '127.0.0.1:29093',
      internalBootstrap: `dr-broker-1:${COMPOSE_INTERNAL_PORT}`,
      replicationFactor: 1,
    });
    expect(workerLayout(compose, 'dr').host).toBe('dr-connect');
  });

  it('names brokers and gives the first three the controller role', async () => {
    const { brokers } = clusterLayout(await layout('local', [labCluster('primary', 9092, 4), LAB[1]!]), 'primary');
    expect(brokers.map(({ name, roles }) => [name, roles])).toEqual([
      ['primary-broker-1', 'broker,controller'],
      ['primary-broker-2', 'broker,controller'],
      ['primary-broker-3', 'broker,controller'],
      ['primary-broker-4', 'broker'],
    ]);
  });

  it('advertises the host that the file names', async () => {
    const named = { ...labCluster('primary', 9092), advertisedHost: 'kafka.example' };
    const { brokers } = clusterLayout(await layout('local', [named, LAB[1]!]), 'primary');
    expect(brokers[0]).toMatchObject({ clientHost: 'kafka.example', host: '127.0.0.1' });
  });

  it('takes an existing cluster as it is', async () => {
    const security = { protocol: 'PLAINTEXT' } as const;
    const east: Cluster = { kind: 'existing', alias: 'primary', bootstrap: ['e1:9092', 'e2:9092'], security };
    expect(clusterLayout(await layout('local', [east, LAB[1]!]), 'primary')).toMatchObject({
      ...{ brokers: [], clientBootstrap: 'e1:9092,e2:9092', adminBootstrap: 'e1:9092,e2:9092', replicationFactor: 3 },
    });
  });

  it('knows no other names', async () => {
    const local = await layout('local');
    expect(() => clusterLayout(local, 'west')).toThrow('no cluster "west"');
    expect(() => workerLayout(local, 'west')).toThrow('no Connect worker for cluster "west"');
  });
});

describe('reverseOf', () => {
  it('swaps the roles and keeps the filters; twice is where it began', () => {
    const forward = flow('primary', 'dr', { topics: ['orders'], groups: ['billing'] });
    expect(reverseOf(forward)).toEqual({ ...forward, source: 'dr', target: 'primary' });
    expect(reverseOf(reverseOf(forward))).toEqual(forward);
  });
});
