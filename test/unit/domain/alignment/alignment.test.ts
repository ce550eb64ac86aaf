import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Alignment } from '../../../../src/domain/alignment/alignment.ts';
import type { ComparisonRules, LogRules } from '../../../../src/domain/alignment/classify.ts';
import { Classification } from '../../../../src/domain/alignment/classify.ts';
import type { RecordBlock } from '../../../../src/domain/alignment/record-block.ts';

/** A record is its content, a small number; its offset is its place unless it says otherwise. */
interface Stored {
  readonly content: number;
  readonly offset: number;
  readonly key?: number;
  readonly value?: number;
  readonly timestampMs?: number;
}

const NEVER: LogRules = {
  start: 0,
  compacted: false,
  retentionMs: Infinity,
  limitedBytes: false,
  tombstoneMs: Infinity,
};
const RULES: ComparisonRules = { source: NEVER, target: NEVER, now: 1000, withTimestamps: true, ownFrom: null };

const log = (contents: readonly number[], from = 0): Stored[] =>
  contents.map((content, index) => ({ content, offset: from + index }));

function blockOf(records: readonly Stored[]): RecordBlock {
  const at = (index: number): Stored => records[index]!;
  const block = {
    count: records.length,
    offset: (index: number) => at(index).offset,
    timestampMs: (index: number) => at(index).timestampMs ?? at(index).content,
    whole: (index: number) => at(index).content,
    key: (index: number) => at(index).key ?? Number.NaN,
    value: (index: number) => at(index).value ?? at(index).content,
    equalRun(from: number, other: RecordBlock, otherFrom: number) {
      let run = 0;
      while (
        from + run < records.length &&
        otherFrom + run < other.count &&
        block.whole(from + run) === other.whole(otherFrom + run)
      )
        run += 1;
      return run;
    },
  };
  return block;
}

/** Feeds both logs in blocks of the given sizes and classifies what is left. */
function compare(
  source: readonly Stored[],
  target: readonly Stored[],
  { position = Infinity, rules = {}, sizes = [3, 5], limit }: Partial<Settings> = {},
) {
  const alignment = new Alignment(position, limit);
  const feed = { source: [...source], target: [...target] };
  for (let need = alignment.advance(); need !== 'nothing'; need = alignment.advance()) {
    for (const [index, side] of (['source', 'target'] as const).entries()) {
      if (need !== side && need !== 'both') continue;
      const taken = feed[side].splice(0, sizes[index]);
      if (taken.length === 0) alignment[side].ended = true;
      else alignment[side].push(blockOf(taken));
    }
  }
  const classification = new Classification(alignment, { ...RULES, ...rules }, position);
  if (classification.needsSource) classification.source(blockOf(source), false);
  if (classification.needsTarget) classification.target(blockOf(target));
  return { alignment, ...classification.result() };
}

interface Settings {
  readonly position: number;
  readonly rules: Partial<ComparisonRules>;
  readonly sizes: readonly [number, number];
  readonly limit: number;
}

/** How many contents of `a` are not in `b`, counted as often as they occur. */
function surplus(a: readonly number[], b: readonly number[]): number {
  const left = new Map<number, number>();
  for (const content of b) left.set(content, (left.get(content) ?? 0) + 1);
  return a.filter((content) => {
    const there = left.get(content) ?? 0;
    left.set(content, there - 1);
    return there <= 0;
  }).length;
}

/** The textbook table: what the alignment has to reach. */
function longestCommon(a: readonly number[], b: readonly number[]): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const x of a) {
    const next = [0];
    for (const [index, y] of b.entries())
      next.push(x === y ? row[index]! + 1 : Math.max(row[index + 1]!, next[index]!));
    row = next;
  }
  return row.at(-1)!;
}

const contents = (alphabet: number, maxLength: number) =>
  fc.array(fc.integer({ min: 0, max: alphabet }), { maxLength });
const sizes = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }));

/** A log and what random edits made of it: runs deleted, repeated, inserted or moved. */
const edited = fc
  .tuple(
    contents(1_000_000, 3000),
    fc.array(fc.tuple(fc.constantFrom('delete', 'repeat', 'insert', 'move'), fc.nat(), fc.nat(40)), { maxLength: 6 }),
  )
  .map(([source, edits]) => {
    const target = [...source];
    for (const [how, where, count] of edits) {
      const from = where % (target.length + 1);
      const run = target.slice(from, from + count);
      if (how === 'delete') target.splice(from, count);
      else if (how === 'repeat') target.splice(from + run.length, 0, ...run);
      else if (how === 'insert') target.splice(from, 0, ...run.map((_, index) => -1 - where - index));
      else target.splice(where % (target.splice(from, count).length + 1), 0, ...run);
    }
    return { source, target };
  });

