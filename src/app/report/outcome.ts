import type { CheckVerdict } from '../../domain/events.ts';
import type { ReportCheck, ReportLedger, ReportMove, ReportSummary, ReportVerdict } from '../../domain/report-model.ts';
import { EXIT_CODES } from '../../domain/errors.ts';
import { count, keyOf, list, oneOf, text } from './fields.ts';
import type { Fields } from './fields.ts';
import type { Journal } from './journal.ts';
import { isMove, mainResult } from './results.ts';
import type { ResultDocument } from './results.ts';

const CHECK_VERDICTS: readonly CheckVerdict[] = ['pass', 'fail', 'inconclusive', 'skipped'];

/** Every evaluation in its order, then what only a result document holds. */
export function readChecks(journal: Journal, results: readonly ResultDocument[]): readonly ReportCheck[] {
  const evaluated = journal.named('check.evaluated').map(({ atMs, data }) => toCheck(atMs, data));
  const seen = new Set(evaluated.map(checkKey));
  const recorded = results.flatMap(({ atMs, document }) => list(document, 'checks').map((at) => toCheck(atMs, at)));
  const added = recorded.filter((check) => {
    const fresh = !seen.has(checkKey(check));
    seen.add(checkKey(check));
    return fresh;
  });
  return [...evaluated, ...added];
}

function toCheck(atMs: number, data: Fields): ReportCheck {
  const verdict = oneOf(data, 'verdict', CHECK_VERDICTS) ?? 'inconclusive';
  return { atMs, id: text(data, 'id'), verdict, message: text(data, 'message', '') };
}

const checkKey = (check: ReportCheck): string => keyOf(check.id, check.verdict, check.message);

export function readMoves(results: readonly ResultDocument[]): readonly ReportMove[] {
  return results.filter(isMove).map(({ atMs, document, verdict, loss, recovery }) => ({
    atMs,
    kind: text(document, 'kind', 'move'),
    from: text(document, 'from'),
    to: text(document, 'to'),
    simulated: document['simulated'] === true,
    verdict: verdict ?? 'none',
    loss,
    recovery,
    duplicates: count(document, 'duplicates'),
    stranded: count(document, 'stranded'),
  }));
}

/** Figures of the whole run: its result's, else those of the first move (where the outage was), else the ledger's. */
export function summarise(results: readonly ResultDocument[], ledgers: readonly ReportLedger[]): ReportSummary {
  const main = mainResult(results);
  const moves = results.filter(isMove);
  const sum = (key: keyof ReportLedger['totals']) =>
    ledgers.length === 0 ? null : ledgers.reduce((total, ledger) => total + ledger.totals[key], 0);
  const figure = (key: string) => (main === null ? null : count(main.document, key));
  const lost = sum('lost');
  return {
    loss: main?.loss ?? moves[0]?.loss ?? (lost === null ? null : { records: lost, ms: null, basis: 'ledger' }),
    recovery: main?.recovery ?? moves[0]?.recovery ?? null,
    redelivered: figure('redelivered') ?? sum('redelivered'),
    skipped: figure('skipped') ?? sum('skipped'),
    duplicates: figure('duplicates') ?? sum('duplicated'),
    late: sum('late'),
    stranded:
      figure('stranded') ?? moves.map(({ document }) => count(document, 'stranded')).find((n) => n !== null) ?? null,
  };
}

/**
 * The result's own verdict; without one that of the checks. Checks that passed before a run broke off prove nothing:
 * that is "inconclusive".
 */
export function judge(
  results: readonly ResultDocument[],
  checks: readonly ReportCheck[],
  exitCode: number | null,
): ReportVerdict {
  const recorded = mainResult(results)?.verdict;
  if (recorded !== undefined && recorded !== null) return recorded;
  const has = (verdict: CheckVerdict) => checks.some((check) => check.verdict === verdict);
  if (has('fail') || exitCode === EXIT_CODES.verification) return 'fail';
  if (checks.length === 0) return 'none';
  return exitCode === 0 && has('pass') && !has('inconclusive') ? 'pass' : 'inconclusive';
}
