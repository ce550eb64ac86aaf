import { translateBack } from '../../domain/exact-translation.ts';
import { fingerprint } from '../../domain/fingerprint.ts';
import type { Promotion } from '../../domain/lab/lab-record.ts';
import type { Flow } from '../../domain/setup.ts';
import type { TailPart } from '../../domain/stranded-tail.ts';
import type { Syncs } from '../../domain/sync-history.ts';
import { max, min } from '../../domain/sync-history.ts';
import type { LogRange } from '../../domain/topic.ts';
import { partitionKey } from '../../domain/topic.ts';
import type { Recreated } from '../../domain/topic-identity.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import { mapLimited } from '../map-limited.ts';
import { readSyncs } from '../offsets/mm2-records.ts';
import type { Question } from '../offsets/prove-positions.ts';
import { compareWhereNeeded } from '../offsets/prove-positions.ts';
import { recordTopicIds } from '../offsets/flow-translator.ts';
import { settledSyncs } from '../offsets/settled-syncs.ts';
import { countRecords } from '../replicate/count-records.ts';
import { copiedUserTopics } from '../replicate/source-topics.ts';
import { transactionOpen } from './open-transactions.ts';
import { readTail } from './read-tail.ts';

const PARALLEL_PARTITIONS = 8;
/** Copies behind the last sync that are compared; every batch has one unless `offset.lag.max` says otherwise. */
const MOST_COMPARED = 1_000_000;

/** What lies behind the last copied record of a partition, before it was counted. */
interface Behind {
  readonly range: LogRange;
  readonly from: bigint;
  readonly exact: boolean;
}

/**
 * The records of the returned cluster that had no copy at the promotion, partition by partition. Where the copies end was
 * an estimate while it was gone; now contents of both sides prove it. Throws KMK_TRANSACTION_OPEN where a transaction is
 * open among them and `settled` is asked for: its records may still come to count.
 */
export async function measureTail(
  lab: Lab,
  forward: Flow,
  { settled }: { readonly settled: boolean },
  signal: AbortSignal,
): Promise<readonly TailPart[]> {
  const { promotion } = lab.record;
  if (promotion === null) return [];
  const source = await adminOf(lab, forward.source);
  const topics = await copiedUserTopics(lab, forward, signal);
  const ranges = ownRanges(lab, promotion, await source.logRanges(topics, signal));
  const behind = (await findBehind(lab, forward, { promotion, ranges }, signal)).filter(
    ({ range, from }) => range.end > from,
  );
  if (settled) await refuseOpen(lab, forward, behind, signal);
  return mapLimited(behind, PARALLEL_PARTITIONS, async ({ range: { topic, partition, start, end }, from, exact }) => {
    if (from < start) {
      const text = `${start - from} records of ${topic}-${partition} never crossed and are gone from "${forward.source}" (retention)`;
      lab.tools.events.emit('warning', { text });
    }
    const at = { topic, partition, from: max(from, start), to: end };
    const records = Number(await countRecords(source, at, signal));
    return { topic, partition, from: at.from.toString(), to: at.to.toString(), records, exact };
  });
}

/** Where the copies end: proved, or the lowest offset that it can be. */
async function findBehind(
  lab: Lab,
  forward: Flow,
  { promotion, ranges }: { readonly promotion: Promotion; readonly ranges: readonly LogRange[] },
  signal: AbortSignal,
): Promise<readonly Behind[]> {
  const marks = new Map(promotion.mirrored.map((mark) => [partitionKey(mark), BigInt(mark.d)]));
  const source = await adminOf(lab, forward.source);
  const ids = await source.topicIds([...new Set(ranges.map(({ topic }) => topic))], signal);
  const syncsOf = settledSyncs(lab, forward, await readSyncs(lab, forward, signal), ids);
  const recreated = await recordTopicIds(lab, forward, signal);
  const found = await mapLimited(ranges, PARALLEL_PARTITIONS, async (range) => {
    const syncs = syncsOf(partitionKey(range));
    const remoteEnd = marks.get(partitionKey(range)) ?? 0n;
    // Nothing was copied.
    if (remoteEnd === 0n) return { range, from: range.start, exact: true };
    if (isOfAnother(range, syncs, recreated.get(range.topic))) return { range, from: null, exact: false };
    const from = await afterLastCopy(lab, forward, { range, syncs, remoteEnd }, signal);
    return { range, from, exact: from !== null, question: questionOf(lab, forward, { range, syncs, remoteEnd }) };
  });
  const open = found.flatMap(({ from, question }) => (from === null && question !== undefined ? [question] : []));
  const windows = await compareWhereNeeded(lab, forward, open, signal);
  return found.map(({ range, from, question }): Behind => {
    if (from !== null) return { range, from: min(from, range.end), exact: true };
    const answer = question?.ask({ windows: windows.get(partitionKey(range)) ?? [] }).answer ?? null;
    if (answer === null) return { range, from: range.start, exact: false };
    return { range, from: min(answer.offset, range.end), exact: answer.exact };
  });
}

