import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LagSample, ReportMark } from '../../../src/domain/report-model.ts';
import { downsample, splitAtGaps } from '../../../src/report/svg/downsample.ts';
import { CHART, createTimeScale, placeMarks, textWidth } from '../../../src/report/svg/time-scale.ts';
import { unplannedKillReport } from './fixture.ts';
import { LAG_RECORDS, lagChartSvg } from '../../../src/report/svg/lag-chart.ts';
import { timelineSvg } from '../../../src/report/svg/timeline.ts';

const records = (sample: LagSample) => sample.lagRecords;
const curve = fc
  .array(fc.record({ pause: fc.nat(1000), lagRecords: fc.nat(10_000) }), { maxLength: 400 })
  .map((points) => {
    let atMs = 0;
    return points.map(({ pause, lagRecords }): LagSample => ({ atMs: (atMs += pause), lagRecords, lagMs: null }));
  });

describe('downsampling', () => {
  it('keeps the order, the peak, the lowest point and the end, in at most one point more than the limit', () => {
    fc.assert(
      fc.property(curve, fc.integer({ min: 2, max: 60 }), (samples, limit) => {
        const points = downsample(samples, records, limit);
        expect(points.length).toBeLessThanOrEqual(limit + 1);
        expect(points.map(({ sample }) => samples.indexOf(sample))).toEqual(
          points.map(({ sample }) => samples.indexOf(sample)).sort((a, b) => a - b),
        );
        const values = samples.map(records);
        const kept = points.map(({ value }) => value);
        expect(Math.max(...kept)).toBe(Math.max(...values));
        expect(Math.min(...kept)).toBe(Math.min(...values));
        expect(points.at(-1)?.sample).toBe(samples.at(-1));
      }),
    );
  });

  it('leaves a short curve as it is', () => {
    const samples = [1, 5, 3].map((lagRecords, index) => ({ atMs: index, lagRecords, lagMs: null }));
    expect(downsample(samples, records, 3).map(({ value }) => value)).toEqual([1, 5, 3]);
  });

  it('parts a curve where nothing was measured', () => {
    const times = [0, 100, 200, 300, 5000, 5100];
    const samples = times.map((atMs) => ({ atMs, lagRecords: 1, lagMs: null }));
    const segments = splitAtGaps(downsample(samples, records, 100));
    expect(segments.map((segment) => segment.length)).toEqual([4, 2]);
  });
});

describe('the time axis', () => {
  it.each([0, 1, 37, 900, 4000, 48_240, 3_600_000, 90_000_000, 4e11])(
    'has a few ticks inside a run of %d ms',
    (durationMs) => {
      const { ticks, x } = createTimeScale(durationMs);
      expect(ticks.length).toBeGreaterThanOrEqual(2);
      expect(ticks.length).toBeLessThanOrEqual(13);
      expect(new Set(ticks.map(({ label }) => label)).size).toBe(ticks.length);
      for (const { atMs } of ticks) expect(x(atMs)).toBeLessThanOrEqual(CHART.plotRight);
    },
  );

  it('places labels of marks so that none covers another', () => {
    const marks = fc.array(
      fc.record({
        atMs: fc.nat(1000),
        kind: fc.constantFrom<ReportMark['kind']>('fault', 'heal', 'active'),
        label: fc
          .string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 30 })
          .map((text) => text.replace(/\W/g, 'w')),
      }),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(marks, (some) => {
        const svg = placeMarks(
          [...some].sort((a, b) => a.atMs - b.atMs),
          createTimeScale(1000),
        ).labels();
        const boxes = [...svg.matchAll(/x="([\d.]+)" y="(\d+)" text-anchor="(\w+)"><title>(\w+)/g)].map(
          ([, x, y, anchor, label]) => {
            const start = anchor === 'start' ? Number(x) : Number(x) - textWidth(label ?? '');
            return { y, start, end: start + textWidth(label ?? '') };
          },
        );
        expect(boxes).toHaveLength(some.length);
        for (const a of boxes) {
          for (const b of boxes) if (a !== b && a.y === b.y) expect(a.end <= b.start || b.end <= a.start).toBe(true);
        }
      }),
    );
  });
});

describe('the drawings', () => {
  it('are absent where there is nothing to draw', () => {
    const empty = { ...unplannedKillReport(), steps: [], lag: [] };
    expect(timelineSvg(empty)).toBeNull();
    expect(lagChartSvg(empty, LAG_RECORDS)).toBeNull();
  });

  it('hold only finite numbers, also for absurd figures', () => {
    const model = unplannedKillReport();
    const samples = [0, -5, 1.7e308].map((lagRecords, atMs) => ({ atMs, lagRecords, lagMs: null }));
    const absurd = {
      ...model,
      steps: model.steps.map((step, index) => (index % 2 === 0 ? { ...step, durationMs: 1e300 } : step)),
      lag: [{ flow: 'a->b', peakRecords: 1.7e308, peakMs: null, lastRecords: 0, samples }],
    };
    expect(timelineSvg(absurd)).not.toMatch(/NaN|Infinity/);
    expect(lagChartSvg(absurd, LAG_RECORDS)).not.toMatch(/NaN|Infinity/);
  });

  it('say a state in words, not by colour alone', () => {
    const model = unplannedKillReport();
    const failed = { ...model, steps: model.steps.map((step) => ({ ...step, state: 'failed' as const })) };
    expect(timelineSvg(failed)?.match(/ · failed</g)).toHaveLength(model.steps.length);
  });
});
