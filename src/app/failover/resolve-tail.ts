import { KmkError } from '../../domain/errors.ts';
import type { Flow } from '../../domain/setup.ts';
import type { PlanDocument } from '../../domain/plan/plan.ts';
import type { ResolvedTail, TailChoice, TailPart, TailPosition, TailRequest } from '../../domain/stranded-tail.ts';
import { decideTail, tailSize, tailText } from '../../domain/stranded-tail.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf, saveRecord } from '../lab/lab.ts';
import { exportTail } from './export-tail.ts';
import type { MoveContext } from './move-context.ts';
import { evaluate, findings } from './move-context.ts';
import { readReplayStart, replayTail } from './replay-tail.ts';
import { measureTail } from './stranded.ts';

/** The decision that a plan was made with. */
export function tailRequestOf({ request }: PlanDocument): TailRequest {
  const { stranded, tail, acceptLoss } = request;
  return {
    stranded: typeof stranded === 'string' ? (stranded as TailChoice) : null,
    tail: tail === 'redeliver' ? 'redeliver' : 'skip',
    acceptLoss: typeof acceptLoss === 'number' ? acceptLoss : null,
  };
}

/**
 * The decision that counts: what an earlier, interrupted failback began is gone on with where nothing else is asked for.
 * Throws KMK_TAIL_UNDECIDED for another one once records were replayed.
 */
export function decisionNow({ record }: Lab, request: TailRequest): TailRequest {
  const begun = record.promotion?.tail;
  if (begun === undefined) return request;
  const { choice, position, parts } = begun;
  if (request.stranded === null) {
    const { acceptLoss } = request;
    const most = choice === 'discard' ? Math.max(acceptLoss ?? 0, tailSize(parts)) : acceptLoss;
    return { stranded: choice, tail: position, acceptLoss: most };
  }
  if (choice !== 'replay' || request.stranded === 'replay') return request;
  throw new KmkError('KMK_TAIL_UNDECIDED', `a replay of the stranded records has begun (${tailText(parts)})`, {
    hints: ['Go on with `kmk failback --stranded replay`: what is there is not written twice.'],
  });
}

/** Counts the tail and refuses what the decision does not cover; nothing but the fence of the returned cluster is changed. */
export async function findTail(
  lab: Lab,
  forward: Flow,
  request: TailRequest,
  signal: AbortSignal,
): Promise<{ readonly parts: readonly TailPart[]; readonly choice: ResolvedTail['choice'] | null }> {
  const policy = lab.layout.policy.name;
  const decided = request.stranded !== null && request.stranded !== 'late';
  const parts = await measureTail(lab, forward, { settled: decided || policy === 'identity' }, signal);
  const compacted = new Set<string>();
  if (request.stranded === 'replay') {
    const active = await adminOf(lab, forward.target);
    for (const topic of new Set(parts.map((part) => part.topic))) {
      const { 'cleanup.policy': cleanup } = await active.topicOverrides(topic, signal);
      if (cleanup?.includes('compact') === true) compacted.add(topic);
    }
  }
  const choice = decideTail(request, { alias: forward.source, policy, parts, compacted });
  const size = tailSize(parts);
  if (size > 0 && choice === null) {
    const text = `${size} records on "${forward.source}" had not crossed; they arrive late through the forward flow`;
    lab.tools.events.emit('warning', { text });
  }
  return { parts, choice };
}

/** Exports, replays or gives up the tail, and records it with the promotion: later steps and another run go by that. */
export async function resolveTail(context: MoveContext, signal: AbortSignal) {
  const { forward, plan, move } = context;
  const request = tailRequestOf(plan);
  const { parts, choice } = await findTail(context.lab, forward, request, signal);
  if (choice === null) return findings({});
  const { promotion } = context.lab.record;
  if (promotion === null) throw new Error('nothing was promoted');
  const position: TailPosition = request.tail;
  const begun = promotion.tail?.choice === choice ? promotion.tail : null;
  const replayFrom =
    choice !== 'replay' ? [] : (begun?.replayFrom ?? (await readReplayStart(context.lab, forward, parts, signal)));
  const base: ResolvedTail = { choice, position, complete: false, parts, file: null, replayFrom, replayed: [] };
  const save = async (tail: ResolvedTail): Promise<void> => {
    context.lab = await saveRecord(context.lab, { promotion: { ...promotion, tail } });
  };
  await save(base);
  const done = await carryOutChoice(context, base, signal);
  await save({ ...done, complete: true });
  const records = tailSize(parts);
  context.lab.tools.events.emit('tail.resolved', { cluster: forward.source, choice, records, parts, file: done.file });
  evaluate(move, `tail.${WORD[choice]}`, 'pass', textOf(done, records, forward));
  return findings({ stranded: records });
}

/** A decision that was taken back does not count for the next failback; a file that was exported stays. */
export async function forgetTail(context: MoveContext): Promise<void> {
  const { promotion } = context.lab.record;
  if (promotion?.tail === undefined) return;
  const { tail, ...rest } = promotion;
  context.lab = await saveRecord(context.lab, { promotion: rest });
  const { choice, parts } = tail;
  const text = `the ${choice} of ${tailSize(parts)} stranded records does not count any more`;
  context.lab.tools.events.emit('note', { text });
}

const WORD = { export: 'exported', replay: 'replayed', discard: 'discarded' } as const;

async function carryOutChoice({ lab, forward, move }: MoveContext, base: ResolvedTail, signal: AbortSignal) {
  const { choice, parts } = base;
  if (choice === 'export') {
    return { ...base, file: await exportTail(lab, forward, { parts, runId: move.run.runId }, signal) };
  }
  return choice === 'replay' ? { ...base, replayed: await replayTail(lab, forward, base, signal) } : base;
}

function textOf({ choice, file, parts }: ResolvedTail, records: number, { source, target }: Flow): string {
  const unsure = parts.some(({ exact }) => !exact) ? '; some of the first ones may have crossed' : '';
  const what = `${records} records of "${source}" (${tailText(parts)})`;
  if (choice === 'export') return `${what} are in ${file ?? ''}, read back and compared with the log${unsure}`;
  if (choice === 'replay') return `${what} are on "${target}", each once, read back and compared`;
  return `${what} were given up as accepted${unsure}`;
}
