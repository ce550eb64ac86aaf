import type { ReportForecast, ReportLedger } from '../../domain/report-model.ts';
import { asFields, count, list, text } from './fields.ts';
import type { Journal } from './journal.ts';
import type { ResultDocument } from './results.ts';
import { isMove, isScenario } from './results.ts';

/** Each forecast with the first move after it; in a drill of one failover the ledger knows what was redelivered. */
export function readForecasts(
  journal: Journal,
  results: readonly ResultDocument[],
  ledgers: readonly ReportLedger[],
): readonly ReportForecast[] {
  const forecasts = journal.named('move.forecast');
  return forecasts.map(({ atMs, data }) => {
    const move = results.find((result) => isMove(result) && result.atMs >= atMs);
    const scenario = forecasts.length === 1 ? results.find(isScenario) : undefined;
    const groups = list(asFields(move?.document), 'groups').map((group) => count(group, 'redelivered'));
    const ofGroups =
      groups.length > 0 && !groups.includes(null) ? groups.reduce<number>((sum, n) => sum + (n ?? 0), 0) : null;
    return {
      atMs,
      from: text(data, 'from'),
      to: text(data, 'to'),
      knowledgeAgeMs: count(data, 'knowledgeAgeMs'),
      notCopied: count(data, 'notCopied'),
      lost: (scenario?.loss ?? move?.loss)?.records ?? null,
      reread: count(data, 'reread'),
      redelivered:
        (scenario === undefined ? null : count(scenario.document, 'redelivered')) ??
        (forecasts.length === 1 && ledgers.length > 0
          ? ledgers.reduce((sum, { totals }) => sum + totals.redelivered, 0)
          : ofGroups),
      fromBeginning: count(data, 'fromBeginning'),
    };
  });
}
