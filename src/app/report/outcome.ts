import type { CheckVerdict } from '../../domain/events.ts';
import type { ReportCheck, ReportLedger, ReportMove, ReportSummary, ReportVerdict } from '../../domain/report-model.ts';
import { EXIT_CODES } from '../../domain/errors.ts';
import { count, keyOf, list, oneOf, text } from './fields.ts';
import type { Fields } from './fields.ts';
import type { Journal } from './journal.ts';
import { isMove, isScenario } from './results.ts';
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

/**
 * Figures of the whole run: its scenario's, else the first move's loss and recovery (that was the outage; a failback
 * loses nothing) with the ledger's counts, else what the moves say of their groups.
 */
export function summarise(results: readonly ResultDocument[], ledgers: readonly ReportLedger[]): ReportSummary {
  const scenario = results.findLast(isScenario);
  const moves = results.filter(isMove);
  const ledgerSum = (key: keyof ReportLedger['totals']) => sum(ledgers.map((ledger) => ledger.totals[key]));
  const own = (key: string) => (scenario === undefined ? null : count(scenario.document, key));
  const groupSum = (key: string) =>
    sum(moves.flatMap(({ document }) => list(document, 'groups').map((group) => count(group, key))));
  const lost = ledgerSum('lost');
  return {
    loss: scenario?.loss ?? moves[0]?.loss ?? (lost === null ? null : { records: lost, ms: null, basis: 'ledger' }),
    recovery: scenario?.recovery ?? moves[0]?.recovery ?? null,
    redelivered: own('redelivered') ?? ledgerSum('redelivered') ?? groupSum('redelivered'),
    skipped: own('skipped') ?? ledgerSum('skipped') ?? groupSum('skipped'),
    duplicates:
      own('duplicates') ?? ledgerSum('duplicated') ?? sum(moves.map(({ document }) => count(document, 'duplicates'))),
    late: ledgerSum('late'),
    stranded: moves.map(({ document }) => count(document, 'stranded')).find((stranded) => stranded !== null) ?? null,
  };
}

/** Null where nothing is to be summed or one of the counts was not measured. */
function sum(counts: readonly (number | null)[]): number | null {
  const known = counts.filter((value) => value !== null);
  return known.length === 0 || known.length < counts.length ? null : known.reduce((total, value) => total + value, 0);
}

/**
 * A scenario judges its whole run. Without its verdict the run is as good as the worst of its results, which weighed
 * their checks already; where it has none or did not end well, as the worst of those and of the checks. It passes only
 * when it came to its end: what passed before a run broke off proves nothing about the rest.
 */
export function judge(
  results: readonly ResultDocument[],
  checks: readonly ReportCheck[],
  exitCode: number | null,
): ReportVerdict {
  const scenario = results.findLast(isScenario)?.verdict;
  if (scenario !== undefined && scenario !== null) return scenario;
  const judged = results.flatMap(({ verdict }) => (verdict === null ? [] : [verdict]));
  const complete = judged.length > 0 && exitCode === 0;
  const verdicts: readonly CheckVerdict[] = complete ? judged : [...judged, ...checks.map(({ verdict }) => verdict)];
  if (verdicts.includes('fail') || exitCode === EXIT_CODES.verification) return 'fail';
  if (verdicts.length === 0) return 'none';
  return exitCode === 0 && verdicts.includes('pass') && !verdicts.includes('inconclusive') ? 'pass' : 'inconclusive';
}
