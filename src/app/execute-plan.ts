import { abortError, KmkError } from '../domain/errors.ts';
import type { HookMoment } from '../domain/hooks.ts';
import type { PlanDocument, PlanStep } from '../domain/plan/plan.ts';
import type { Findings, PlanProgress } from '../domain/plan/progress.ts';
import { isFinal, toUndo } from '../domain/plan/progress.ts';
import type { PauseDeadline, PauseLimit } from './pause-deadline.ts';
import { pauseDeadline } from './pause-deadline.ts';
import type { Toolbox } from './ports/toolbox.ts';

/** What carries a step out. Every function may be called again for a step that was cut short: each is idempotent. */
export interface StepBody<C> {
  /** False: there is nothing to do, the step counts as skipped. */
  readonly applies?: (context: C, signal: AbortSignal) => boolean | Promise<boolean>;
  /** Re-checked just before the step. Throws where the step must not start. */
  readonly precondition?: (context: C, signal: AbortSignal) => Promise<void>;
  /** What it gives is kept as findings: nothing, or a JSON-safe object. */
  readonly apply: (context: C, signal: AbortSignal) => Promise<unknown>;
  /**
   * Of a step that cannot be undone: whether what makes it so has happened. What fails before is no reason to leave clients
   * out on both sides. Absent: as soon as the step has begun.
   */
  readonly inEffect?: (context: C) => Promise<boolean>;
  /** Takes the step back; absent where it left nothing behind. */
  readonly undo?: (context: C, signal: AbortSignal) => Promise<void>;
  /** Called where a later step failed: what must not stay as it is meanwhile (a fence) is undone at once. */
  readonly release?: (context: C, signal: AbortSignal) => Promise<void>;
}

/** A plan under way. */
export interface Execution<C> {
  readonly plan: PlanDocument;
  readonly tools: Pick<Toolbox, 'events' | 'clock'>;
  readonly context: C;
  readonly bodies: (step: PlanStep) => StepBody<C>;
  /** Announces the step and runs the work in it. */
  readonly around: (step: PlanStep, work: () => Promise<void>) => Promise<void>;
  /** Resolves when everything noted is where another machine can read it. */
  readonly copied: () => Promise<void>;
  /** Throws KMK_LOCKED where another kmk has taken the run over, or what keeps that from being known. */
  readonly stillOurs: (signal: AbortSignal) => Promise<void>;
  /** The user's programs around a step; throws where one of them stops the move. */
  readonly hooks: (when: HookMoment, step: PlanStep, signal: AbortSignal) => Promise<void>;
  /** How long clients may be kept out before the move is given up; absent: for as long as it takes. */
  readonly pause?: PauseLimit;
  /** Gives findings of a step as its event holds them, once what is too long for it is kept elsewhere. */
  readonly keep: (step: PlanStep, findings: Findings) => Promise<Findings>;
  /** The whole of findings that were kept. */
  readonly recall: (findings: Findings) => Promise<Findings>;
  /** Told of what a step found, also of steps that an earlier process did. */
  readonly learn: (findings: Findings) => void;
}

/** Undoing must also work after Ctrl-C, and must not take for ever. */
const UNDO_LIMIT_MS = 120_000;
/** A cluster that freezes must not hold up what opens a fence. */
const LOOK_LIMIT_MS = 1500;

/**
 * Carries out the steps that are not done, in order. Stops at the first failure; after an abort no further step is
 * started, and one that cannot be undone is never cut short. The journal has each step before it starts and after.
 */
export async function executePlan<C>(
  execution: Execution<C>,
  progress: PlanProgress,
  signal: AbortSignal,
): Promise<void> {
  const pause = pauseDeadline(execution.tools.clock, execution.pause);
  try {
    await carryOutSteps(execution, { progress, pause }, AbortSignal.any([signal, pause.signal]));
  } finally {
    pause.end();
  }
}

