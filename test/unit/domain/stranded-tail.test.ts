import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeStranded, encodeStranded } from '../../../src/domain/stranded-file.ts';
import { readReplay, replayHeaders, replayKey } from '../../../src/domain/replay-headers.ts';
import type { TailPart, TailRequest } from '../../../src/domain/stranded-tail.ts';
import { decideTail, NOTHING_DECIDED, placeGroup, tailText } from '../../../src/domain/stranded-tail.ts';

const part = (change: Partial<TailPart> = {}): TailPart => ({
  ...{ topic: 'orders', partition: 0, from: '10', to: '22', records: 12, exact: true },
  ...change,
});
const FOUND = { alias: 'primary', policy: 'identity', parts: [part()], compacted: new Set<string>() } as const;
const asks = (stranded: TailRequest['stranded'], acceptLoss: number | null = null): TailRequest => ({
  ...{ stranded, tail: 'skip', acceptLoss },
});

describe('decideTail', () => {
  it('asks for nothing where there is no tail, whatever was decided', () => {
    for (const parts of [[], [part({ records: 0 })]]) {
      for (const request of [NOTHING_DECIDED, asks('export'), asks('replay'), asks('discard')]) {
        expect(decideTail(request, { ...FOUND, parts })).toBeNull();
      }
    }
  });

  it('lets a tail arrive late under the default policy only, and be replayed under identity only', () => {
    const ofDefault = { ...FOUND, policy: 'default' } as const;
    expect(decideTail(NOTHING_DECIDED, ofDefault)).toBeNull();
    expect(decideTail(asks('late'), ofDefault)).toBeNull();
    expect(() => decideTail(asks('replay'), ofDefault)).toThrow('cannot be replayed under the default policy');
    expect(() => decideTail(NOTHING_DECIDED, FOUND)).toThrow('12 records on "primary" never crossed (12 in orders-0)');
    expect(() => decideTail(asks('late'), FOUND)).toThrow('cannot arrive late under the identity policy');
    expect(decideTail(asks('replay'), FOUND)).toBe('replay');
  });

  it('gives up no more than was accepted', () => {
    for (const accepted of [null, 0, 11])
      expect(() => decideTail(asks('discard', accepted), FOUND)).toThrow('12 records');
    for (const accepted of [12, 13]) expect(decideTail(asks('discard', accepted), FOUND)).toBe('discard');
  });

  it('replays nothing of which a copy may be there, or which would replace newer records', () => {
    const unsure = { ...FOUND, parts: [part({ exact: false })] };
    expect(() => decideTail(asks('replay'), unsure)).toThrow('is not proved');
    expect(decideTail(asks('export'), unsure)).toBe('export');
    expect(() => decideTail(asks('replay'), { ...FOUND, compacted: new Set(['orders']) })).toThrow('is compacted');
  });

  it('names the largest partitions', () => {
    const parts = Array.from({ length: 8 }, (_, partition) => part({ partition, records: partition }));
    expect(tailText(parts)).toBe(
      '7 in orders-7, 6 in orders-6, 5 in orders-5, 4 in orders-4, 3 in orders-3 and 2 more partitions',
    );
  });
});

describe('placeGroup', () => {
  const tail = { from: 10n, end: 22n, redeliver: false };
  const offsets = fc.bigInt(0n, 40n);

  it('leaves a group that has copies to read before the tail: it will read that, too', () => {
    fc.assert(
      fc.property(fc.option(offsets), fc.boolean(), (translated, redeliver) => {
        const placed = placeGroup({ translated, tail: { ...tail, redeliver }, readAll: false, ownEnd: 22n });
        expect(placed).toEqual(translated === null ? null : { offset: translated, lower: false, again: 0n });
      }),
    );
  });

  it('puts a group that has read all copies past the tail or at its start, never in between', () => {
    fc.assert(
      fc.property(fc.option(offsets), fc.boolean(), (translated, redeliver) => {
        const placed = placeGroup({ translated, tail: { ...tail, redeliver }, readAll: true, ownEnd: 22n });
        const past = translated !== null && translated > 22n ? translated : 22n;
        expect(placed).toEqual(
          redeliver ? { offset: 10n, lower: true, again: past - 10n } : { offset: past, lower: false, again: 0n },
        );
      }),
    );
  });

  it('without a tail goes by the translation, and not below where copies begin in a log that both sides write', () => {
    expect(placeGroup({ translated: null, tail: null, readAll: true, ownEnd: null })).toBeNull();
    expect(placeGroup({ translated: 7n, tail: null, readAll: true, ownEnd: null })?.offset).toBe(7n);
    expect(placeGroup({ translated: null, tail: null, readAll: true, ownEnd: 22n })?.offset).toBe(22n);
  });
});

const bytes = fc.option(fc.uint8Array({ maxLength: 64 }));
const header = fc.record({ key: fc.string(), value: bytes });
const record = fc.record({
  ...{ topic: fc.string(), partition: fc.nat(), offset: fc.bigInt(0n, 2n ** 62n) },
  ...{ timestampMs: fc.integer({ min: -1 }), key: bytes, value: bytes, headers: fc.array(header, { maxLength: 4 }) },
});

describe('the export', () => {
  it('gives back every record byte for byte', () => {
    fc.assert(
      fc.property(record, (one) => {
        expect(decodeStranded(encodeStranded(one))).toEqual(one);
      }),
    );
  });

  it('refuses a line that is none of its own', () => {
    for (const line of ['', '{', 'null', '{"records":3}', '{"topic":"a"}']) {
      expect(() => decodeStranded(line)).toThrow('is no record of an export');
    }
  });
});

describe('the headers of a replay', () => {
  it('come after the record’s own, which stay as they were, also where it was a replay before', () => {
    fc.assert(
      fc.property(record, (one) => {
        const key = replayKey('cluster', 'topic-id', one.partition, one.offset);
        const replay = replayHeaders(one, 'primary', key);
        expect(readReplay(replay)).toEqual({ key, headers: one.headers, origin: `${one.topic}/${one.partition}` });
        const again = replayHeaders({ ...one, headers: replay }, 'primary', 'other');
        expect(readReplay(again)).toMatchObject({ key: 'other', headers: replay });
      }),
    );
    expect(readReplay([{ key: 'trace', value: null }])).toBeNull();
  });
});
