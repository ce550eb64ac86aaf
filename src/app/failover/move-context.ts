import type { CheckResult, FailoverDocument, GroupOffsets, Phase, Recovery } from '../../domain/documents.ts';
import { countPositions, worstPositions } from '../../domain/worst-positions.ts';
import { KmkError } from '../../domain/errors.ts';
import type { CheckVerdict } from '../../domain/events.ts';
import type { BypassedWrites } from '../../domain/fence-bypass.ts';
import type { Watermark } from '../../domain/lab/lab-record.ts';
import type { ExtentFlows, Part } from '../../domain/plan/part.ts';
import type { PlanDocument } from '../../domain/plan/plan.ts';
import type { Findings } from '../../domain/plan/progress.ts';
import type { StepBody } from '../execute-plan.ts';
import type { Lab } from '../lab/lab.ts';
import type { Run } from '../run.ts';
import { step } from '../step.ts';
import type { FencedEnds } from './fence-bypass.ts';

/** One failover, failback or switchover under way: where its phases and checks are gathered. */
export interface Move {
  readonly run: Run;
  readonly phases: Phase[];
  readonly checks: CheckResult[];
}

/** What the steps of a move found, for later steps and for another process that goes on. JSON-safe. */
export interface MoveFindings {
  /** Epoch ms at which the first write was lost or refused. */
  readonly cutAt?: number;
  /** Ends of the source's partitions just before a disaster that kmk caused, by `partitionKey`. */
  readonly sourceEnds?: Readonly<Record<string, string>> | null;
  /** Ends of the source's partitions behind its fence, by `partitionKey`. */
  readonly ends?: FencedEnds;
  /** Where the last record of each of them ends: markers of transactions may follow. */
  readonly lasts?: FencedEnds;
  /** Groups with live members that had not come to the last records when these were waited for. */
  readonly stillReading?: readonly string[];
  /** What was written past the fence after the promotion; absent where that could not be told any more. */
  readonly late?: readonly BypassedWrites[];
  readonly workerKilled?: boolean;
  /** Groups as they were before their positions were written. */
  readonly groups?: readonly GroupOffsets[];
  /** The groups read back at the end. */
  readonly groupsAfter?: readonly GroupOffsets[];
  readonly mirrored?: readonly Watermark[];
  readonly recovery?: Recovery;
  readonly stranded?: number;
  /** Records that groups were put before although they had gone on behind them, by group. */
  readonly redelivered?: Readonly<Record<string, number>>;
  readonly duplicates?: number;
}

/** What every step works on. `lab` is replaced by each step that changes its record. */
export interface MoveContext extends ExtentFlows {
  readonly plan: PlanDocument;
  /** Null where the move is about everything, or the rest. */
  readonly part: Part | null;
  readonly move: Move;
  lab: Lab;
  found: MoveFindings;
}

export type MoveStep = StepBody<MoveContext>;

export function newMove(run: Run): Move {
  return { run, phases: [], checks: [] };
}

/** Findings of a step, as the journal keeps them. */
export function findings(found: MoveFindings): Findings {
  return found as Findings;
}

/** A phase of the move; its id is the plan's step id. */
export function phase<T>(move: Move, id: string, title: string, work: () => Promise<T>): Promise<T> {
  const { tools, beforePhase } = move.run;
  const whole = async (): Promise<T> => {
    await beforePhase?.(id);
    return work();
  };
  return step(tools, id, 'phase', title, whole, move.phases);
}

export function evaluate(move: Move, id: string, verdict: CheckVerdict, message: string): void {
  move.checks.push({ id, verdict, message });
  move.run.tools.events.emit('check.evaluated', { id, verdict, message });
}

export function verdictOf(checks: readonly CheckResult[]): 'pass' | 'fail' {
  return checks.some((check) => check.verdict === 'fail') ? 'fail' : 'pass';
}

/**
 * Keeps the document in the journal and beside it, and gives it as it was kept: of too many positions it has the worst,
 * and a file of the run has all.
 */
export async function recordDocument(lab: Lab, move: Move, whole: FailoverDocument): Promise<FailoverDocument> {
  const document = await withinBounds(lab, move, whole);
  move.run.tools.events.emit('result.recorded', { schema: document.schema, document });
  await lab.tools.store.saveRunFile(move.run.runId, 'result.json', `${JSON.stringify(document, null, 2)}\n`);
  return document;
}

/** Of a run's folder; also read by `kmk report`. */
const POSITIONS_FILE = 'positions.jsonl';

async function withinBounds(lab: Lab, { run }: Move, document: FailoverDocument): Promise<FailoverDocument> {
  const groups = worstPositions(document.groups);
  if (groups === document.groups) return document;
  const lines = document.groups.map((group) => `${JSON.stringify(group)}\n`).join('');
  const file = await lab.tools.store.saveRunFile(run.runId, POSITIONS_FILE, lines);
  const counted = document.groups.flatMap(({ redelivered }) => (redelivered === null ? [] : [redelivered]));
  const positions = {
    ...{ file, groups: document.groups.length, positions: countPositions(document.groups) },
    redelivered: counted.length === 0 ? null : counted.reduce((sum, records) => sum + records, 0),
  };
  return { ...document, groups, positions };
}

/** Under the lease of a run KMK_LOCKED means that another kmk has taken it over: nothing may be touched any more. */
export function isTaken(error: unknown): boolean {
  return KmkError.is(error) && error.code === 'KMK_LOCKED';
}

/**
 * After something was changed, an error is "partly done" with the command that goes on; an interruption stays one and
 * says what is left. Before, the error is as it is; so it is where another kmk goes on with the run.
 */
export async function orPartlyDone<T>(move: Move, left: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isTaken(error)) throw error;
    const done = move.phases.filter((at) => at.state === 'done').map((at) => at.id);
    const stopped = KmkError.is(error) && (error.kind === 'interrupted' || error.kind === 'terminated');
    // A phase that was interrupted, also the first, may have changed something.
    if (done.length === 0 && !(stopped && move.phases.length > 0)) throw error;
    const hint = done.length === 0 ? left : `Done so far: ${done.join(', ')}. ${left}`;
    if (!KmkError.is(error)) {
      throw new KmkError('KMK_PARTLY_DONE', error instanceof Error ? error.message : String(error), {
        hints: [hint],
        cause: error,
      });
    }
    if (stopped) {
      throw new KmkError(error.code, error.message, { hints: [...error.hints, hint], context: error.context });
    }
    throw new KmkError('KMK_PARTLY_DONE', error.message, {
      hints: [...error.hints, hint],
      context: { ...error.context, code: error.code },
      cause: error,
    });
  }
}
