import type { Watermark } from '../../domain/lab/lab-record.ts';
import type { Flow } from '../../domain/setup.ts';
import { notRunning } from '../../domain/flow-health.ts';
import { judgeMissing } from '../../domain/missing-copies.ts';
import { readReplay } from '../../domain/replay-headers.ts';
import type { CountedPart } from '../../domain/stranded-tail.ts';
import type { StrayPart } from '../../domain/stray-records.ts';
import { strayCount } from '../../domain/stray-records.ts';
import { tailSize, tailText } from '../../domain/stranded-tail.ts';
import { partitionKey } from '../../domain/topic.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import type { StoredRecord } from '../ports/stored-record.ts';
import { countRecords } from '../replicate/count-records.ts';
import { readLag, totalLag } from '../replicate/positions.ts';
import { connectorStatuses } from '../status/flow-status.ts';
import { copiedUserTopics } from '../replicate/source-topics.ts';
import type { Move, MoveContext } from './move-context.ts';
import { evaluate } from './move-context.ts';
import { findUncarried } from './stray-records.ts';
import { tailRequestOf } from './resolve-tail.ts';

/** Ends, on the flow's target, of the copies of the topics it copies; a copy that does not exist yet ends at 0. */
export async function remoteEnds(lab: Lab, flow: Flow, signal: AbortSignal): Promise<readonly Watermark[]> {
  const { policy } = lab.layout;
  const target = await adminOf(lab, flow.target);
  const topics = await copiedUserTopics(lab, flow, signal);
  const ranges = await target.logRanges(
    topics.map((topic) => policy.remoteTopic(flow.source, topic)),
    signal,
  );
  return ranges.map(({ topic, partition, end }) => ({ topic, partition, u: null, d: end.toString() }));
}

/**
 * Compares what the new active was written since the watermark with what the reverse flow added on the other side,
 * partition by partition: more is a record stored twice, less is one missing. Ends are compared first; where they differ
 * (markers of transactions, replayed records) the records are counted. Both sides must be closed to clients. Gives the
 * number stored twice. Throws KMK_VERIFY_FAILED where more are missing than may be given up.
 */
export async function checkNothingTwice(
  { lab, reverse, move, plan }: Pick<MoveContext, 'lab' | 'reverse' | 'move' | 'plan'>,
  signal: AbortSignal,
): Promise<number> {
  const { promotion, moved } = lab.record;
  const begun = promotion ?? moved;
  if (!begun) throw new Error('no promotion to compare with');
  const { policy } = lab.layout;
  const source = await adminOf(lab, reverse.source);
  const before = endsOf(begun.reverseStart ?? []);
  const marks = endsOf(begun.watermarks);
  const after = endsOf(await remoteEnds(lab, reverse, signal));
  const topics = await copiedUserTopics(lab, reverse, signal);
  let copied = 0n;
  const again: CountedPart[] = [];
  const missing: CountedPart[] = [];
  for (const range of await source.logRanges(topics, signal)) {
    const copy = { topic: policy.remoteTopic(reverse.source, range.topic), partition: range.partition };
    const mark = marks.get(partitionKey(range)) ?? 0n;
    const added = (after.get(partitionKey(copy)) ?? 0n) - (before.get(partitionKey(copy)) ?? 0n);
    copied += added;
    if (range.end - mark === added) continue;
    // Behind the watermark, without replays; what was aborted is not copied (ADR 0022).
    const { topic, partition, end: to } = range;
    const isReplay = replaysOf(lab);
    const written = await countRecords(source, { topic, partition, from: mark, to }, signal, (at) => !isReplay(at));
    if (added > written) again.push({ ...copy, records: Number(added - written) });
    if (added < written) missing.push({ topic, partition, records: Number(written - added) });
  }
  const twice = tailSize(again);
  const back = `${copied} records copied back, ${twice} of them twice`;
  // What else writes behind the fence is MM2 alone, and it is at-least-once.
  const why = `${back} (${tailText(again)}), as by a Connect worker that died before it flushed its positions`;
  evaluate(move, 'reverse.nothing-twice', twice === 0 ? 'pass' : 'fail', twice === 0 ? back : why);
  // A record that somebody else than MM2 wrote into a copy goes nowhere; one outside the filters stays where it is.
  const uncarried = await findUncarried(lab, reverse, signal);
  missing.push(...uncarried.copies);
  judgeOutside(move, reverse, uncarried.outside);
  const { tail } = promotion ?? {};
  const text = judgeMissing(missing, {
    ...{ from: reverse.source, to: reverse.target, acceptLoss: tailRequestOf(plan).acceptLoss },
    discarded: tail?.choice === 'discard' ? tailSize(tail.parts) : 0,
    replayed: tail?.choice === 'replay' && tail.replayed.length > 0,
  });
  evaluate(move, 'reverse.complete', 'pass', text);
  return twice;
}

/** Records of topics that no flow copies stay on the cluster that is left: whether that is meant nobody here knows. */
function judgeOutside(move: Move, { source, target }: Flow, parts: readonly StrayPart[]): void {
  const id = 'reverse.outside';
  if (parts.length === 0) {
    evaluate(move, id, 'pass', `nothing was written on "${source}" outside what the flow to "${target}" copies`);
    return;
  }
  const where = `${strayCount(parts)} records in topics of "${source}" that the flow to "${target}" does not copy`;
  evaluate(move, id, 'inconclusive', `${where} stay there: ${tailText(parts)}`);
}

/**
 * Whether kmk replayed that record. An application may carry the header on to a record of its own: that lies in another
 * partition, or comes after the replay.
 */
function replaysOf({ record: { promotion } }: Lab): (record: StoredRecord) => boolean {
  const seen = new Set<string>();
  if (promotion?.tail?.choice !== 'replay') return () => false;
  return ({ topic, partition, headers }) => {
    const replay = readReplay(headers);
    if (replay === null || replay.origin !== partitionKey({ topic, partition }) || seen.has(replay.key)) return false;
    seen.add(replay.key);
    return true;
  };
}

/**
 * The setup's own flow has copied what it found, late records included (the caller has waited for that), and its
 * connectors run; records written since are on their way.
 */
export async function checkForward(lab: Lab, forward: Flow, move: Move, signal: AbortSignal): Promise<void> {
  const newer = totalLag(await readLag(lab, forward, signal));
  const faults = notRunning(await connectorStatuses(lab, forward, signal));
  const text =
    faults === null
      ? `the flow to "${forward.target}" runs and has copied what it found, ${newer} newer records are on their way`
      : `the flow to "${forward.target}" does not run: ${faults}`;
  evaluate(move, 'forward.running', faults === null ? 'pass' : 'fail', text);
}

function endsOf(marks: readonly Watermark[]): ReadonlyMap<string, bigint> {
  return new Map(marks.map((mark) => [partitionKey(mark), BigInt(mark.d)]));
}
