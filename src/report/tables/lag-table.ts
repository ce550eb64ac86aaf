import type { ReportModel } from '../../domain/report-model.ts';
import { formatCount, formatDuration, formatMoment } from '../format.ts';
import { downsample } from '../svg/downsample.ts';
import { cell, columns } from './table.ts';
import type { Table } from './table.ts';

/** Rows that stand for one flow's curve. */
const ROWS_PER_FLOW = 24;

/** The lag charts in figures, thinned to their lows and highs. */
export function lagTable(model: ReportModel): Table {
  return {
    id: 'lag',
    title: 'Lag over time',
    about: `At most ${ROWS_PER_FLOW} samples a flow: the lowest and the highest of each span of time, and the last one.`,
    columns: columns('flow', '#at', '#records to copy', '#behind by'),
    rows: model.lag.flatMap((series) => {
      const points = downsample(series.samples, (sample) => sample.lagRecords, ROWS_PER_FLOW);
      return points.map(({ sample }) => [
        cell(series.flow),
        cell(formatMoment(sample.atMs), 'muted'),
        cell(formatCount(sample.lagRecords)),
        cell(formatDuration(sample.lagMs)),
      ]);
    }),
    footer: null,
  };
}