describe('aligning a log with its copy', () => {
  it('accounts for every record, and finds the longest alignment of small logs', () => {
    fc.assert(
      fc.property(contents(4, 60), contents(4, 60), sizes, (source, target, blocks) => {
        const { alignment, matched, counts } = compare(log(source), log(target), { sizes: blocks });
        expect(counts.missing + counts.altered).toBe(surplus(source, target));
        expect(counts.extra + counts.duplicated + counts.altered).toBe(surplus(target, source));
        expect(matched).toBe(longestCommon(source, target));
        expect(matched + counts.reordered).toBe(source.length - surplus(source, target));
        expect(alignment.complete).toBe(true);
      }),
    );
  });

  it('accounts for every record of long logs, whatever was deleted, repeated, inserted or moved', () => {
    fc.assert(
      fc.property(edited, sizes, ({ source, target }, blocks) => {
        const { matched, counts } = compare(log(source), log(target), { sizes: blocks });
        expect(counts.missing + counts.altered).toBe(surplus(source, target));
        expect(counts.extra + counts.duplicated + counts.altered).toBe(surplus(target, source));
        expect(matched + counts.reordered).toBe(source.length - surplus(source, target));
        expect(matched).toBeGreaterThanOrEqual(longestCommon(source, target) * 0.99 - 10);
      }),
      { numRuns: 60 },
    );
  });

  it('finds nothing between a log of equal records and its copy', () => {
    const source = log(new Array<number>(5000).fill(7));
    expect(compare(source, source).findings).toEqual([]);
    const { counts } = compare(source, log(new Array<number>(4990).fill(7)), { sizes: [100, 90] });
    expect(counts).toMatchObject({ missing: 10, extra: 0, duplicated: 0, reordered: 0 });
  });

  it('says where: missing in the middle, sent twice, swapped', () => {
    const source = log(Array.from({ length: 100 }, (_, at) => at));
    const at = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);
    expect(compare(source, log([...at(0, 40), ...at(45, 100)])).findings).toMatchObject([
      { kind: 'missing', count: 5, source: { first: 40, last: 44 }, target: null },
    ]);
    expect(compare(source, log([...at(0, 60), ...at(50, 100)])).findings).toMatchObject([
      { kind: 'duplicated', count: 10, source: { first: 50, last: 59 }, target: { first: 60, last: 69 } },
    ]);
    expect(compare(source, log([...at(0, 30), 31, 30, ...at(32, 100)])).findings).toMatchObject([
      { kind: 'reordered', count: 1 },
    ]);
  });

  it('keeps what the flow has not come to apart from what is missing', () => {
    const source = log([1, 2, 3, 4, 5, 6]);
    const { inFlight, counts } = compare(source, log([1, 2, 3]), { position: 4 });
    expect({ inFlight, missing: counts.missing }).toEqual({ inFlight: 2, missing: 1 });
    expect(compare(source, log([]), { position: 0 }).inFlight).toBe(6);
  });

  it('gives up where more differs than it keeps, and says so', () => {
    const numbers = (from: number, count: number) => Array.from({ length: count }, (_, index) => from + index);
    const { complete } = compare(log(numbers(0, 9000)), log(numbers(100_000, 9000)), {
      limit: 1024,
      sizes: [500, 500],
    });
    expect(complete).toBe(false);
  });
});

describe('what a record without a partner is', () => {
  it('calls a record altered where key, value or time still agree, and says what differs', () => {
    const source = log([1, 2, 3]).map((at) => ({ ...at, key: 10 + at.content }));
    const target = source.map((at) => (at.content === 2 ? { ...at, content: 99, timestampMs: 2 } : at));
    expect(compare(source, target).findings).toMatchObject([
      { kind: 'altered', source: { first: 1 }, target: { first: 1 }, differs: ['value'] },
    ]);
    const foreign = source.map((at) => (at.content === 2 ? { content: 99, offset: 1 } : at));
    expect(compare(source, foreign).counts).toMatchObject({ altered: 0, missing: 1, extra: 1 });
  });

  it('leaves out what retention explains, and only that', () => {
    const numbers = [1, 2, 3, 4, 5, 6];
    const cut: LogRules = { ...NEVER, start: 2 };
    const rest = log([3, 4, 5, 6], 2);
    const expired = compare(log(numbers), rest, { rules: { target: { ...cut, retentionMs: 10 } } });
    expect(expired).toMatchObject({ cut: { target: 2 }, counts: { missing: 0 } });
    expect(compare(log(numbers), rest, { rules: { target: cut } }).counts.missing).toBe(2);
    const tooMany = compare(log(numbers), log([4, 5, 6], 2), { rules: { target: { ...cut, limitedBytes: true } } });
    expect(tooMany).toMatchObject({ cut: { target: 2 }, counts: { missing: 1 } });
    expect(compare(rest, log(numbers), { rules: { source: cut } })).toMatchObject({ cut: { source: 2 }, findings: [] });
  });

  it('leaves out what compaction explains: a later record of the key, an old tombstone', () => {
    const record = (content: number, key: number, more: Partial<Stored> = {}): Stored => {
      return { content, key, offset: content, ...more };
    };
    const compacted: LogRules = { ...NEVER, compacted: true, tombstoneMs: 100 };
    const source = [record(1, 1), record(2, 2), record(3, 1), record(4, 3, { value: Number.NaN })];
    const rules = { source: NEVER, target: compacted };
    expect(compare(source, source.slice(1, 3), { rules })).toMatchObject({ compacted: 2, findings: [] });
    expect(compare(source, source.slice(0, 2), { rules }).counts.missing).toBe(1);
    const other = { source: compacted, target: NEVER };
    expect(compare(source.slice(1, 3), source, { rules: other })).toMatchObject({ compacted: 2, findings: [] });
    expect(compare(source.slice(0, 2), source, { rules: other }).counts.extra).toBe(1);
  });

  it('counts what the target wrote itself apart', () => {
    expect(compare(log([1, 2]), log([1, 2, 3, 4]), { rules: { ownFrom: 2 } })).toMatchObject({ own: 2, findings: [] });
  });
});
