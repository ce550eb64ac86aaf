import type { FailoverDocument, Loss, Recovery, ScenarioDocument } from '../domain/documents.ts';
import type { ReportModel } from '../domain/report-model.ts';
import { plainLine } from './escape.ts';
import { formatCount, formatDuration, formatLoss, formatRecovery } from './format.ts';
import { headlineOf } from './headline.ts';
import { toneOf } from './tables/table.ts';
import type { Tone } from './tables/table.ts';

/** Colours a word. It must not change the visible width; without one the text stays plain. */
export type Paint = (tone: Tone | 'strong', text: string) => string;

interface ResultText {
  readonly badge: string;
  readonly tone: Tone;
  readonly title: string;
  readonly runId: string;
  readonly alerts: readonly string[];
  readonly phases: readonly { readonly name: string; readonly state: string; readonly durationMs: number }[];
  readonly loss: Loss | null;
  readonly recovery: Recovery | null;
  readonly counts: readonly (readonly [string, number | null])[];
  readonly checks: ReportModel['checks'] | FailoverDocument['checks'];
  readonly report: string | null;
}

/**
 * A failover, failback, switchover or scenario for people at a terminal: the verdict first, then phases, what it cost
 * and the checks. Ends with a line break. Control characters in names and messages are replaced.
 */
export function renderResultText(
  result: ReportModel | FailoverDocument | ScenarioDocument,
  paint: Paint = (_tone, text) => text,
): string {
  const view = viewOf(result);
  const blocks = [
    [headLine(view, paint), ...view.alerts.map((alert) => paint('warn', plainLine(alert)))],
    phaseLines(view, paint),
    figureLines(view, paint),
    checkLines(view, paint),
    view.report === null ? [] : [`report: ${plainLine(view.report)}`],
  ];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`;
}

function viewOf(result: ReportModel | FailoverDocument | ScenarioDocument): ResultText {
  if (result.schema === 'kmk.report/v1') return viewOfReport(result);
  const common = {
    badge: result.verdict.toUpperCase(),
    tone: toneOf(result.verdict) ?? 'warn',
    runId: result.runId,
    alerts: [],
    loss: result.loss,
    recovery: result.recovery,
    checks: result.checks,
    report: result.report,
  };
  if (result.schema === 'kmk.scenario/v1') {
    const { redelivered, skipped, duplicates } = result;
    return {
      ...common,
      title: `scenario ${result.scenario} (seed ${result.seed})`,
      phases: result.steps.map(({ id, state, durationMs }) => ({ name: id, state, durationMs })),
      counts: Object.entries({ redelivered, skipped, duplicates }),
    };
  }
  return {
    ...common,
    title: `${result.kind} ${result.from} -> ${result.to}${result.simulated ? ' (simulated disaster)' : ''}`,
    phases: result.phases.map(({ id, state, durationMs }) => ({ name: id, state, durationMs })),
    counts: [...groupCounts(result), ['duplicates', result.duplicates], ['stranded', result.stranded]],
  };
}

/** Sums over the groups; null where one of them was not measured. */
function groupCounts(result: FailoverDocument): readonly (readonly [string, number | null])[] {
  // The worst of many say nothing about their sum.
  if (result.positions !== undefined) {
    return [
      ['redelivered', result.positions.redelivered],
      ['skipped', null],
    ];
  }
  const sum = (key: 'redelivered' | 'skipped') =>
    result.groups.reduce<number | null>((total, group) => {
      const value = group[key];
      return total === null || value === null ? null : total + value;
    }, 0);
  return result.groups.length === 0
    ? []
    : [
        ['redelivered', sum('redelivered')],
        ['skipped', sum('skipped')],
      ];
}

function viewOfReport(model: ReportModel): ResultText {
  const { badge, tone, title, alerts } = headlineOf(model);
  const { loss, recovery, redelivered, skipped, duplicates, late, stranded } = model.summary;
  const counts = Object.entries({ redelivered, skipped, duplicates, late, stranded });
  return {
    badge,
    tone,
    title,
    runId: model.runId,
    alerts,
    phases: model.steps.map(({ title: name, state, durationMs, depth }) => ({
      name: `${'  '.repeat(depth)}${plainLine(name)}`,
      state,
      durationMs,
    })),
    loss,
    recovery,
    counts: counts.filter(([, value]) => value !== null),
    checks: model.checks,
    report: null,
  };
}

function headLine(view: ResultText, paint: Paint): string {
  return `${paint(view.tone, view.badge)}  ${paint('strong', plainLine(view.title))}  run ${plainLine(view.runId)}`;
}

function phaseLines(view: ResultText, paint: Paint): readonly string[] {
  const names = view.phases.map(({ name }) => `${/^ */.exec(name)?.[0] ?? ''}${plainLine(name)}`);
  const nameWidth = widest(names);
  const durations = view.phases.map(({ durationMs }) => formatDuration(durationMs));
  const durationWidth = widest(durations);
  const lines = view.phases.map(({ state }, index) => {
    const name = (names[index] ?? '').padEnd(nameWidth);
    const duration = (durations[index] ?? '').padStart(durationWidth);
    return `  ${name}  ${duration}  ${paint(toneOf(state) ?? 'muted', plainLine(state))}`;
  });
  return lines.length === 0 ? [] : ['phases', ...lines];
}

function figureLines(view: ResultText, paint: Paint): readonly string[] {
  if (view.loss === null && view.recovery === null && view.counts.length === 0) return [];
  const figures: (readonly [string, string])[] = [
    ['loss', formatLoss(view.loss)],
    ['recovery', formatRecovery(view.recovery)],
    ...view.counts.map(([name, value]) => [name, value === null ? 'not measured' : formatCount(value)] as const),
  ];
  const width = widest(figures.map(([name]) => name));
  return figures.map(([name, value]) => `${name.padEnd(width)}  ${paint('strong', value)}`);
}

function checkLines(view: ResultText, paint: Paint): readonly string[] {
  if (view.checks.length === 0) return [];
  const verdictWidth = widest(view.checks.map(({ verdict }) => verdict));
  const ids = view.checks.map(({ id }) => plainLine(id));
  const idWidth = widest(ids);
  const passed = view.checks.filter(({ verdict }) => verdict === 'pass').length;
  const lines = view.checks.map(({ verdict, message }, index) => {
    const padding = ' '.repeat(verdictWidth - verdict.length);
    const id = (ids[index] ?? '').padEnd(idWidth);
    return `  ${paint(toneOf(verdict) ?? 'muted', verdict)}${padding}  ${id}  ${plainLine(message)}`.trimEnd();
  });
  return [`checks: ${passed} of ${view.checks.length} passed`, ...lines];
}

function widest(texts: readonly string[]): number {
  return texts.reduce((width, text) => Math.max(width, text.length), 0);
}
