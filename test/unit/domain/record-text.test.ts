import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base64Of, readableOf, textOf } from '../../../src/domain/record-text.ts';

describe('bytes of records', () => {
  it('are text where they are UTF-8, and keep a byte order mark', () => {
    expect(textOf(Buffer.from('größe'))).toBe('größe');
    expect(textOf(new Uint8Array([0xef, 0xbb, 0xbf, 0x61]))).toBe('\ufeffa');
    expect(textOf(new Uint8Array([0x63, 0xe9]))).toBeNull();
  });

  it('are base64 as Node writes it, however many there are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20_000 }), (bytes) => {
        expect(base64Of(bytes)).toBe(Buffer.from(bytes).toString('base64'));
      }),
      { numRuns: 30 },
    );
  });

  it('are shown as text as far as they are text', () => {
    const shown = (...bytes: readonly number[]): string => readableOf(Buffer.from(bytes).toString('base64'));
    expect(shown(0x63, 0x61, 0x66, 0xe9)).toBe('caf\\xE9');
    expect(shown(0xff, 0xc3, 0xbc, 0xe2, 0x82)).toBe('\\xFFü\\xE2\\x82');
  });
});
