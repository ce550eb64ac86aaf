import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IntervalSet } from '../../../src/domain/interval-set.ts';

const range = fc.tuple(fc.nat(60), fc.nat(8)).map(([start, length]) => [start, start + length] as const);
const ranges = fc.array(range, { maxLength: 25 });

function setOf(list: readonly (readonly [number, number])[]): { set: IntervalSet; model: Set<number> } {
  const set = new IntervalSet();
  const model = new Set<number>();
  for (const [start, end] of list) {
    set.add(start, end);
    for (let n = start; n < end; n += 1) model.add(n);
  }
  return { set, model };
}

function numbersOf(set: IntervalSet): readonly number[] {
  return set.intervals().flatMap(({ start, end }) => Array.from({ length: end - start }, (_, n) => start + n));
}

function sorted(model: Iterable<number>): readonly number[] {
  return [...model].sort((a, b) => a - b);
}

describe('IntervalSet', () => {
  it('holds what a plain set of numbers holds', () => {
    fc.assert(
      fc.property(ranges, (list) => {
        const { set, model } = setOf(list);
        expect(numbersOf(set)).toEqual(sorted(model));
        expect(set.size).toBe(model.size);
        for (let n = 0; n < 75; n += 1) expect(set.has(n)).toBe(model.has(n));
      }),
    );
  });

  it('keeps its intervals apart, in order and not empty', () => {
    fc.assert(
      fc.property(ranges, (list) => {
        const intervals = setOf(list).set.intervals();
        for (const [index, { start, end }] of intervals.entries()) {
          expect(end).toBeGreaterThan(start);
          expect(start).toBeGreaterThan(intervals[index - 1]?.end ?? -1);
        }
      }),
    );
  });

  it('tells how many of the added numbers it had', () => {
    fc.assert(
      fc.property(ranges, range, (list, [start, end]) => {
        const { set, model } = setOf(list);
        const known = Array.from({ length: end - start }, (_, n) => start + n).filter((n) => model.has(n)).length;
        expect(set.add(start, end)).toBe(known);
      }),
    );
  });

  it('subtracts, intersects and unites as sets do', () => {
    fc.assert(
      fc.property(ranges, ranges, (first, second) => {
        const [a, b] = [setOf(first), setOf(second)];
        const inBoth = [...a.model].filter((n) => b.model.has(n));
        expect(numbersOf(a.set.minus(b.set))).toEqual(sorted([...a.model].filter((n) => !b.model.has(n))));
        expect(numbersOf(a.set.and(b.set))).toEqual(sorted(inBoth));
        expect(numbersOf(a.set.or(b.set))).toEqual(sorted(new Set([...a.model, ...b.model])));
      }),
    );
  });

  it('keeps ten million numbers in a row as one interval', () => {
    const set = new IntervalSet();
    for (let n = 0; n < 10_000_000; n += 500) set.add(n, n + 500);
    expect(set.intervals()).toEqual([{ start: 0, end: 10_000_000 }]);
  });
});
