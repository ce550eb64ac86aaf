import { describe, expect, it } from 'vitest';
import { formatCount, formatDuration, formatInstant, formatLoss, formatMoment } from '../../../src/report/format.ts';

describe('figures', () => {
  it.each([
    [null, '–'],
    [0, '0'],
    [999, '999'],
    [1000, '1,000'],
    [1234567, '1,234,567'],
    [-1234, '-1,234'],
    [0.12345, '0.12345'],
  ])('count %s is %s', (value, expected) => expect(formatCount(value)).toBe(expected));

  it.each([
    [null, '–'],
    [0, '0 ms'],
    [999, '999 ms'],
    [1000, '1.0 s'],
    [59_949, '59.9 s'],
    [59_950, '1 min 00 s'],
    [125_000, '2 min 05 s'],
    [3_599_600, '1 h 00 min'],
    [3_720_000, '1 h 02 min'],
  ])('duration %s is %s', (ms, expected) => expect(formatDuration(ms)).toBe(expected));

  it('names moments, instants and losses', () => {
    expect(formatMoment(12_345)).toBe('+12.345 s');
    expect(formatInstant('2026-03-04T09:15:00.120Z')).toBe('2026-03-04 09:15:00 UTC');
    expect(formatLoss({ records: 1, ms: 20, basis: 'ledger' })).toBe('1 record (20 ms), by ledger');
    expect(formatLoss(null)).toBe('not measured');
  });
});
