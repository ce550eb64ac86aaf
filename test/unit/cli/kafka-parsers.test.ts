import { describe, expect, it } from 'vitest';
import { epochMs, instant, isoDuration, rate, resetScope, shift, topicName } from '../../../src/cli/kafka-parsers.ts';

describe('instant', () => {
  const NOW = Date.UTC(2026, 10, 21, 10);
  const of = (text: string) => {
    const parsed = instant.parse(text);
    return parsed === undefined ? undefined : new Date(epochMs(parsed, NOW)).toISOString();
  };
  it('takes a time without a zone for UTC, as the tools of Kafka do', () => {
    expect(of('2026-11-21T09:30:00')).toBe('2026-11-21T09:30:00.000Z');
    expect(of('2026-11-21T09:30:00.250')).toBe('2026-11-21T09:30:00.250Z');
    expect(of('2026-11-21T09:30:00+02:00')).toBe('2026-11-21T07:30:00.000Z');
    expect(of('2026-11-21T09:30:00Z')).toBe('2026-11-21T09:30:00.000Z');
    expect(of('2026-11-21')).toBe('2026-11-21T00:00:00.000Z');
  });

  it('takes epoch milliseconds, and how long ago', () => {
    expect(of(String(NOW))).toBe('2026-11-21T10:00:00.000Z');
    expect(of('1h30m')).toBe('2026-11-21T08:30:00.000Z');
  });

  it.each(['', 'now', '12', '2026-13-01', '2026-11-21T25:00', '21.11.2026'])('refuses "%s"', (text) => {
    expect(instant.parse(text)).toBeUndefined();
  });
});

describe('isoDuration', () => {
  it('takes both spellings', () => {
    expect(['PT1H', 'P1D', 'P1DT2H3M4.5S', '90s'].map((text) => isoDuration.parse(text))).toEqual([
      3_600_000, 86_400_000, 93_784_500, 90_000,
    ]);
  });

  it.each(['', 'P', 'PT', 'P1DT', '1', 'PT-1H', 'P1M'])('refuses "%s"', (text) => {
    expect(isoDuration.parse(text)).toBeUndefined();
  });
});

describe('rate', () => {
  it('is records per second', () => {
    expect(['5', '0.5', '100/s'].map((text) => rate.parse(text))).toEqual([5, 0.5, 100]);
  });

  it.each(['0', '0.0/s', '-1', '5/m', '1e9', 'fast'])('refuses "%s"', (text) => {
    expect(rate.parse(text)).toBeUndefined();
  });
});

describe('names and numbers', () => {
  it('takes what Kafka takes for a topic', () => {
    expect(topicName.parse('a.B_c-1')).toBe('a.B_c-1');
    for (const text of ['', '.', '..', 'a b', 'a\nb', '"a"', 'ä', 'x'.repeat(250)]) {
      expect(topicName.parse(text)).toBeUndefined();
    }
  });

  it('reads partitions behind a topic', () => {
    expect(resetScope.parse('a')).toEqual({ topic: 'a', partitions: null });
    expect(resetScope.parse('a:0,12')).toEqual({ topic: 'a', partitions: [0, 12] });
    for (const text of ['a:', 'a:x', ':0', 'a:0,', 'a b']) expect(resetScope.parse(text)).toBeUndefined();
  });

  it('shifts forward and backward', () => {
    expect(['10', '-10', '+3'].map((text) => shift.parse(text))).toEqual([10n, -10n, 3n]);
    for (const text of ['', '1.5', '--1', 'x']) expect(shift.parse(text)).toBeUndefined();
  });
});
