import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Direction, Fault } from '../../../src/domain/fault.ts';
import { DIRECTIONS } from '../../../src/domain/fault.ts';
import type { Way } from '../../../src/domain/traffic.ts';
import { isOnWay, trafficOn, UNHINDERED } from '../../../src/domain/traffic.ts';

const SITES = ['east', 'west', 'south'] as const;
const site = fc.constantFrom(...SITES);
const way: fc.Arbitrary<Way> = fc
  .record({
    cluster: site,
    kind: fc.constantFrom('broker', 'connect'),
    from: fc.option(site),
    id: fc.integer({ min: 1, max: 3 }),
  })
  .filter(({ cluster, from }) => cluster !== from)
  .map(({ id, ...of }) => ({
    ...of,
    service: of.kind === 'broker' ? `${of.cluster}-broker-${id}` : `${of.cluster}-connect`,
  }));
const fault: fc.Arbitrary<Fault> = fc.record({
  kind: fc.constantFrom('partition', 'latency', 'loss'),
  cluster: site,
  scope: fc.constantFrom('site', 'links', 'brokers', 'broker-1', 'broker-2'),
  direction: fc.constantFrom(...DIRECTIONS),
  delayMs: fc.integer({ min: 1, max: 500 }),
  lossPercent: fc.integer({ min: 1, max: 100 }),
});

describe('faults on a way', () => {
  it('leave a way alone that neither enters nor leaves the site', () => {
    fc.assert(
      fc.property(fault, way, (one, other) => {
        fc.pre(other.cluster !== one.cluster && other.from !== one.cluster);
        expect(isOnWay(one, other)).toBe(false);
      }),
    );
  });

  it('of links never hinder a client, and both directions are in and out together', () => {
    fc.assert(
      fc.property(fault, way, (one, other) => {
        const rest = { kind: one.kind, cluster: one.cluster };
        const on = (direction?: Direction): boolean =>
          isOnWay({ ...rest, scope: 'links', ...(direction === undefined ? {} : { direction }) }, other);
        expect(on('both')).toBe(on('in') || on('out'));
        expect(on()).toBe(on('both'));
        expect(on('in') && on('out')).toBe(false);
        if (other.from === null) expect(on('both')).toBe(false);
      }),
    );
  });

  it('of a site hold on every way that enters or leaves it', () => {
    fc.assert(
      fc.property(fault, way, (one, other) => {
        const touches = other.cluster === one.cluster || other.from === one.cluster;
        expect(isOnWay({ ...one, scope: 'site' }, other)).toBe(touches);
      }),
    );
  });

  it('add up in any order, and an unhindered way is one without faults', () => {
    fc.assert(
      fc.property(fc.array(fault, { maxLength: 6 }), way, (faults, other) => {
        const traffic = trafficOn(other, faults);
        const back = trafficOn(other, faults.toReversed());
        expect({ ...back, lossPercent: 0 }).toEqual({ ...traffic, lossPercent: 0 });
        expect(back.lossPercent).toBeCloseTo(traffic.lossPercent, 6);
        expect(traffic.lossPercent).toBeGreaterThanOrEqual(0);
        expect(traffic.lossPercent).toBeLessThanOrEqual(100);
        const none = !faults.some((one) => isOnWay(one, other));
        expect(JSON.stringify(traffic) === JSON.stringify(UNHINDERED)).toBe(none);
      }),
    );
  });
});
