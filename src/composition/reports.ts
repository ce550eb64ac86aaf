import type { Toolbox } from '../app/ports/toolbox.ts';
import { assembleReport } from '../app/report/assemble-report.ts';
import { ledgerTexts, readLedgerFiles } from '../app/workload/ledger-files.ts';
import type { ReportModel } from '../domain/report-model.ts';
import type { ReportFormat } from '../report/render-report.ts';
import { renderReport } from '../report/render-report.ts';

/** The report of a run, from its journal alone; of a drill that was cut off it tells what its ledger's files hold, too. */
export async function readReport(tools: Toolbox, runId: string): Promise<ReportModel> {
  const model = assembleReport(await tools.store.readJournal(runId));
  if (model.state === 'finished' || model.ledgers.length > 0) return model;
  const texts = ledgerTexts(await readLedgerFiles(tools.store, runId));
  return { ...model, notes: [...model.notes, ...texts.map((text) => ({ atMs: model.durationMs, text }))] };
}

export function formatReport(model: ReportModel, format: ReportFormat): Promise<string> {
  return renderReport(model, format);
}

/** Builds `report.html` of a run from its journal. */
export async function writeHtmlReport(tools: Toolbox, runId: string): Promise<void> {
  const html = await formatReport(await readReport(tools, runId), 'html');
  await tools.store.saveRunFile(runId, 'report.html', html);
}
