import type { ReportModel } from '../domain/report-model.ts';

/** What `kmk report --format` takes, with the file name extension of each. */
export const REPORT_FORMATS = { html: 'html', md: 'md', json: 'json', junit: 'xml' } as const;

export type ReportFormat = keyof typeof REPORT_FORMATS;

/** Renders the report in one format. Each format is loaded only when it is asked for. */
export async function renderReport(model: ReportModel, format: ReportFormat): Promise<string> {
  switch (format) {
    case 'html':
      return (await import('./html.ts')).renderHtml(model);
    case 'md':
      return (await import('./markdown.ts')).renderMarkdown(model);
    case 'json':
      return (await import('./json.ts')).renderJson(model);
    case 'junit':
      return (await import('./junit.ts')).renderJunit(model);
  }
}
