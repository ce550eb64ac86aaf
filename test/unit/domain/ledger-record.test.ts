import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom, createValues, readStamp, stampHeaders, valueHash } from '../../../src/domain/ledger-record.ts';

const name = fc.stringMatching(/^[A-Za-z0-9._-]{1,30}$/);
const stamp = fc.record({
  run: name,
  stream: name,
  partition: fc.nat(1000),
  seq: fc.nat(Number.MAX_SAFE_INTEGER),
  site: name,
  epoch: fc.nat(1000),
  hash: fc.stringMatching(/^[0-9a-f]{8}$/),
});

function encoded(headers: Readonly<Record<string, string>>) {
  return Object.entries(headers).map(([key, value]) => ({ key, value: new TextEncoder().encode(value) }));
}

describe('stamps', () => {
  it('come back as they were written', () => {
    fc.assert(
      fc.property(stamp, (one) => {
        expect(readStamp(encoded(stampHeaders(one)))).toEqual(one);
      }),
    );
  });

  it('are not read from records that lack any part', () => {
    fc.assert(
      fc.property(stamp, fc.nat(6), (one, missing) => {
        expect(readStamp(encoded(stampHeaders(one)).toSpliced(missing, 1))).toBeNull();
      }),
    );
  });

  it('are not read from numbers that are none', () => {
    const headers = {
      ...stampHeaders({ run: 'r', stream: 's', partition: 0, seq: 0, site: 'a', epoch: 1, hash: '0' }),
    };
    expect(readStamp(encoded({ ...headers, 'kmk-seq': '-1' }))).toBeNull();
    expect(readStamp(encoded({ ...headers, 'kmk-seq': 'x' }))).toBeNull();
  });
});

describe('values', () => {
  it('follow from seed and number, are printable and as long as asked', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.nat(50),
        fc.nat(1_000_000),
        fc.integer({ min: 64, max: 20_000 }),
        (seed, at, seq, size) => {
          const value = createValues(seed)('orders', at, seq, size);
          expect(value).toEqual(createValues(seed)('orders', at, seq, size));
          expect(value.byteLength).toBe(size);
          expect(value.every((byte) => byte >= 0x20 && byte < 0x7f)).toBe(true);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('differ for every number, also where the size asked for is too small for it', () => {
    const values = createValues(1);
    const seen = new Set(Array.from({ length: 2000 }, (_, seq) => valueHash(values('orders', 0, seq, 16))));
    expect(seen.size).toBe(2000);
  });

  it('have a hash that one changed byte changes', () => {
    const value = createValues(1)('orders', 0, 7, 256);
    const damaged = Uint8Array.from(value, (byte, index) => (index === 200 ? byte ^ 1 : byte));
    expect(valueHash(damaged)).not.toBe(valueHash(value));
    expect(valueHash(new TextEncoder().encode('foobar'))).toBe('bf9cf968');
  });
});

describe('createRandom', () => {
  it('repeats itself for a seed and stays within 0 and 1', () => {
    const [a, b] = [createRandom(42), createRandom(42)];
    for (let n = 0; n < 1000; n += 1) {
      const next = a();
      expect(next).toBe(b());
      expect(next).toBeGreaterThanOrEqual(0);
      expect(next).toBeLessThan(1);
    }
  });
});
