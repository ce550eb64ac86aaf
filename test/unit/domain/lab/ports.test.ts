import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flow, labCluster, labSetup, replication } from '../../../../scripts/examples.ts';
import type { LabPorts, PortChooser } from '../../../../src/domain/lab/ports.ts';
import { choosePorts, isController, preferredPorts } from '../../../../src/domain/lab/ports.ts';
import type { LabCluster } from '../../../../src/domain/setup.ts';

const all = ({ brokers, connect }: LabPorts): readonly number[] => [
  ...Object.values(brokers).flatMap((list) => list.flatMap((at) => [at.client, at.internal, at.controller ?? -1])),
  ...Object.values(connect),
];

/** Gives what is asked for where it is free, else the next free port from 40000. */
function chooser(taken: ReadonlySet<number>): PortChooser & { readonly given: number[] } {
  const given: number[] = [];
  const isFree = (port: number): boolean => !taken.has(port) && !given.includes(port);
  const choose: PortChooser = (preferred, { required, what }) => {
    let port = preferred ?? 40_000;
    if (required && !isFree(port)) return Promise.reject(new Error(`${what}: ${port} is taken`));
    if (!isFree(port)) for (port = 40_000; !isFree(port);) port += 1;
    given.push(port);
    return Promise.resolve(port);
  };
  return Object.assign(choose, { given });
}

describe('choosePorts', () => {
  it('derives every port from the first one of the cluster', async () => {
    const clusters = [labCluster('primary', 9092, 3), labCluster('dr', 9093)];
    expect(await preferredPorts(labSetup({ clusters }))).toEqual({
      brokers: {
        primary: [
          { id: 1, client: 9092, internal: 29_092, controller: 19_092 },
          { id: 2, client: 9102, internal: 29_102, controller: 19_102 },
          { id: 3, client: 9112, internal: 29_112, controller: 19_112 },
        ],
        dr: [{ id: 1, client: 9093, internal: 29_093, controller: 19_093 }],
      },
      connect: { dr: 8083, primary: 8084 },
    });
  });

  it('asks for named ports first, so that no derived or free one takes them', async () => {
    const auto: LabCluster = { kind: 'lab', alias: 'primary', brokers: 1, port: 'auto' };
    const ports = await choosePorts(labSetup({ clusters: [auto, labCluster('dr', 40_000)] }), chooser(new Set()));
    expect(ports.brokers['dr']?.[0]?.client).toBe(40_000);
    expect(ports.brokers['primary']?.[0]?.client).toBe(40_001);
  });

  it('only insists on ports that the file names', async () => {
    const setup = labSetup();
    const ports = await choosePorts(setup, chooser(new Set([29_092, 19_092, 8083])));
    expect(ports.brokers['primary']?.[0]).toMatchObject({ client: 9092, internal: 40_000, controller: 40_001 });
    await expect(choosePorts(setup, chooser(new Set([9093])))).rejects.toThrow(
      'broker 1 of cluster "dr": 9093 is taken',
    );
  });

  it('never gives a port twice, whatever is taken', async () => {
    const port = fc.integer({ min: 1, max: 65_535 });
    const cluster = fc.record({
      brokers: fc.integer({ min: 1, max: 5 }),
      port: fc.option(port, { nil: 'auto' as const }),
    });
    const clusters = fc.tuple(cluster, cluster).filter(([a, b]) => a.port === 'auto' || a.port !== b.port);
    await fc.assert(
      fc.asyncProperty(clusters, fc.uniqueArray(port), async ([primary, dr], taken) => {
        const named = new Set([primary.port, dr.port]);
        const setup = labSetup({
          clusters: [
            { kind: 'lab', alias: 'primary', ...primary },
            { kind: 'lab', alias: 'dr', ...dr },
          ],
        });
        const choose = chooser(new Set(taken.filter((at) => !named.has(at))));
        const used = all(await choosePorts(setup, choose)).filter((at) => at !== -1);
        expect(new Set(used).size).toBe(used.length);
        expect(used.toSorted()).toEqual(choose.given.toSorted());
        expect(used.every((at) => at >= 1 && at <= 65_535)).toBe(true);
      }),
    );
  });

  it('gives a Connect worker to every lab cluster of a flow, targets first', async () => {
    const clusters = [labCluster('east', 9092), labCluster('west', 9093), labCluster('central', 9094)];
    const flows = [flow('east', 'central'), flow('west', 'central')];
    const { connect } = await preferredPorts(labSetup({ clusters, replication: replication({ flows }) }));
    expect(Object.entries(connect)).toEqual([
      ['central', 8083],
      ['east', 8084],
      ['west', 8085],
    ]);
  });
});

describe('isController', () => {
  it.each([
    [1, [true]],
    [2, [true, false]],
    [3, [true, true, true]],
    [5, [true, true, true, false, false]],
  ])('of %i brokers', (brokers, controllers) => {
    expect(Array.from({ length: brokers }, (_, index) => isController(brokers, index + 1))).toEqual(controllers);
  });
});
