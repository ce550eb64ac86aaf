import type { StepState } from '../../domain/events.ts';
import type { ReportStep, ReportStepState } from '../../domain/report-model.ts';
import { count, oneOf, text, textOrNull } from './fields.ts';
import type { Entry, Journal } from './journal.ts';
import { resultDocuments } from './results.ts';

const STATES: readonly StepState[] = ['done', 'failed', 'skipped', 'aborted'];

interface OpenStep {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly startMs: number;
  readonly parent: OpenStep | null;
  endMs: number;
  state: ReportStepState;
  detail: string | null;
  progress: string | null;
}

/**
 * Steps with their place on the time axis. A step without an end is "interrupted" and lasts until the journal ends.
 * A run that has no step events but a result with phases shows those.
 */
export function readSteps(journal: Journal): readonly ReportStep[] {
  const all: OpenStep[] = [];
  const open: OpenStep[] = [];
  for (const entry of journal.named('step.started', 'step.progress', 'step.finished')) {
    if (entry.event === 'step.started') {
      const step = startStep(entry, journal, open);
      all.push(step);
      open.push(step);
      continue;
    }
    const index = open.findLastIndex((candidate) => candidate.id === text(entry.data, 'id'));
    const step = open[index];
    if (entry.event === 'step.progress') {
      if (step !== undefined) step.progress = textOrNull(entry.data, 'text');
    } else if (step !== undefined) {
      finishStep(step, entry);
      open.splice(index, 1);
    } else {
      all.push(startUnseen(entry));
    }
  }
  const steps = all.map(toReport).sort((a, b) => a.startMs - b.startMs);
  return steps.length > 0 ? steps : phasesOfResults(journal);
}

function startStep(entry: Entry, journal: Journal, open: readonly OpenStep[]): OpenStep {
  const id = text(entry.data, 'id');
  const kind = text(entry.data, 'kind', 'step');
  return {
    id,
    kind,
    title: text(entry.data, 'title', id),
    startMs: entry.atMs,
    parent: open.findLast((candidate) => contains(candidate, { id, kind })) ?? null,
    endMs: journal.lastAtMs,
    state: 'interrupted',
    detail: null,
    progress: null,
  };
}

/** Events carry no parent. Steps of one kind run side by side (brokers starting); steps of two kinds nest. */
function contains(outer: OpenStep, inner: { readonly id: string; readonly kind: string }): boolean {
  return (
    outer.kind !== inner.kind || /^[./:]/.test(inner.id.startsWith(outer.id) ? inner.id.slice(outer.id.length) : '')
  );
}

function finishStep(step: OpenStep, entry: Entry): void {
  step.endMs = step.startMs + Math.max(0, count(entry.data, 'durationMs') ?? entry.atMs - step.startMs);
  step.state = oneOf(entry.data, 'state', STATES) ?? 'interrupted';
  step.detail = textOrNull(entry.data, 'detail');
}

/** A step whose start is not in the journal: its duration tells when that was. */
function startUnseen(entry: Entry): OpenStep {
  const id = text(entry.data, 'id');
  const durationMs = Math.max(0, count(entry.data, 'durationMs') ?? 0);
  return {
    id,
    kind: 'step',
    title: id,
    startMs: Math.max(0, entry.atMs - durationMs),
    parent: null,
    endMs: entry.atMs,
    state: oneOf(entry.data, 'state', STATES) ?? 'interrupted',
    detail: textOrNull(entry.data, 'detail'),
    progress: null,
  };
}

function toReport(step: OpenStep): ReportStep {
  const { id, kind, title, startMs, endMs, state, detail, progress } = step;
  return { id, kind, title, startMs, durationMs: endMs - startMs, state, depth: depthOf(step), detail, progress };
}

/** How many of the steps that were open at its start lasted at least as long as it did. */
function depthOf(step: OpenStep): number {
  let depth = 0;
  for (let outer = step.parent; outer !== null; outer = outer.parent) if (outer.endMs >= step.endMs) depth += 1;
  return depth;
}

function phasesOfResults(journal: Journal): readonly ReportStep[] {
  return resultDocuments(journal).flatMap(({ phases }) =>
    phases.map((phase): ReportStep => {
      const id = text(phase, 'id');
      const at = Date.parse(text(phase, 'startedAt', ''));
      const startMs = Number.isFinite(at) && journal.startMs !== null ? Math.max(0, at - journal.startMs) : 0;
      return {
        id,
        kind: 'phase',
        title: id,
        startMs,
        durationMs: Math.max(0, count(phase, 'durationMs') ?? 0),
        state: oneOf(phase, 'state', STATES) ?? 'interrupted',
        depth: 0,
        detail: null,
        progress: null,
      };
    }),
  );
}
