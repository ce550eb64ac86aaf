import type { ReportMark } from '../../domain/report-model.ts';
import { escapeMarkup } from '../escape.ts';

/** All charts share one width and one plot area, so that their time axes line up below one another. */
export const CHART = { width: 1180, plotLeft: 262, plotRight: 1156 } as const;

/** Width of a character of the charts' 11.5 px text; generous, since fonts differ. */
const CHARACTER_PX = 6.4;
const LANE_PX = 16;

export interface TimeScale {
  readonly durationMs: number;
  readonly x: (atMs: number) => number;
  readonly ticks: readonly { readonly atMs: number; readonly label: string }[];
}

export function createTimeScale(durationMs: number): TimeScale {
  const span = Math.max(durationMs, 1);
  const plotWidth = CHART.plotRight - CHART.plotLeft;
  const step = timeStep(span / 12);
  const ticks = [];
  for (let atMs = 0; atMs <= span; atMs += step) ticks.push({ atMs, label: tickLabel(atMs, step) });
  return {
    durationMs: span,
    x: (atMs) => round(CHART.plotLeft + (Math.min(Math.max(atMs, 0), span) / span) * plotWidth),
    ticks,
  };
}

const NICE_SECONDS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400];

function timeStep(atLeastMs: number): number {
  if (atLeastMs < 500) return niceStep(atLeastMs);
  const seconds = NICE_SECONDS.find((candidate) => candidate * 1000 >= atLeastMs);
  return seconds === undefined ? niceStep(atLeastMs / 86_400_000) * 86_400_000 : seconds * 1000;
}

/** The next of 1, 2, 5 times a power of ten; at least 1. */
export function niceStep(atLeast: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(atLeast, 1)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= atLeast) ?? power * 10;
}

/** `350 ms`, `20 s`, `1:30` (minutes), `2:05 h`. */
function tickLabel(atMs: number, stepMs: number): string {
  if (stepMs < 1000) return `${Math.round(atMs)} ms`;
  const seconds = Math.round(atMs / 1000);
  if (stepMs < 15_000) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (stepMs < 3_600_000) return `${minutes}:${String(seconds % 60).padStart(2, '0')} min`;
  return `${Math.floor(minutes / 60)} h`;
}

export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

export function textWidth(text: string): number {
  return text.length * CHARACTER_PX;
}

/** Cut to `characters` with an ellipsis. */
export function clip(text: string, characters: number): string {
  const points = Array.from(text);
  return points.length <= characters ? text : `${points.slice(0, characters - 1).join('')}…`;
}

/** Gridlines and labels of the time axis between `top` and `bottom`. */
export function timeAxis(scale: TimeScale, top: number, bottom: number): string {
  const lines = scale.ticks.map(({ atMs, label }) => {
    const x = scale.x(atMs);
    const text = `<text class="tick" x="${x}" y="${bottom + 16}" text-anchor="middle">${escapeMarkup(label)}</text>`;
    return `<line class="grid" x1="${x}" x2="${x}" y1="${top}" y2="${bottom}"/>${text}`;
  });
  return `${lines.join('')}<line class="axis" x1="${CHART.plotLeft}" x2="${CHART.plotRight}" y1="${bottom}" y2="${bottom}"/>`;
}

export interface PlacedMarks {
  /** Height that the labels need above the plot. */
  readonly height: number;
  /** The vertical lines: to be drawn before the plot's content. */
  lines(bottom: number): string;
  labels(): string;
}

/** At most this many marks are drawn: more would hide the chart. */
const MARK_LIMIT = 40;

/** Vertical lines with labels above the plot, in as many lanes as it takes for no two labels to overlap. */
export function placeMarks(marks: readonly ReportMark[], scale: TimeScale): PlacedMarks {
  const laneEnds: number[] = [];
  const placed = marks.slice(0, MARK_LIMIT).map((mark) => {
    const x = scale.x(mark.atMs);
    const label = clip(mark.label, 44);
    const width = textWidth(label) + 10;
    const toLeft = x + width > CHART.plotRight;
    const start = toLeft ? x - width : x;
    const free = laneEnds.findIndex((end) => end <= start);
    const lane = free === -1 ? laneEnds.length : free;
    laneEnds[lane] = start + width;
    return { mark, x, label, lane, toLeft };
  });
  return {
    height: laneEnds.length * LANE_PX + 6,
    lines: (bottom) =>
      placed
        .map(({ mark, x, lane }) => {
          const top = lane * LANE_PX + 2;
          return `<line class="mark mark-${mark.kind}" x1="${x}" x2="${x}" y1="${top}" y2="${bottom}"/>`;
        })
        .join(''),
    labels: () =>
      placed
        .map(({ mark, x, label, lane, toLeft }) => {
          const at = `x="${round(toLeft ? x - 5 : x + 5)}" y="${lane * LANE_PX + 12}"`;
          const title = `<title>${escapeMarkup(mark.label)}</title>`;
          return `<text class="mark mark-${mark.kind}" ${at} text-anchor="${toLeft ? 'end' : 'start'}">${title}${escapeMarkup(label)}</text>`;
        })
        .join(''),
  };
}
