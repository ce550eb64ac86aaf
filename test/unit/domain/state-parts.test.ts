import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StateText } from '../../../src/domain/state-parts.ts';
import { changeOf, joinParts, LONGEST_VALUE, ownerOfPart, recordsOf } from '../../../src/domain/state-parts.ts';

/** A compacted topic: the newest value of each key, parsed as its readers do. */
class Topic {
  readonly raw = new Map<string, unknown>();

  write(records: readonly StateText[]): void {
    for (const { key, text } of records) {
      if (text === null) this.raw.delete(key);
      else this.raw.set(key, JSON.parse(text));
    }
  }

  /** Writes the value as its writers do; only so many of its records, where the writer is killed. */
  put(key: string, value: unknown, longest: number, records = Infinity): void {
    const old = joinParts(this.raw).parts.get(key);
    const text = value === undefined ? null : JSON.stringify(value);
    this.write(changeOf(key, text, old, longest).slice(0, records));
  }

  get(key: string): unknown {
    return joinParts(this.raw).entries.get(key);
  }
}

const LONGEST = 1200;
const values = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.array(fc.string({ unit: 'grapheme', maxLength: 9 }), { maxLength: 900 }),
);

describe('values in parts', () => {
  it('are what was written, and no record is longer than it may be', () => {
    fc.assert(
      fc.property(values, (value) => {
        const topic = new Topic();
        for (const { key, text } of recordsOf('k', JSON.stringify(value), LONGEST)) {
          expect(Buffer.byteLength(text ?? '')).toBeLessThanOrEqual(LONGEST);
          topic.write([{ key, text }]);
        }
        expect(topic.get('k')).toEqual(value);
      }),
    );
  });

  it('are the one before or the one after, wherever a writer is killed; what is left over goes with the next', () => {
    fc.assert(
      fc.property(values, values, fc.nat({ max: 40 }), values, (before, after, records, last) => {
        const topic = new Topic();
        topic.put('k', before, LONGEST);
        topic.put('k', after, LONGEST, records);
        expect([before, after]).toContainEqual(topic.get('k'));
        topic.put('k', last, LONGEST);
        expect(topic.get('k')).toEqual(last);
        const needed = recordsOf('k', JSON.stringify(last), LONGEST).length;
        expect(topic.raw.size).toBe(needed);
        topic.put('k', undefined, LONGEST);
        expect(topic.raw.size).toBe(0);
      }),
    );
  });

  it('of which one is missing, or of another version, are not known', () => {
    const value = Array.from({ length: 500 }, (_, index) => `value ${index}`);
    const topic = new Topic();
    topic.put('k', value, LONGEST);
    const [part] = [...topic.raw.keys()].filter((key) => ownerOfPart(key) === 'k');
    const kept = topic.raw.get(part ?? '');
    topic.raw.delete(part ?? '');
    expect(topic.get('k')).toBeUndefined();
    topic.raw.set(part ?? '', `${String(kept)} `);
    expect(topic.get('k')).toBeUndefined();
  });

  it('of an older kmk are read as they are', () => {
    const topic = new Topic();
    topic.write([{ key: 'epoch', text: '{"epoch":3}' }]);
    expect(topic.get('epoch')).toEqual({ epoch: 3 });
    expect(recordsOf('k', '"short"')).toEqual([{ key: 'k', text: '"short"' }]);
    expect(recordsOf('k', JSON.stringify('x'.repeat(LONGEST_VALUE))).length).toBeGreaterThan(2);
  });
});
