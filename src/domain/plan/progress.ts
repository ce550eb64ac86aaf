import type { AnyEvent } from '../events.ts';
import type { PlanDocument, PlanStep } from './plan.ts';

/** What a step found that later steps, or another process, need. JSON-safe. */
export type Findings = Readonly<Record<string, unknown>>;

/** How far a plan has come, from the journal alone. */
export interface PlanProgress {
  /** Steps that are done, or had nothing to do. */
  readonly done: ReadonlySet<string>;
  /** Steps that have changed something and are not done: cut short, taken back in part, or resting on one that was undone. */
  readonly begun: ReadonlySet<string>;
  /** What the done steps found. */
  readonly findings: Findings;
  /** How it ended; null while it has not. */
  readonly closed: 'completed' | 'rolled-back' | null;
}

export const NOT_BEGUN: PlanProgress = { done: new Set(), begun: new Set(), findings: {}, closed: null };

/**
 * Replays the journal of a plan. A step that was undone, or whose undoing has begun, takes every later one with it: they
 * rested on it.
 */
export function progressOf(plan: PlanDocument, events: readonly AnyEvent[]): PlanProgress {
  const order = plan.steps.map(({ id }) => id);
  const [done, begun] = [new Set<string>(), new Set<string>()];
  let findings: Findings = {};
  let closed: PlanProgress['closed'] = null;
  for (const { event, data } of events) {
    if (event === 'plan.closed' && data.plan === plan.id) closed = data.state;
    if (event !== 'plan.step' || data.plan !== plan.id) continue;
    const { step, state } = data;
    if (state === 'started') begun.add(step);
    if (state === 'done' || state === 'skipped') {
      begun.delete(step);
      done.add(step);
      findings = { ...findings, ...(data.findings ?? {}) };
    }
    if (state === 'undoing' || state === 'undone') {
      for (const later of order.slice(order.indexOf(step))) {
        // Not done any more, but what it has changed is still there to be taken back.
        if (done.delete(later)) begun.add(later);
      }
    }
    if (state === 'undone') begun.delete(step);
  }
  return { done, begun, findings, closed };
}

/**
 * The steps to undo, last first. Null where a step that cannot be undone has been started, unless its effect may stand.
 */
export function toUndo(plan: PlanDocument, { done, begun }: PlanProgress): PlanDocument['steps'] | null {
  const touched = plan.steps.filter(({ id }) => done.has(id) || begun.has(id));
  if (touched.some(isFinal)) return null;
  return touched.toReversed();
}

/** A step after which the move cannot be taken back. */
export function isFinal({ reversible, stands }: PlanStep): boolean {
  return reversible === 'no' && stands !== true;
}
