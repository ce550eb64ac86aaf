import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mapLimited } from '../../../src/app/map-limited.ts';

describe('mapLimited', () => {
  it('keeps the order, does each item once and never more than the limit at a time', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer()), fc.integer({ min: 1, max: 8 }), fc.scheduler(), async (...given) => {
        const [items, limit, scheduler] = given;
        let underWay = 0;
        let most = 0;
        let calls = 0;
        const mapped = mapLimited(items, limit, async (item) => {
          calls += 1;
          underWay += 1;
          most = Math.max(most, underWay);
          await scheduler.schedule(Promise.resolve());
          underWay -= 1;
          return item * 2;
        });
        await scheduler.waitFor(mapped);
        expect(await mapped).toEqual(items.map((item) => item * 2));
        expect(calls).toBe(items.length);
        expect(most).toBe(Math.min(limit, items.length));
      }),
    );
  });

  it('ends with the first rejection', async () => {
    const work = (item: number) => (item === 2 ? Promise.reject(new Error('two')) : Promise.resolve(item));
    await expect(mapLimited([1, 2, 3], 1, work)).rejects.toThrow('two');
  });
});
