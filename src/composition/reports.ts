import type { Toolbox } from '../app/ports/toolbox.ts';
import { assembleReport } from '../app/report/assemble-report.ts';
import { renderReport } from '../report/render-report.ts';

/** Builds `report.html` of a run from its journal. */
export async function writeHtmlReport(tools: Toolbox, runId: string): Promise<void> {
  const model = assembleReport(await tools.store.readJournal(runId));
  await tools.store.saveRunFile(runId, 'report.html', await renderReport(model, 'html'));
}
