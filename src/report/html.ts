import { readFile } from 'node:fs/promises';
import type { ReportModel } from '../domain/report-model.ts';
import { scriptJson } from './escape.ts';
import { embeddedData, htmlView } from './html-view.ts';

/** The same distance from src/report and from dist/report. */
const TEMPLATES = new URL('../../templates/report/', import.meta.url);

/**
 * The report as one HTML file: no script runs in it and nothing is loaded from anywhere. Every text of the journal is
 * escaped by the template; only our own drawings and the embedded data, which escape for themselves, pass as they are.
 */
export async function renderHtml(model: ReportModel): Promise<string> {
  const { default: library } = await import('handlebars');
  const handlebars = library.create();
  const [page, table, style] = await Promise.all(['report.html.hbs', 'table.hbs', 'style.hbs'].map(readTemplate));
  handlebars.registerPartial({ table: table ?? '', style: style ?? '' });
  const render = handlebars.compile(page ?? '', { strict: true, noEscape: false });
  const drawn = (svg: string) => new handlebars.SafeString(svg);
  const view = htmlView(model);
  const charts = view.charts.map((chart) => ({
    ...chart,
    drawings: chart.drawings.map((drawing) => ({ ...drawing, svg: drawn(drawing.svg) })),
  }));
  return render({ ...view, charts, data: drawn(scriptJson(embeddedData(model))) });
}

function readTemplate(name: string): Promise<string> {
  return readFile(new URL(name, TEMPLATES), 'utf8');
}
