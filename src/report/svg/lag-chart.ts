import type { LagSeries, ReportModel } from '../../domain/report-model.ts';
import { escapeMarkup } from '../escape.ts';
import { formatCount, formatDuration } from '../format.ts';
import { downsample, splitAtGaps } from './downsample.ts';
import type { Point, ValueOf } from './downsample.ts';
import { CHART, clip, createTimeScale, niceStep, placeMarks, round, timeAxis } from './time-scale.ts';
import type { TimeScale } from './time-scale.ts';

/** Points drawn of one flow: more than the plot has pixels to tell apart. */
const POINT_LIMIT = 500;
/** Colours that the stylesheet has; further flows share them. */
const PALETTE = 6;
const PLOT_PX = 190;

/** A quantity of the lag that is drawn as one chart. */
export interface LagQuantity {
  readonly name: string;
  readonly valueOf: ValueOf;
  readonly peakOf: (series: LagSeries) => number | null;
  readonly format: (value: number) => string;
}

export const LAG_RECORDS: LagQuantity = {
  name: 'Lag in records',
  valueOf: (sample) => sample.lagRecords,
  peakOf: (series) => series.peakRecords,
  format: formatCount,
};

export const LAG_TIME: LagQuantity = {
  name: 'Lag in time',
  valueOf: (sample) => sample.lagMs,
  peakOf: (series) => series.peakMs,
  format: formatDuration,
};

/** One line a flow over the run's time axis with the faults marked; null where nothing was sampled. */
export function lagChartSvg(model: ReportModel, quantity: LagQuantity): string | null {
  const drawn = model.lag.filter((series) => quantity.peakOf(series) !== null);
  if (drawn.length === 0) return null;
  const scale = createTimeScale(model.durationMs);
  const marks = placeMarks(model.marks, scale);
  const peak = drawn.reduce((highest, series) => Math.max(highest, quantity.peakOf(series) ?? 0), 0);
  const axis = valueAxis(peak, marks.height, quantity);
  const bottom = marks.height + PLOT_PX;
  const curves = drawn.map((series, index) => drawSeries(series, index, { quantity, scale, y: axis.y, bottom }));
  const legend = drawn.map((series, index) => legendEntry(series, index, marks.height, quantity));
  const height = Math.max(bottom + 24, marks.height + drawn.length * LEGEND_PX + 4);
  const label = `${quantity.name} by flow: ${drawn.map((series) => `${series.flow} peak ${quantity.format(quantity.peakOf(series) ?? 0)}`).join(', ')}`;
  return (
    `<svg class="chart" viewBox="0 0 ${CHART.width} ${round(height)}" role="img" aria-label="${escapeMarkup(label)}">` +
    `${timeAxis(scale, marks.height, bottom)}${axis.drawn}${marks.lines(bottom)}` +
    `${curves.join('')}${marks.labels()}${legend.join('')}</svg>`
  );
}

function valueAxis(peak: number, top: number, quantity: LagQuantity) {
  const shown = Math.min(peak, Number.MAX_SAFE_INTEGER);
  const step = niceStep(shown / 4);
  const highest = Math.max(step, Math.ceil(shown / step) * step);
  const y = (value: number) => round(top + PLOT_PX - (Math.min(Math.max(0, value), highest) / highest) * PLOT_PX);
  const drawn = [];
  for (let value = 0; value <= highest; value += step) {
    const at = y(value);
    const line = `<line class="grid" x1="${CHART.plotLeft}" x2="${CHART.plotRight}" y1="${at}" y2="${at}"/>`;
    const label = escapeMarkup(quantity.format(value));
    drawn.push(`${line}<text class="tick" x="${CHART.plotLeft - 8}" y="${at + 4}" text-anchor="end">${label}</text>`);
  }
  return { y, drawn: drawn.join('') };
}

interface Plot {
  readonly quantity: LagQuantity;
  readonly scale: TimeScale;
  readonly y: (value: number) => number;
  readonly bottom: number;
}

function drawSeries(series: LagSeries, index: number, { quantity, scale, y, bottom }: Plot): string {
  const segments = splitAtGaps(downsample(series.samples, quantity.valueOf, POINT_LIMIT));
  const shapes = segments.map((segment) => {
    const line = segment.map((point) => `${scale.x(point.atMs)} ${y(point.value)}`).join('L');
    const [first, last] = [segment[0], segment.at(-1)] as [Point, Point];
    const only = first === last ? `h0.1` : '';
    const area = `M${scale.x(first.atMs)} ${bottom}L${line}L${scale.x(last.atMs)} ${bottom}Z`;
    return `<path class="area" d="${area}"/><path class="line" d="M${line}${only}"/>`;
  });
  return `<g class="flow flow-${(index % PALETTE) + 1}"><title>${escapeMarkup(series.flow)}</title>${shapes.join('')}</g>`;
}

const LEGEND_PX = 42;

/** In the space left of the value axis. */
function legendEntry(series: LagSeries, index: number, top: number, quantity: LagQuantity): string {
  const y = top + index * LEGEND_PX + 10;
  const peak = `peak ${quantity.format(quantity.peakOf(series) ?? 0)}`;
  return (
    `<g class="flow flow-${(index % PALETTE) + 1}"><title>${escapeMarkup(series.flow)}</title>` +
    `<path class="line" d="M0 ${y - 4}h18"/>` +
    `<text class="name" x="26" y="${y}">${escapeMarkup(clip(series.flow, 22))}</text>` +
    `<text class="tick" x="26" y="${y + 16}">${escapeMarkup(peak)}</text></g>`
  );
}
