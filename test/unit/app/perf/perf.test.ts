import { describe, expect, it } from 'vitest';
import { drainRate } from '../../../../src/app/perf/lag-curve.ts';
import { parseRates } from '../../../../src/app/perf/producer-performance.ts';

describe('parseRates', () => {
  it('reads the last line of ProducerPerformance, of 3.9 and 4.x', () => {
    const output = [
      '5000 records sent, 1000.0 records/sec (0.98 MB/sec), 10.0 ms avg latency, 20.0 ms max latency.',
      '10000 records sent, 17523.364486 records/sec (17.11 MB/sec), 1568.00 ms avg latency, 2505.00 ms max latency, 1613 ms 50th, 2270 ms 95th.',
    ].join('\n');
    expect(parseRates(output)).toEqual({
      recordsPerSecond: 17523,
      bytesPerSecond: Math.round(17.11 * 1024 * 1024),
      averageLatencyMs: 1568,
      maxLatencyMs: 2505,
    });
  });

  it('knows that nothing was measured', () => {
    expect(parseRates('java.lang.IllegalStateException: no')).toBeNull();
  });
});

describe('drainRate', () => {
  const samples = (...copied: number[]) => copied.map((n, index) => ({ atMs: index * 100, lagRecords: 0, copied: n }));
  it('counts from the last sample without a record to the first with all', () => {
    expect(drainRate(samples(0, 0, 50, 100, 100, 100))).toBe(500);
  });

  it('is unknown where nothing crossed', () => {
    expect(drainRate(samples(0, 0))).toBeNull();
    expect(drainRate([])).toBeNull();
  });
});
