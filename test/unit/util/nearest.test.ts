import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance, nearestName } from '../../../src/util/nearest.ts';

describe('nearest names', () => {
  it.each([
    ['verison', 'version'],
    ['topicExclude', 'topicsExclude'],
    ['Runtime', 'runtime'],
    ['zookeper', 'zookeeper'],
  ])('finds %s -> %s', (given, meant) => {
    expect(nearestName(given, ['runtime', 'topicsExclude', 'version', 'zookeeper'])).toBe(meant);
  });

  it('finds nothing far away', () => {
    expect(nearestName('bananas', ['runtime', 'version'])).toBeNull();
    expect(nearestName('xy', ['ab'])).toBeNull();
    expect(nearestName('x', [])).toBeNull();
  });

  it('measures a distance: zero for equals only, the same both ways, one for a swap', () => {
    const word = fc.string({ maxLength: 8 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
        expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
        expect(editDistance(a, b)).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
      }),
    );
    expect(editDistance('name', 'nmae')).toBe(1);
  });
});