/** What the syncs name last is beyond this log, which was created anew: nothing tells which of its records have a copy. */
function isOfAnother({ end }: LogRange, { last }: Syncs, recreated: Recreated | undefined): boolean {
  return recreated?.sides.includes('source') === true && last !== null && last.upstream >= end;
}

interface Copied {
  readonly range: LogRange;
  readonly syncs: Syncs;
  readonly remoteEnd: bigint;
}

/**
 * The usual case: the last sync names the highest record, and what was copied after it are the records that follow it,
 * one for one. Null where that is not so: something was sent again.
 */
async function afterLastCopy(
  lab: Lab,
  forward: Flow,
  { range, syncs, remoteEnd }: Copied,
  signal: AbortSignal,
): Promise<bigint | null> {
  const { last, pairs } = syncs;
  if (last === null || pairs.some(({ upstream }) => upstream > last.upstream)) return null;
  // What a task copied behind its last sync may be more than its successor has sent again.
  if (syncs.highestCopied() !== last.upstream) return null;
  if (last.upstream + 1n >= range.end) return range.end;
  const { topic, partition, end } = range;
  const remote = { topic: lab.layout.policy.remoteTopic(forward.source, topic), partition };
  const copies: number[] = [];
  const behind = { ...remote, from: (last.downstream + 1n).toString(), to: remoteEnd.toString() };
  for await (const records of readTail(lab, forward.target, behind, signal, true)) {
    for (const record of records) copies.push(fingerprint(record, false));
    if (copies.length > MOST_COMPARED) return null;
  }
  let from = last.upstream + 1n;
  let matched = 0;
  const following = { topic, partition, from: from.toString(), to: end.toString() };
  if (copies.length === 0) return from;
  for await (const records of readTail(lab, forward.source, following, signal)) {
    for (const record of records) {
      if (copies[matched] !== fingerprint(record, false)) return null;
      matched += 1;
      from = record.offset + 1n;
      if (matched === copies.length) return from;
    }
  }
  return null;
}

function questionOf(lab: Lab, forward: Flow, { range, syncs, remoteEnd }: Copied): Question {
  const { topic, partition } = range;
  const twin = { topic, remoteTopic: lab.layout.policy.remoteTopic(forward.source, topic), partition, remoteEnd };
  const facts = { remoteEnd, sourceReachable: true };
  return { twin, ask: ({ windows }) => translateBack(syncs, remoteEnd, { ...facts, windows }) };
}

/**
 * Under the identity policy the reverse flow writes to the same logs. Once it has been started, for waves or for all, what
 * the returned cluster holds of its own is what it held just before.
 */
function ownRanges({ layout }: Lab, promotion: Promotion, ranges: readonly LogRange[]): readonly LogRange[] {
  if (layout.policy.name === 'default') return ranges;
  const before = new Map((promotion.reverseStart ?? []).map((mark) => [partitionKey(mark), BigInt(mark.d)]));
  return ranges.map((range) => ({
    ...range,
    end: before.get(partitionKey(range)) ?? (promotion.seeded ? range.start : range.end),
  }));
}

async function refuseOpen(lab: Lab, forward: Flow, behind: readonly Behind[], signal: AbortSignal): Promise<void> {
  const topics = [...new Set(behind.map(({ range }) => range.topic))];
  const committed = await (await adminOf(lab, forward.source)).committedRanges(topics, signal);
  const ends = new Map(behind.map(({ range }) => [partitionKey(range), range.end]));
  const open = committed.find((range) => range.end < (ends.get(partitionKey(range)) ?? 0n));
  if (open !== undefined) throw await transactionOpen(lab, forward, open, signal);
}
