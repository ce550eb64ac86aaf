import type { ReportLedger, ReportModel } from '../../domain/report-model.ts';
import { formatCount, formatDuration, formatLoss, formatMoment, formatRecovery } from '../format.ts';
import { cell, columns, toneOf } from './table.ts';
import type { Cell, Table, Tone } from './table.ts';

export function checksTable(model: ReportModel): Table {
  return {
    id: 'checks',
    title: 'Checks',
    about: 'What was asserted and what was found.',
    columns: columns('verdict', 'check', 'finding', '#at'),
    rows: model.checks.map((check) => [
      cell(check.verdict, toneOf(check.verdict)),
      cell(check.id),
      cell(check.message),
      cell(formatMoment(check.atMs), 'muted'),
    ]),
    footer: null,
  };
}

export function movesTable(model: ReportModel): Table {
  return {
    id: 'moves',
    title: 'Failovers and failbacks',
    about: 'Each change of the active cluster with what it cost. Loss is counted before the stranded tail is resolved.',
    columns: columns('move', 'from', 'to', 'verdict', 'loss', 'recovery', '#stored twice', '#stranded'),
    rows: model.moves.map((move) => [
      cell(move.simulated ? `${move.kind} (simulated disaster)` : move.kind),
      cell(move.from),
      cell(move.to),
      cell(move.verdict, toneOf(move.verdict)),
      cell(formatLoss(move.loss)),
      cell(formatRecovery(move.recovery)),
      cell(formatCount(move.duplicates)),
      cell(formatCount(move.stranded)),
    ]),
    footer: null,
  };
}

export function forecastTable(model: ReportModel): Table {
  return {
    id: 'forecast',
    title: 'Forecast and fact',
    about:
      'What a failover was expected to cost just before it began, beside what it did cost. Records written after the ' +
      'look are in the fact only; read again is a bound, redelivered counts also what consumers had not committed.',
    columns: columns(
      'failover',
      '#not copied',
      '#lost',
      '#read again, at most',
      '#redelivered',
      '#groups from the start',
      '#known before',
    ),
    rows: model.forecasts.map((at) => [
      cell(`${at.from} -> ${at.to}`),
      cell(formatCount(at.notCopied)),
      cell(formatCount(at.lost)),
      cell(formatCount(at.reread)),
      cell(formatCount(at.redelivered)),
      cell(formatCount(at.fromBeginning)),
      cell(at.knowledgeAgeMs === null ? null : formatDuration(at.knowledgeAgeMs), 'muted'),
    ]),
    footer: null,
  };
}

type LedgerColumn = keyof ReportLedger['totals'];
const LEDGER: readonly (readonly [LedgerColumn, string, Tone | null])[] = [
  ['sent', 'sent', null],
  ['acknowledged', 'acknowledged', null],
  ['replicated', 'replicated', null],
  ['lost', 'lost', 'bad'],
  ['late', 'late', 'warn'],
  ['duplicated', 'duplicated', 'bad'],
  ['processed', 'processed', null],
  ['redelivered', 'redelivered', 'warn'],
  ['skipped', 'skipped', 'bad'],
];

/** One table a topic. */
export function ledgerTables(model: ReportModel): readonly Table[] {
  return model.ledgers.map((ledger, index) => ({
    id: `ledger-${index + 1}`,
    title: `Ledger of ${ledger.topic}`,
    about:
      'Records by partition. Lost: acknowledged and not on the new active at the failover; late: of these, arrived ' +
      'afterwards. Duplicated: stored twice. Redelivered: processed more than once.',
    columns: columns('#partition', ...LEDGER.map(([, label]) => `#${label}`)),
    rows: ledger.partitions.map((row) => [cell(String(row.partition)), ...ledgerCells(row)]),
    footer: [cell('all'), ...ledgerCells(ledger.totals)],
  }));
}

function ledgerCells(counts: ReportLedger['totals']): readonly Cell[] {
  return LEDGER.map(([key, , tone]) => cell(formatCount(counts[key]), counts[key] > 0 ? tone : null));
}

export function stepsTable(model: ReportModel): Table {
  return {
    id: 'steps',
    title: 'Steps',
    about: 'The timeline in words; a step inside another one has “›” before it.',
    columns: columns('step', 'state', '#start', '#duration', 'detail'),
    rows: model.steps.map((step) => [
      cell(`${'› '.repeat(step.depth)}${step.title}`),
      cell(step.state, toneOf(step.state)),
      cell(formatMoment(step.startMs), 'muted'),
      cell(formatDuration(step.durationMs)),
      cell(step.detail ?? (step.state === 'done' ? null : step.progress)),
    ]),
    footer: null,
  };
}
