import type { FailoverDocument } from '../../domain/documents.ts';
import { KmkError } from '../../domain/errors.ts';
import type { PlanDocument, PlanStep } from '../../domain/plan/plan.ts';
import { PAUSE_LIMIT_MS } from '../../domain/plan/plan-switchover.ts';
import { extentOf, staleReasons } from '../../domain/plan/plan.ts';
import { flowsOfExtent } from '../../domain/plan/part.ts';
import type { PlanProgress } from '../../domain/plan/progress.ts';
import { isFinal, NOT_BEGUN, progressOf, toUndo } from '../../domain/plan/progress.ts';
import type { MoveSnapshot } from '../../domain/plan/snapshot.ts';
import { assumptionsOf } from '../../domain/plan/snapshot.ts';
import type { Execution } from '../execute-plan.ts';
import { executePlan, rollBackPlan } from '../execute-plan.ts';
import { keepFacts, recallFacts } from '../facts.ts';
import type { Lab } from '../lab/lab.ts';
import { labOf } from '../lab/lab.ts';
import type { StillHeld } from '../state/lease.ts';
import { withLease } from '../state/lease.ts';
import { openRunCopy } from '../state/run-copy.ts';
import { spreadEpoch } from '../state/state-topic.ts';
import type { Run } from '../run.ts';
import { FAILBACK_STEPS } from './failback-steps.ts';
import { closeFailback, closeFailover, closeSwitchover } from './close-move.ts';
import { failoverSteps } from './failover-steps.ts';
import { runHooks } from './hooks.ts';
import type { Move, MoveContext, MoveStep } from './move-context.ts';
import { isTaken, newMove, orPartlyDone, phase } from './move-context.ts';
import { SWITCHOVER_STEPS } from './switchover-steps.ts';
import { bothWays } from './take-snapshot.ts';

/** A plan and what it was made from. */
export interface PlannedMove {
  readonly plan: PlanDocument;
  readonly snapshot: MoveSnapshot;
}

/** Adopts the plan in the run's journal, carries it out and answers with its document. The caller has confirmed. */
export async function carryOut(
  lab: Lab,
  { plan, snapshot }: PlannedMove,
  run: Run,
  signal: AbortSignal,
): Promise<FailoverDocument> {
  refuseBlocked(plan);
  refuseOutdated(plan, lab);
  return underLease(lab, { plan, run, breakLock: false }, signal, (held, signalOfLease) =>
    adopt(held, { plan, snapshot }, signalOfLease),
  );
}

/** What a move works with while it holds the clusters' lease: what is emitted and recorded is copied there. */
export interface HeldLease {
  readonly lab: Lab;
  readonly run: Run;
  /** Resolves when the copy is complete. */
  readonly copied: () => Promise<void>;
  /** Throws KMK_LOCKED where another kmk has taken the run over. */
  readonly stillOurs: StillHeld;
}

/**
 * Works under the lease of the clusters, and keeps a copy of plan and journal on them until the plan is closed: that is
 * how another machine goes on.
 */
