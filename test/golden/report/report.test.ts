import { expect, it } from 'vitest';
import { REPORT_FORMATS, renderReport } from '../../../src/report/render-report.ts';
import type { ReportFormat } from '../../../src/report/render-report.ts';
import { renderResultText } from '../../../src/report/terminal.ts';
import { unplannedKillReport } from '../../unit/report/fixture.ts';

const FOLDER = '../__snapshots__/report/unplanned-kill';
const formats = Object.entries(REPORT_FORMATS) as [ReportFormat, string][];

it.each(formats)('the %s report of an unplanned kill is as it was', async (format, extension) => {
  const text = await renderReport(unplannedKillReport(), format);
  await expect(text).toMatchFileSnapshot(`${FOLDER}.${extension}`);
});

it('the text of an unplanned kill is as it was', async () => {
  await expect(renderResultText(unplannedKillReport())).toMatchFileSnapshot(`${FOLDER}.txt`);
});
