import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { duration, keyValue, offset, oneOf, wholeNumber } from '../../../src/cli/value-parsers.ts';

describe('wholeNumber', () => {
  it('takes exactly the numbers within its bounds', () => {
    fc.assert(
      fc.property(fc.integer({ min: -50, max: 50 }), fc.integer({ min: -20, max: 0 }), fc.nat(20), (n, min, max) => {
        expect(wholeNumber({ min, max }).parse(String(n))).toBe(n >= min && n <= max ? n : undefined);
      }),
    );
  });

  it.each(['', ' 1', '1.5', '1e3', '0x10', '1_000', '9007199254740993', 'NaN', '+1'])('refuses %j', (text) => {
    expect(wholeNumber().parse(text)).toBeUndefined();
  });
});

describe('others', () => {
  it('offset keeps every digit', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 63n }), (n) => {
        expect(offset.parse(String(n))).toBe(n);
      }),
    );
    expect(offset.parse('-1')).toBeUndefined();
  });

  it('duration needs a unit', () => {
    expect(duration.parse('90s')).toBe(90_000);
    expect(duration.parse('90')).toBeUndefined();
  });

  it('keyValue splits at the first equals sign', () => {
    expect(keyValue.parse('a=b=c')).toEqual(['a', 'b=c']);
    expect(keyValue.parse('a=')).toEqual(['a', '']);
    expect(keyValue.parse('=b')).toBeUndefined();
    expect(keyValue.parse('a')).toBeUndefined();
  });

  it('oneOf takes its words only', () => {
    expect(oneOf('stop', 'kill').parse('kill')).toBe('kill');
    expect(oneOf('stop', 'kill').parse('constructor')).toBeUndefined();
  });
});
