import { forecastText } from '../domain/forecast.ts';
import type { PlanDocument, PlanStep } from '../domain/plan/plan.ts';
import { isFinal } from '../domain/plan/progress.ts';
import { humanDuration } from './human-duration.ts';

/**
 * A plan for people, as terraform shows one: what each step changes, what must hold before, how it is known to have
 * worked and whether it can be undone; then what it costs and what stands against it.
 */
export function planText(plan: PlanDocument, done: ReadonlySet<string> = new Set()): string {
  const { kind, from, to, steps } = plan;
  const lines = [`${kind} ${from} -> ${to}, plan ${plan.id}`, ''];
  steps.forEach((step, index) => lines.push(...stepLines(step, index, done.has(step.id))));
  const irreversible = steps.filter(isFinal).map(({ id }) => id);
  const undo = irreversible.length === 0 ? 'all can be undone' : `no way back from ${irreversible.join(', ')} on`;
  lines.push(`Plan: ${steps.length} steps, ${undo}.`);
  if (plan.forecast !== undefined) lines.push(`  forecast: ${forecastText(plan.forecast)}`);
  lines.push(...plan.warnings.map((warning) => `  warning: ${warning}`));
  lines.push(...plan.blockers.map((blocker) => `  blocked: ${blocker}`));
  return lines.join('\n');
}

function stepLines(step: PlanStep, index: number, done: boolean): readonly string[] {
  const { id, title, precondition, effect, verification, reversible, until, timeoutMs } = step;
  if (done) return [`  = ${index + 1}. ${id}: done`, ''];
  const undo =
    reversible === 'until'
      ? `can be undone until ${until ?? ''}`
      : step.stands === true
        ? 'cannot be undone, and stays where the move is taken back'
        : UNDO[reversible];
  return [
    `  ${reversible === 'no' ? '!' : '~'} ${index + 1}. ${id}: ${title}`,
    `        needs    ${precondition}`,
    `        changes  ${effect}`,
    `        proved   ${verification}`,
    `        undo     ${undo}, at most ${humanDuration(timeoutMs)}`,
    '',
  ];
}

const UNDO = { yes: 'leaves nothing behind that matters', no: 'cannot be undone' };