async function carryOutSteps<C>(
  execution: Execution<C>,
  { progress, pause }: { readonly progress: PlanProgress; readonly pause: PauseDeadline },
  signal: AbortSignal,
): Promise<void> {
  const { plan, learn, recall } = execution;
  learn(await recall(progress.findings));
  const done = new Set(progress.done);
  /** Also what an earlier process began: a fence that it left may be up. */
  const touched = new Set([...progress.done, ...progress.begun]);
  for (const step of plan.steps) {
    // Also where an earlier process put the fence up: clients wait again from now on.
    if (step.id === execution.pause?.from && !done.has(execution.pause.until)) pause.begin();
    if (done.has(step.id)) continue;
    if (step.id === execution.pause?.until) pause.end();
    const missing = step.dependsOn.find((id) => !done.has(id));
    if (missing !== undefined) throw new Error(`step "${step.id}" depends on "${missing}", which is not done`);
    if (signal.aborted) {
      await refuseTaken(execution);
      await releaseAll(execution, touched);
      throw abortError(signal);
    }
    try {
      await runStep(execution, step, () => touched.add(step.id), signal);
    } catch (error) {
      await refuseTaken(execution);
      note(execution, step, 'failed', null);
      if (isFinal(step) && touched.has(step.id) && !(await isInEffect(execution, step))) {
        note(execution, step, 'undone', null);
        touched.delete(step.id);
      }
      await releaseAll(execution, touched);
      throw failureOf(step, error, signal);
    }
    done.add(step.id);
  }
}

/** In doubt it is: then the move goes on. */
async function isInEffect<C>({ context, bodies }: Execution<C>, step: PlanStep): Promise<boolean> {
  const { inEffect } = bodies(step);
  return inEffect === undefined || (await inEffect(context).catch(() => true));
}

/** What fails because it was cut short says so, whatever its own words are. */
function failureOf(step: PlanStep, error: unknown, signal: AbortSignal): unknown {
  return signal.aborted && !isFinal(step) ? abortError(signal) : error;
}

async function runStep<C>(
  execution: Execution<C>,
  step: PlanStep,
  begun: () => void,
  signal: AbortSignal,
): Promise<void> {
  const { context, bodies, around, learn, tools } = execution;
  const body = bodies(step);
  const applies = await limited(tools, step, signal, async (limit) => {
    if (body.applies !== undefined && !(await body.applies(context, limit))) return false;
    await body.precondition?.(context, limit);
    if (step.reversible === 'no') await execution.stillOurs(limit);
    return true;
  });
  if (!applies) {
    note(execution, step, 'skipped', null);
    return;
  }
  begun();
  note(execution, step, 'started', null);
  if (step.reversible === 'no') await execution.copied();
  let findings: Findings = {};
  // The user's programs have a limit of their own.
  const outer = isFinal(step) ? new AbortController().signal : signal;
  await around(step, async () => {
    await execution.hooks('before', step, outer);
    findings = ((await limited(tools, step, signal, (limit) => body.apply(context, limit))) ?? {}) as Findings;
    learn(findings);
    await execution.hooks('after', step, outer);
  });
  note(execution, step, 'done', await execution.keep(step, findings));
}

/** Works under the caller's signal, where the step may be cut short, and under the step's own deadline. */
async function limited<T>(
  { clock }: Pick<Toolbox, 'clock'>,
  step: PlanStep,
  signal: AbortSignal,
  work: (limit: AbortSignal) => Promise<T>,
): Promise<T> {
  const [deadline, ended] = [new AbortController(), new AbortController()];
  const late = new KmkError('KMK_WAIT_TIMEOUT', `step "${step.id}" took longer than ${step.timeoutMs} ms`, {
    context: { step: step.id, timeoutMs: step.timeoutMs },
  });
  clock.sleep(step.timeoutMs, ended.signal).then(
    () => deadline.abort(late),
    () => undefined,
  );
  try {
    return await work(isFinal(step) ? deadline.signal : AbortSignal.any([signal, deadline.signal]));
  } finally {
    ended.abort();
  }
}

/**
 * Throws KMK_LOCKED where another kmk goes on with the run: then nothing may be touched any more, not even to take it
 * back, since a fence that is opened may be the one that the other works behind. Where that cannot be known the fence is
 * opened: taking a run over is somebody's decision, a cluster that does not answer is what happens.
 */
