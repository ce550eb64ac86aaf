import type { ReportModel } from '../domain/report-model.ts';
import { formatCount, formatDuration, formatInstant, formatMoment } from './format.ts';
import type { Tone } from './tables/table.ts';

/** What a report says first, the same in every format. */
export interface Headline {
  /** Upper-case word of the badge: PASS, FAIL, INCONCLUSIVE, DONE, ERROR or UNFINISHED. */
  readonly badge: string;
  readonly tone: Tone;
  readonly title: string;
  /** Label and value of the run's facts. */
  readonly facts: readonly (readonly [string, string])[];
  /** Sentences that qualify everything below them. */
  readonly alerts: readonly string[];
  /** The first failed checks, a sentence each. */
  readonly failures: readonly string[];
  readonly figures: readonly Figure[];
}

export interface Figure {
  readonly label: string;
  readonly value: string;
  /** Short pieces that belong to the value. */
  readonly notes: readonly string[];
  readonly tone: Tone | null;
}

export function headlineOf(model: ReportModel): Headline {
  const [badge, tone] = badgeOf(model);
  return {
    badge,
    tone,
    title: titleOf(model),
    facts: factsOf(model),
    alerts: alertsOf(model),
    failures: failuresOf(model),
    figures: figuresOf(model),
  };
}

function badgeOf(model: ReportModel): readonly [string, Tone] {
  if (model.verdict === 'pass') return ['PASS', 'good'];
  if (model.verdict === 'fail') return ['FAIL', 'bad'];
  if (model.verdict === 'inconclusive') return ['INCONCLUSIVE', 'warn'];
  if (model.state === 'unfinished') return ['UNFINISHED', 'warn'];
  return model.exitCode === 0 ? ['DONE', 'good'] : ['ERROR', 'bad'];
}

/** The scenario, else the move when there was one, else the command. */
function titleOf(model: ReportModel): string {
  if (model.scenario !== null) return model.scenario;
  const [move, ...more] = model.moves;
  return move !== undefined && more.length === 0 ? `${move.kind} ${move.from}->${move.to}` : model.command;
}

function factsOf(model: ReportModel): readonly (readonly [string, string])[] {
  const command = ['kmk', model.command, ...model.args].join(' ');
  return [
    ['command', command],
    ['project', model.project],
    ['run', model.runId],
    ...(model.seed === null ? [] : [['seed', String(model.seed)] as const]),
    ['started', formatInstant(model.startedAt)],
    [model.state === 'finished' ? 'took' : 'known for', formatDuration(model.durationMs)],
    ...(model.exitCode === null ? [] : [['exit code', String(model.exitCode)] as const]),
    ...(model.kmkVersion === null ? [] : [['kmk version', model.kmkVersion] as const]),
  ];
}

function alertsOf(model: ReportModel): readonly string[] {
  const alerts: string[] = [];
  if (model.state === 'unfinished') {
    alerts.push(
      `This run is unfinished: its journal ends at ${formatMoment(model.durationMs)}. ` +
        'kmk is still at work, crashed or was killed; the figures tell how far it got.',
    );
  }
  if (model.error !== null) alerts.push(`The run ended with an error: ${model.error}`);
  const unknown = model.unknownEvents.reduce((total, { count }) => total + count, 0);
  if (unknown > 0) {
    const names = model.unknownEvents.map(({ event }) => event).join(', ');
    alerts.push(`${unknown} event(s) of a newer kmk were left out: ${names}.`);
  }
  return alerts;
}

/** Failed checks that are named at the top; the checks table has all of them. */
const FAILURE_LIMIT = 5;

function failuresOf({ checks }: ReportModel): readonly string[] {
  const failed = checks.filter((check) => check.verdict === 'fail');
  const named = failed.slice(0, FAILURE_LIMIT).map((check) => `Check ${check.id} failed: ${check.message}`);
  const more = failed.length - named.length;
  return more > 0 ? [...named, `${more} more check(s) failed.`] : named;
}

function figuresOf(model: ReportModel): readonly Figure[] {
  const { loss, recovery, redelivered, skipped, duplicates, late, stranded } = model.summary;
  const measured = [loss, recovery, redelivered, skipped, duplicates].some((value) => value !== null);
  const figures: Figure[] = [];
  if (measured) {
    figures.push(
      lossFigure(model),
      {
        label: 'recovery (RTO)',
        value: formatDuration(recovery?.rtoMs ?? null),
        notes: [
          `write ${formatDuration(recovery?.writeMs ?? null)}`,
          `read ${formatDuration(recovery?.readMs ?? null)}`,
        ],
        tone: null,
      },
      { label: 'redelivered', value: formatCount(redelivered), notes: ['processed again'], tone: null },
      { label: 'skipped', value: formatCount(skipped), notes: ['never processed'], tone: zeroTone(skipped) },
      { label: 'duplicates', value: formatCount(duplicates), notes: ['stored twice'], tone: zeroTone(duplicates) },
    );
  }
  if ((late ?? stranded ?? 0) > 0) {
    const note = stranded === null ? 'arrived after the move' : `of ${formatCount(stranded)} stranded`;
    figures.push({ label: 'late', value: formatCount(late), notes: [note], tone: null });
  }
  if (model.checks.length > 0) figures.push(checksFigure(model));
  return figures;
}

function lossFigure({ summary: { loss } }: ReportModel): Figure {
  const time = loss?.ms === undefined || loss.ms === null ? [] : [formatDuration(loss.ms)];
  return {
    label: 'records lost',
    value: formatCount(loss?.records ?? null),
    notes: loss === null ? ['not measured'] : [...time, `by ${loss.basis}`],
    tone: zeroTone(loss?.records ?? null),
  };
}

function checksFigure({ checks }: ReportModel): Figure {
  const number = (verdict: string) => checks.filter((check) => check.verdict === verdict).length;
  const others = (['fail', 'inconclusive', 'skipped'] as const)
    .filter((verdict) => number(verdict) > 0)
    .map((verdict) => `${number(verdict)} ${verdict === 'fail' ? 'failed' : verdict}`);
  return {
    label: 'checks passed',
    value: `${number('pass')} of ${checks.length}`,
    notes: others.length === 0 ? ['none failed'] : others,
    tone: number('fail') > 0 ? 'bad' : number('inconclusive') > 0 ? 'warn' : 'good',
  };
}

/** Zero is good; more is a cost that the objectives may allow, so the verdict, not this tone, says "bad". */
function zeroTone(value: number | null): Tone | null {
  return value === null ? null : value === 0 ? 'good' : 'warn';
}
