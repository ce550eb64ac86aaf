import type { ReportModel } from '../domain/report-model.ts';
import { escapeMarkdown } from './escape.ts';
import { headlineOf } from './headline.ts';
import type { Headline } from './headline.ts';
import { lagTable } from './tables/lag-table.ts';
import { stepsTable } from './tables/outcome-tables.ts';
import { detailTables, resultTables } from './tables/report-tables.ts';
import type { Table } from './tables/table.ts';

/** Rows of one table; the JSON report has the rest. */
const ROW_LIMIT = 200;

/** The report as GitHub-flavoured Markdown: for a ticket, a wiki page or a CI job's summary. */
export function renderMarkdown(model: ReportModel): string {
  const headline = headlineOf(model);
  const tables = [...resultTables(model), stepsTable(model), lagTable(model), ...detailTables(model)];
  const parts = [
    `# ${headline.badge}: ${escapeMarkdown(headline.title)}`,
    ...[...headline.alerts, ...headline.failures].map((alert) => `> ${escapeMarkdown(alert)}`),
    headline.facts.map(([label, value]) => `- ${label}: ${escapeMarkdown(value)}`).join('\n'),
    figures(headline),
    ...tables.filter((table) => table.rows.length > 0).map(section),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function figures(headline: Headline): string {
  if (headline.figures.length === 0) return '';
  const rows = headline.figures.map(({ label, value, notes }) => [label, value, notes.join(', ')]);
  return grid(
    [
      ['figure', '---'],
      ['value', '---:'],
      ['', '---'],
    ],
    rows,
  );
}

function section(table: Table): string {
  const columns = table.columns.map(({ label, numeric }) => [label, numeric ? '---:' : '---'] as const);
  const rows = table.rows.slice(0, ROW_LIMIT).map((row) => row.map(({ text }) => text));
  const footer = table.footer === null ? [] : [table.footer.map(({ text }) => text)];
  const leftOut = table.rows.length - ROW_LIMIT;
  const more = leftOut > 0 ? `\n\n${leftOut} more rows are in the JSON report.` : '';
  const body = grid(columns, [...rows, ...footer]);
  return `## ${escapeMarkdown(table.title)}\n\n${escapeMarkdown(table.about)}\n\n${body}${more}`;
}

function grid(columns: readonly (readonly [string, string])[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(columns.map(([label]) => label)),
    line(columns.map(([, rule]) => rule)),
    ...rows.map((row) => line(row.map(escapeMarkdown))),
  ].join('\n');
}
