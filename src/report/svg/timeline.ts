import type { ReportModel, ReportStep } from '../../domain/report-model.ts';
import { escapeMarkup } from '../escape.ts';
import { formatDuration } from '../format.ts';
import { CHART, clip, createTimeScale, placeMarks, round, textWidth, timeAxis } from './time-scale.ts';
import type { TimeScale } from './time-scale.ts';

const ROW_PX = 22;
const BAR_PX = 13;
const INDENT_PX = 14;
/** Rows that are drawn; the table below the chart has all of them. */
const ROW_LIMIT = 100;

/** The steps as bars on the run's time axis; null without steps. */
export function timelineSvg(model: ReportModel): string | null {
  if (model.steps.length === 0) return null;
  const scale = createTimeScale(model.durationMs);
  const steps = drawnSteps(model.steps);
  const marks = placeMarks(model.marks, scale);
  const bottom = marks.height + steps.length * ROW_PX + 4;
  const rows = steps.map((step, index) => drawStep(step, marks.height + index * ROW_PX, scale));
  const label = `Timeline of ${model.steps.length} steps over ${formatDuration(model.durationMs)}`;
  return (
    `<svg class="chart" viewBox="0 0 ${CHART.width} ${round(bottom + 24)}" role="img" aria-label="${label}">` +
    `${timeAxis(scale, marks.height, bottom)}${marks.lines(bottom)}${rows.join('')}${marks.labels()}</svg>`
  );
}

/** The longest steps where there are too many, outer ones first, in order of their start. */
function drawnSteps(steps: readonly ReportStep[]): readonly ReportStep[] {
  if (steps.length <= ROW_LIMIT) return steps;
  const ranked = [...steps].sort((a, b) => a.depth - b.depth || b.durationMs - a.durationMs);
  const kept = new Set(ranked.slice(0, ROW_LIMIT));
  return steps.filter((step) => kept.has(step));
}

function drawStep(step: ReportStep, top: number, scale: TimeScale): string {
  const x = scale.x(step.startMs);
  const end = scale.x(step.startMs + step.durationMs);
  const width = Math.max(2.5, round(end - x));
  const indent = Math.min(step.depth, 4) * INDENT_PX;
  const baseline = top + ROW_PX / 2 + 4;
  const name = clip(step.title, Math.floor((CHART.plotLeft - indent - 12) / 6.6));
  const title = `${step.title}: ${step.state}, ${formatDuration(step.durationMs)}`;
  return (
    `<g class="step state-${step.state}${step.depth > 0 ? ' inner' : ''}"><title>${escapeMarkup(title)}</title>` +
    `<text class="name" x="${indent}" y="${baseline}">${escapeMarkup(name)}</text>` +
    `<rect x="${x}" y="${top + (ROW_PX - BAR_PX) / 2}" width="${width}" height="${BAR_PX}" rx="2.5"/>` +
    `${durationLabel(step, x, x + width, baseline)}</g>`
  );
}

/** Behind the bar, before it, or inside a bar that fills the plot. The state is said in words, not by colour alone. */
function durationLabel(step: ReportStep, x: number, end: number, baseline: number): string {
  const words = step.state === 'done' ? '' : ` · ${step.state}`;
  const text = `${formatDuration(step.durationMs)}${words}`;
  const width = textWidth(text) + 8;
  const draw = (at: number, anchor: string, className: string) =>
    `<text class="${className}" x="${round(at)}" y="${baseline}" text-anchor="${anchor}">${escapeMarkup(text)}</text>`;
  if (end + width <= CHART.plotRight) return draw(end + 5, 'start', 'duration');
  if (x - width >= CHART.plotLeft) return draw(x - 5, 'end', 'duration');
  return draw(end - 6, 'end', 'duration inside');
}
