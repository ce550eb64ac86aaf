import type { LagSample } from '../../domain/report-model.ts';

/** Reads the value of a sample; null leaves the sample out. */
export type ValueOf = (sample: LagSample) => number | null;

export interface Point {
  readonly atMs: number;
  readonly value: number;
  readonly sample: LagSample;
}

/**
 * At most about `limit` points that keep every visible extreme: the time axis is cut into `limit / 2` buckets and of
 * each the lowest and the highest point stay. The last point always stays, since it tells how the run ended.
 */
export function downsample(samples: readonly LagSample[], valueOf: ValueOf, limit: number): readonly Point[] {
  const points = samples.flatMap((sample) => toPoint(sample, valueOf));
  const first = points[0];
  const last = points.at(-1);
  if (points.length <= limit || first === undefined || last === undefined) return points;
  const buckets = Math.max(1, Math.floor(limit / 2));
  const width = (last.atMs - first.atMs) / buckets || 1;
  const kept: Point[] = [];
  for (let index = 0, bucket = 0; index < points.length; bucket += 1) {
    const end = endOfBucket(points, index, first.atMs + (bucket + 1) * width, bucket === buckets - 1);
    kept.push(...extremes(points.slice(index, end)));
    index = end;
  }
  if (kept.at(-1) !== last) kept.push(last);
  return kept;
}

function toPoint(sample: LagSample, valueOf: ValueOf): readonly Point[] {
  const value = valueOf(sample);
  return value === null ? [] : [{ atMs: sample.atMs, value, sample }];
}

function endOfBucket(points: readonly Point[], from: number, untilMs: number, isLast: boolean): number {
  if (isLast) return points.length;
  let end = from;
  while (end < points.length && (points[end]?.atMs ?? 0) < untilMs) end += 1;
  return end;
}

function extremes(bucket: readonly Point[]): readonly Point[] {
  const [head] = bucket;
  if (head === undefined) return [];
  const low = bucket.reduce((lowest, point) => (point.value < lowest.value ? point : lowest), head);
  const high = bucket.reduce((highest, point) => (point.value > highest.value ? point : highest), head);
  if (low === high) return [low];
  return bucket.indexOf(low) < bucket.indexOf(high) ? [low, high] : [high, low];
}

/**
 * The runs of points between which nothing was measured, for example while a cluster was down. A pause counts when it
 * is five times longer than is usual and wider than what downsampling can leave out.
 */
export function splitAtGaps(points: readonly Point[]): readonly (readonly Point[])[] {
  const pauses = points.slice(1).map((point, index) => point.atMs - (points[index]?.atMs ?? 0));
  const usual = [...pauses].sort((a, b) => a - b)[Math.floor(pauses.length / 2)] ?? 0;
  const segments: Point[][] = [];
  points.forEach((point, index) => {
    const pause = index === 0 ? Number.POSITIVE_INFINITY : (pauses[index - 1] ?? 0);
    const segment = segments.at(-1);
    if (segment === undefined || pause > Math.max(usual * 5, 1)) segments.push([point]);
    else segment.push(point);
  });
  return segments;
}