export async function underLease<T>(
  lab: Lab,
  { plan, run, breakLock }: { readonly plan: PlanDocument; readonly run: Run; readonly breakLock: boolean },
  signal: AbortSignal,
  work: (held: HeldLease, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  // The target of the setup's flow: no move can do without it.
  const home = plan.kind === 'failback' ? plan.from : plan.to;
  const { runId } = run;
  return withLease(lab, { home, command: plan.kind, runId, breakLock }, signal, async (signalOfLease, stillOurs) => {
    await using copy = await openRunCopy(lab, home, { plan, runId }, signalOfLease);
    const { tools } = copy;
    const own = { lab: labOf(tools, lab.record, lab.layout.closed), run: { ...run, tools } };
    const held: HeldLease = { ...own, copied: copy.flush, stillOurs };
    try {
      return await work(held, signalOfLease);
    } finally {
      await copy.removeClosed();
    }
  });
}

async function adopt(held: HeldLease, { plan, snapshot }: PlannedMove, signal: AbortSignal): Promise<FailoverDocument> {
  const { run } = held;
  const { store, events } = held.lab.tools;
  await store.saveRunFile(run.runId, 'snapshot.json', `${JSON.stringify(snapshot)}\n`);
  await store.saveRunFile(run.runId, 'plan.json', `${JSON.stringify(plan, null, 2)}\n`);
  const { id, kind, from, to, steps } = plan;
  events.emit('plan.adopted', { plan: id, kind, from, to, steps: steps.map((step) => step.id) });
  for (const text of plan.warnings) events.emit('warning', { text });
  if (plan.forecast !== undefined) events.emit('move.forecast', plan.forecast);
  return goOn(held, plan, { move: newMove(run), progress: NOT_BEGUN }, signal);
}

const CLOSE = { failover: closeFailover, failback: closeFailback, switchover: closeSwitchover };

/** Carries out what is left of a plan. */
export async function goOn(
  held: HeldLease,
  plan: PlanDocument,
  { move, progress }: { readonly move: Move; readonly progress: PlanProgress },
  signal: AbortSignal,
): Promise<FailoverDocument> {
  const execution = executionOf(held, plan, move);
  return orPartlyDone(move, wayOn(plan), async () => {
    await (plan.kind === 'switchover'
      ? orTakenBack(execution, progress, signal)
      : executePlan(execution, progress, signal));
    const { context } = execution;
    const document = await CLOSE[plan.kind](context, signal);
    await spreadEpoch(context.lab, signal);
    context.lab.tools.events.emit('plan.closed', { plan: plan.id, state: 'completed' });
    return document;
  });
}

/** A planned move that fails before the promotion is taken back: both sides are there, and clients want to work. */
async function orTakenBack(
  execution: Execution<MoveContext>,
  progress: PlanProgress,
  signal: AbortSignal,
): Promise<void> {
  const { plan, context } = execution;
  try {
    await executePlan(execution, progress, signal);
  } catch (error) {
    const now = progressOf(plan, await context.lab.tools.store.readJournal(context.move.run.runId));
    if (toUndo(plan, now) === null || isTaken(error)) throw error;
    throw await takeBack(execution, now, error);
  }
}

/** Gives the error with what was done about it. */
async function takeBack(execution: Execution<MoveContext>, now: PlanProgress, error: unknown): Promise<unknown> {
  const { plan, context } = execution;
  const withHint = (first: string): unknown => {
    if (!KmkError.is(error)) {
      // A full disk, say: clients are let in again whatever it was.
      context.lab.tools.events.emit('warning', { text: first });
      return error;
    }
    const { code, message, hints, context: facts } = error;
    return new KmkError(code, message, { hints: [first, ...hints], context: facts, cause: error });
  };
  try {
    const undone = await rollBackPlan(execution, now);
    // Nothing is left of it: the error is what it was, not "partly done".
    context.move.phases.length = 0;
    return withHint(
      undone.length === 0
        ? `Nothing had changed: clients write on "${plan.from}".`
        : `Taken back (${undone.join(', ')}): clients write on "${plan.from}" as before.`,
    );
  } catch (failed) {
    if (isTaken(failed)) throw failed;
    return withHint(`Not all could be taken back: ${failed instanceof Error ? failed.message : String(failed)}.`);
  }
}

/** The plan with the functions that do and undo its steps. */
export function executionOf(
  { lab, copied, stillOurs }: HeldLease,
  plan: PlanDocument,
  move: Move,
): Execution<MoveContext> {
  const [source, target] = plan.kind === 'failback' ? [plan.to, plan.from] : [plan.from, plan.to];
  const extent = extentOf(plan);
  const flows = flowsOfExtent(bothWays(lab, source, target), extent);
  const context: MoveContext = { ...flows, part: extent.part, plan, move, lab, found: {} };
  const simulate = plan.request['simulate'];
  const steps: Partial<Record<PlanStep['kind'], MoveStep>> =
    plan.kind === 'failback'
      ? FAILBACK_STEPS
      : plan.kind === 'switchover'
        ? SWITCHOVER_STEPS
        : failoverSteps(typeof simulate === 'string' ? simulate : null);
  return {
    plan,
    tools: lab.tools,
    context,
    bodies: ({ kind, id }) => {
      const body = steps[kind];
      if (body === undefined) throw new Error(`a ${plan.kind} has no step "${id}" of kind ${kind}`);
      return body;
    },
    around: ({ id, title }, work) => phase(move, id, title, work),
    copied,
    stillOurs,
    hooks: (when, step, limit) => runHooks(context, when, step, limit),
    ...pauseOf(plan),
    keep: ({ id }, found) => keepFacts(lab.tools.store, move.run.runId, id, found),
    recall: (found) => recallFacts(lab.tools.store, move.run.runId, found),
    learn: (found) => {
      context.found = { ...context.found, ...found };
    },
  };
}

/** A planned move gives up where it keeps clients out for too long; saved plans of an older kmk have the default. */
function pauseOf({ kind, request, steps }: PlanDocument): Pick<Execution<MoveContext>, 'pause'> {
  if (kind !== 'switchover') return {};
  const { deadlineMs } = request;
  const ms = typeof deadlineMs === 'number' ? deadlineMs : PAUSE_LIMIT_MS;
  const until = steps.find(isFinal)?.id;
  return until === undefined ? {} : { pause: { from: 'fence', until, ms } };
}

function wayOn({ kind, steps }: PlanDocument): string {
  const beyond = steps.find(isFinal)?.id ?? '';
  return `Run \`kmk resume\` to go on, or \`kmk resume --rollback\` to take the ${kind} back (until ${beyond} has begun).`;
}

/** Throws KMK_PLAN_STALE where the plan was made from something else than what is there now. */
export function refuseStale(plan: PlanDocument, now: MoveSnapshot): void {
  const reasons = staleReasons(plan.assumptions, assumptionsOf(now));
  if (plan.project !== now.project) reasons.unshift(`the project was "${plan.project}", is "${now.project}"`);
  const [reason] = reasons;
  if (reason === undefined) return;
  throw new KmkError('KMK_PLAN_STALE', `the plan ${plan.id} no longer holds: ${reason}`, {
    hints: [
      ...reasons.slice(1, 5).map((text) => `Also, ${text}.`),
      `Make a new one with \`kmk ${plan.kind} --plan-out FILE\`.`,
    ],
    context: { plan: plan.id, reasons: reasons.length },
  });
}

/** Another move may have ended between the look at the clusters and the lock, under which this is called. */
function refuseOutdated({ id, kind, assumptions }: PlanDocument, { record: { active, epoch } }: Lab): void {
  if (assumptions.epoch === epoch && assumptions.active === active) return;
  const now = `"${active}" is active in epoch ${epoch}, it was "${assumptions.active}" in epoch ${assumptions.epoch}`;
  throw new KmkError('KMK_PLAN_STALE', `the plan ${id} no longer holds: ${now}`, {
    hints: [`Run \`kmk status\`, then \`kmk ${kind}\` where it is still wanted.`],
    context: { plan: id },
  });
}

function refuseBlocked({ blockedBy: [blocker] = [], from, to }: PlanDocument): void {
  if (blocker === undefined) return;
  const { code, text, hints } = blocker;
  throw new KmkError(code, `refused: ${text}`, { hints, context: { from, to } });
}
