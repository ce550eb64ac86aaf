import type { ReportModel } from '../domain/report-model.ts';

/** The whole model as the `kmk.report/v1` document, every lag sample included. */
export function renderJson(model: ReportModel): string {
  return `${JSON.stringify(model, null, 2)}\n`;
}
