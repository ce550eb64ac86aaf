import type { FailoverDocument, RollbackDocument } from '../../domain/documents.ts';
import { KmkError } from '../../domain/errors.ts';
import type { AnyEvent } from '../../domain/events.ts';
import { eventsOfPlan } from '../../domain/plan/copied-events.ts';
import type { PlanDocument } from '../../domain/plan/plan.ts';
import { parsePlan } from '../../domain/plan/plan-file.ts';
import type { PlanProgress } from '../../domain/plan/progress.ts';
import { isFinal, progressOf } from '../../domain/plan/progress.ts';
import { rollBackPlan } from '../execute-plan.ts';
import type { Lab } from '../lab/lab.ts';
import type { RunStore } from '../ports/run-store.ts';
import type { Run } from '../run.ts';
import { executionOf, goOn, underLease } from './carry-out.ts';
import type { Move } from './move-context.ts';
import { newMove } from './move-context.ts';
import { clusterIdOf } from './take-snapshot.ts';

/** A run whose plan has begun and not ended. */
export interface UnfinishedRun {
  readonly runId: string;
  readonly plan: PlanDocument;
  readonly progress: PlanProgress;
}

/**
 * The run to go on with: the one named, else the last that had a plan. Throws KMK_WRONG_STATE where there is nothing to
 * go on with.
 */
export async function findUnfinished(store: RunStore, runId: string | undefined): Promise<UnfinishedRun> {
  const runs = runId === undefined ? (await store.listRuns()).toReversed() : [runId];
  for (const candidate of runs) {
    const events = await store.readJournal(candidate);
    if (!events.some(({ event }) => event === 'plan.adopted')) continue;
    const text = await store.readRunFile(candidate, 'plan.json');
    if (text === null) continue;
    const plan = parsePlan(text, `${candidate}/plan.json`);
    const progress = progressOf(plan, events);
    if (progress.closed !== null) throw nothingToResume(candidate, plan, progress.closed);
    return { runId: candidate, plan, progress };
  }
  throw new KmkError(
    'KMK_WRONG_STATE',
    runId === undefined ? 'no run has a plan to go on with' : `run "${runId}" has no plan`,
    {
      hints: ['Run `kmk status` to see which cluster is active.'],
    },
  );
}

function nothingToResume(runId: string, plan: PlanDocument, closed: string): KmkError {
  const how = closed === 'completed' ? 'is complete' : 'was rolled back';
  return new KmkError('KMK_WRONG_STATE', `the ${plan.kind} of run "${runId}" ${how}: nothing to go on with`, {
    hints: ['Run `kmk status` to see which cluster is active.'],
    context: { runId },
  });
}

export interface ResumeRequest {
  readonly run: Run;
  /** Take the clusters' lease of an owner that is dead or has not renewed it in time. */
  readonly breakLock: boolean;
}

/** Carries out the rest of the plan, in the journal of its own run. */
export async function resume(
  lab: Lab,
  { plan, progress }: UnfinishedRun,
  { run, breakLock }: ResumeRequest,
  signal: AbortSignal,
): Promise<FailoverDocument> {
  await refuseOvertaken(lab, plan, progress, signal);
  return underLease(lab, { plan, run, breakLock }, signal, async (held, signalOfLease) =>
    goOn(held, plan, { move: await earlierMove(held.lab, plan, held.run), progress }, signalOfLease),
  );
}

/** Takes the plan's steps back, last first. Throws KMK_WRONG_STATE beyond the point of no return. */
export async function rollBack(
  lab: Lab,
  { plan, progress }: UnfinishedRun,
  { run, breakLock }: ResumeRequest,
  signal: AbortSignal,
): Promise<RollbackDocument> {
  await refuseOvertaken(lab, plan, progress, signal);
  const undone = await underLease(lab, { plan, run, breakLock }, signal, (held) =>
    rollBackPlan(executionOf(held, plan, newMove(held.run)), progress),
  );
  const { kind, from, to } = plan;
  return { schema: 'kmk.rollback/v1', runId: run.runId, kind, from, to, active: lab.record.active, undone };
}

/** A plan that something else has overtaken must not go on: clusters of another deploy, another move. */
async function refuseOvertaken(lab: Lab, plan: PlanDocument, progress: PlanProgress, signal: AbortSignal) {
  const { assumptions, id, kind } = plan;
  const beyond = plan.steps.some(
    (step) => isFinal(step) && (progress.done.has(step.id) || progress.begun.has(step.id)),
  );
  const epochs = beyond ? [assumptions.epoch, assumptions.epoch + 1] : [assumptions.epoch];
  const reasons: string[] = [];
  if (!epochs.includes(lab.record.epoch)) {
    reasons.push(`its epoch is ${assumptions.epoch}, the clusters are at ${lab.record.epoch}`);
  }
  const { promotion } = lab.record;
  const inForce = promotion === null ? null : `${promotion.from}->${promotion.to}`;
  if (!beyond && inForce !== assumptions.promotion) {
    reasons.push(`the promotion in force was ${assumptions.promotion ?? 'none'}, is ${inForce ?? 'none'}`);
  }
  for (const [alias, then] of Object.entries(assumptions.clusterIds)) {
    const now = then === null ? null : await clusterIdOf(lab, alias, signal);
    if (then !== null && now !== null && now !== then) reasons.push(`"${alias}" was cluster ${then}, is ${now}`);
  }
  const [reason] = reasons;
  if (reason === undefined) return;
  throw new KmkError('KMK_PLAN_STALE', `the plan ${id} was overtaken: ${reason}`, {
    hints: [`Run \`kmk status\`, then \`kmk ${kind}\` where it is still wanted.`],
    context: { plan: id },
  });
}

/** Phases and checks of the plan's steps that an earlier process did, from the journal. */
async function earlierMove(lab: Lab, plan: PlanDocument, run: Run): Promise<Move> {
  const move = newMove(run);
  const events = eventsOfPlan(plan.id, await lab.tools.store.readJournal(run.runId));
  const steps = new Set(plan.steps.map(({ id }) => id));
  for (const event of events) addEarlier(move, steps, event);
  return move;
}

function addEarlier(move: Move, steps: ReadonlySet<string>, { event, data, at }: AnyEvent): void {
  if (event === 'check.evaluated') move.checks.push({ ...data });
  if (event !== 'step.finished' || data.state !== 'done' || !steps.has(data.id)) return;
  const startedAt = new Date(Date.parse(at) - data.durationMs).toISOString();
  move.phases.push({ id: data.id, startedAt, durationMs: data.durationMs, state: data.state });
}
