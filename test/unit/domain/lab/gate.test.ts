import { describe, expect, it } from 'vitest';
import { flow, labCluster, labSetup, replication } from '../../../../scripts/examples.ts';
import { brokerProperties } from '../../../../src/domain/lab/broker-config.ts';
import { connectorsOf } from '../../../../src/domain/lab/connect-config.ts';
import type { GateWay } from '../../../../src/domain/lab/gate.ts';
import { gateWays } from '../../../../src/domain/lab/gate.ts';
import type { Layout } from '../../../../src/domain/lab/layout.ts';
import { clusterLayout, layoutOf } from '../../../../src/domain/lab/layout.ts';
import { preferredPorts } from '../../../../src/domain/lab/ports.ts';
import { toMap } from '../../../../src/domain/lab/properties.ts';
import { brokerSpec, gateSpec, workerSpec } from '../../../../src/domain/lab/services.ts';

async function layout(network = true, addressing: Layout['addressing'] = 'local'): Promise<Layout> {
  const setup = labSetup({
    clusters: [labCluster('primary', 9092, 2), labCluster('dr', 9093)],
    replication: replication({ flows: [flow('primary', 'dr')] }),
    faults: { network, diskMb: 0 },
  });
  return layoutOf(setup, await preferredPorts(setup), addressing);
}

function listeners(of: Layout, alias: string): { bound: Map<string, number>; advertised: Map<string, number> } {
  const cluster = clusterLayout(of, alias);
  const properties = toMap(brokerProperties(of, cluster, cluster.brokers[0]!));
  const ports = (text: string): Map<string, number> =>
    new Map(text.split(',').map((one) => [one.split(':')[0]!, Number(one.split(':')[2])]));
  return {
    bound: ports(properties['listeners'] ?? ''),
    advertised: ports(properties['advertised.listeners'] ?? ''),
  };
}

const wayTo = (ways: readonly GateWay[], listen: number): GateWay | undefined =>
  ways.find((way) => way.listen === listen);

describe('the gates of a local lab', () => {
  it('are there only where the setup asks for them, and never in containers', async () => {
    expect(gateWays(await layout(false))).toEqual([]);
    expect(gateWays(await layout(true, 'compose'))).toEqual([]);
    expect(gateSpec(await layout(false), () => '')).toBeNull();
  });

  it('stand where clients and kmk look for a cluster, so that nobody sees a difference', async () => {
    const [open, gated] = [await layout(false), await layout()];
    for (const alias of ['primary', 'dr']) {
      const { clientBootstrap, adminBootstrap } = clusterLayout(open, alias);
      expect(clusterLayout(gated, alias)).toMatchObject({ clientBootstrap, adminBootstrap });
    }
    const listening = gateWays(gated).map(({ listen }) => listen);
    expect(listening).toEqual(expect.arrayContaining([9092, 9102, 29_092, 29_102, 9093, 29_093, 8083]));
  });

  it('lead to the listener that advertises them: a client that came through the gate is sent back through it', async () => {
    const gated = await layout();
    const ways = gateWays(gated);
    const { bound, advertised } = listeners(gated, 'primary');
    expect([...advertised.keys()].toSorted()).toEqual(['ADMIN', 'CLIENT', 'INTERNAL', 'LINK1']);
    for (const name of ['ADMIN', 'CLIENT', 'LINK1'])
      expect(wayTo(ways, advertised.get(name)!)?.to).toBe(bound.get(name));
    // Brokers of a site and its own worker speak past it.
    expect(advertised.get('INTERNAL')).toBe(bound.get('INTERNAL'));
    expect(wayTo(ways, bound.get('INTERNAL')!)).toBeUndefined();
  });

  it('have a way of its own for each site that replicates: its worker takes that one and no other', async () => {
    const gated = await layout();
    const [source, , heartbeat] = connectorsOf(gated, flow('primary', 'dr'));
    const far = source!.config['source.cluster.bootstrap.servers']!.split(',').map((at) => Number(at.split(':')[1]));
    const ways = gateWays(gated).filter(({ cluster, from }) => cluster === 'primary' && from === 'dr');
    expect(far).toEqual(ways.map(({ listen }) => listen));
    expect(far).toHaveLength(2);
    expect(source!.config['target.cluster.bootstrap.servers']).toBe(clusterLayout(gated, 'dr').internalBootstrap);
    expect(heartbeat!.config['producer.override.bootstrap.servers']).toBe(
      source!.config['source.cluster.bootstrap.servers'],
    );
  });

  it('share no port with what stands behind them', async () => {
    const gated = await layout();
    const specs = [
      gateSpec(gated, () => '')!,
      ...gated.clusters.flatMap((of) => of.brokers.map((broker) => brokerSpec(gated, broker, 'id', () => ''))),
      ...gated.workers.map((worker) => workerSpec(worker, () => '')),
    ];
    const ports = specs.flatMap((spec) => spec.ports);
    expect(new Set(ports).size).toBe(ports.length);
    const bound = new Set(ports);
    expect(gateWays(gated).every(({ to }) => bound.has(to))).toBe(true);
  });
});