async function refuseTaken<C>({ stillOurs }: Execution<C>): Promise<void> {
  try {
    await stillOurs(AbortSignal.timeout(LOOK_LIMIT_MS));
  } catch (error) {
    if (KmkError.is(error) && error.code === 'KMK_LOCKED') throw error;
  }
}

/** Undoes at once what must not stay as it is while nobody goes on: fences. Not once a step has begun that cannot be undone. */
async function releaseAll<C>(execution: Execution<C>, touched: ReadonlySet<string>): Promise<void> {
  const { plan, context, bodies } = execution;
  const irreversible = plan.steps.some((step) => isFinal(step) && touched.has(step.id));
  if (irreversible) return;
  for (const step of plan.steps.toReversed()) {
    const { release } = bodies(step);
    if (release === undefined || !touched.has(step.id)) continue;
    note(execution, step, 'undoing', null);
    await release(context, AbortSignal.timeout(UNDO_LIMIT_MS));
    await execution.hooks('undo', step, AbortSignal.timeout(UNDO_LIMIT_MS));
    note(execution, step, 'undone', null);
  }
}

/**
 * Takes back what the plan has done, last first. Throws KMK_WRONG_STATE, changing nothing, where a step that cannot be
 * undone has been started, KMK_LOCKED where another kmk has taken the run over, and KMK_PARTLY_DONE where a step cannot
 * be undone now: called again it goes on there.
 */
export async function rollBackPlan<C>(execution: Execution<C>, progress: PlanProgress): Promise<readonly string[]> {
  const { plan, context, bodies, tools, learn, recall } = execution;
  const steps = toUndo(plan, progress);
  if (steps === null) throw beyondReturn(plan);
  learn(await recall(progress.findings));
  const undone: string[] = [];
  for (const step of steps) {
    await refuseTaken(execution);
    // What cannot be undone and may stand is left as it is.
    const undo = step.stands === true ? undefined : bodies(step).undo;
    try {
      if (undo !== undefined) {
        // Cut short, it may have undone a part: who goes on must not take the step for done.
        note(execution, step, 'undoing', null);
        tools.events.emit('step.progress', { id: step.id, text: 'undoing' });
        await undo(context, AbortSignal.timeout(UNDO_LIMIT_MS));
      }
      await execution.hooks('undo', step, AbortSignal.timeout(UNDO_LIMIT_MS));
    } catch (error) {
      throw halfUndone(step, undone, error);
    }
    if (undo !== undefined) undone.push(step.id);
    note(execution, step, 'undone', null);
  }
  tools.events.emit('plan.closed', { plan: plan.id, state: 'rolled-back' });
  return undone;
}

function halfUndone({ id }: PlanStep, undone: readonly string[], error: unknown): KmkError {
  const message = error instanceof Error ? error.message : String(error);
  const known = KmkError.is(error) ? error : null;
  const before = undone.length === 0 ? '' : `Undone so far: ${undone.join(', ')}. `;
  return new KmkError('KMK_PARTLY_DONE', `"${id}" could not be undone: ${message}`, {
    hints: [
      ...(known?.hints ?? []),
      `${before}Run \`kmk resume --rollback\` to undo the rest, once the cause is gone.`,
    ],
    context: { ...known?.context, step: id, ...(known === null ? {} : { code: known.code }) },
    cause: error,
  });
}

function beyondReturn({ kind, steps }: PlanDocument): KmkError {
  const step = steps.find(isFinal)?.id ?? '';
  return new KmkError('KMK_WRONG_STATE', `the ${kind} has begun "${step}", which cannot be undone`, {
    hints: ['Run `kmk resume` to complete it; `kmk failback` leads back afterwards.'],
    context: { step },
  });
}

function note<C>(
  { plan, tools }: Execution<C>,
  step: PlanStep,
  state: 'started' | 'done' | 'skipped' | 'failed' | 'undoing' | 'undone',
  findings: Findings | null,
): void {
  tools.events.emit('plan.step', { plan: plan.id, step: step.id, state, findings });
}
