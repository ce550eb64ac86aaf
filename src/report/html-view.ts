import type { ReportModel } from '../domain/report-model.ts';
import { headlineOf } from './headline.ts';
import { downsample } from './svg/downsample.ts';
import { LAG_RECORDS, LAG_TIME, lagChartSvg } from './svg/lag-chart.ts';
import { timelineSvg } from './svg/timeline.ts';
import { lagTable } from './tables/lag-table.ts';
import { stepsTable } from './tables/outcome-tables.ts';
import { detailTables, resultTables } from './tables/report-tables.ts';
import type { Cell, Column, Table } from './tables/table.ts';

/** Rows of one table that a browser shows without effort; the JSON report has the rest. */
const ROW_LIMIT = 500;
/** Samples of one flow in the data that the page carries. */
const SAMPLE_LIMIT = 1000;

/** What the HTML template is filled with: plain texts, but for the drawings. */
export function htmlView(model: ReportModel) {
  const headline = headlineOf(model);
  return {
    runId: model.runId,
    badge: headline.badge,
    tone: headline.tone,
    title: headline.title,
    facts: headline.facts.map(([label, value]) => ({ label, value })),
    alerts: headline.alerts,
    failures: headline.failures,
    figures: headline.figures.map((figure) => ({ ...figure, tone: figure.tone ?? 'plain' })),
    charts: [timelineView(model), lagView(model)].filter((chart) => chart.drawings.length > 0),
    results: resultTables(model).map(tableView),
    details: detailTables(model).map(tableView),
  };
}

/** The model with lag curves thinned to what the charts show. */
export function embeddedData(model: ReportModel): ReportModel {
  const lag = model.lag.map((series) => ({
    ...series,
    samples: downsample(series.samples, (sample) => sample.lagRecords, SAMPLE_LIMIT).map(({ sample }) => sample),
  }));
  return { ...model, lag };
}

function timelineView(model: ReportModel) {
  const svg = timelineSvg(model);
  return {
    id: 'timeline',
    title: 'Timeline',
    drawings: svg === null ? [] : [{ caption: null as string | null, svg }],
    table: tableView(stepsTable(model)),
  };
}

function lagView(model: ReportModel) {
  const drawings = [LAG_RECORDS, LAG_TIME].flatMap((quantity) => {
    const svg = lagChartSvg(model, quantity);
    return svg === null ? [] : [{ caption: quantity.name, svg }];
  });
  return { id: 'lag-over-time', title: 'Replication lag', drawings, table: tableView(lagTable(model)) };
}

function tableView(table: Table) {
  const cells = (row: readonly Cell[]) => row.map((cell, index) => cellView(cell, table.columns[index]));
  return {
    id: table.id,
    title: table.title,
    about: table.about,
    columns: table.columns,
    rows: table.rows.slice(0, ROW_LIMIT).map((row) => ({ cells: cells(row) })),
    footer: table.footer === null ? null : cells(table.footer),
    leftOut: Math.max(0, table.rows.length - ROW_LIMIT),
  };
}

function cellView(cell: Cell, column: Column | undefined) {
  const classes = [column?.numeric === true ? 'n' : null, cell.tone].filter((name) => name !== null);
  return { text: cell.text, className: classes.join(' ') };
}
