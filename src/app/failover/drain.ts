import type { Flow } from '../../domain/setup.ts';
import { flowId } from '../../domain/setup.ts';
import { partitionKey } from '../../domain/topic.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import { leavesOutReplays } from '../../domain/lab/connect-config.ts';
import { REPLAY_HEADER } from '../../domain/replay-headers.ts';
import type { StoredRecord } from '../ports/stored-record.ts';
import { countRecords } from '../replicate/count-records.ts';
import type { PartitionLag } from '../replicate/positions.ts';
import { ofUsers, readLag, totalLag } from '../replicate/positions.ts';
import { copiedTopics } from '../replicate/source-topics.ts';
import { done, pending, waitUntil } from '../wait-until.ts';
import { orDown } from './or-down.ts';

/** A backlog of a drill drains in seconds; a long outage may take minutes. Ctrl-C leaves the flow running. */
const CATCH_UP_LIMIT_MS = 30 * 60_000;
/** A flow that copies what it finds within this is close behind: Connect tells positions once a second. */
const CLOSE_MS = 5000;
/** Each transaction ends a partition with one marker; more than a few in a row are rare. */
const MOST_MARKERS = 20n;

/**
 * Waits until the flow has copied everything committed that its source held when this was called: under traffic there is always
 * something newer. Behind a fence nothing newer comes, and that is all there is. `id` names the step for progress.
 */
export async function awaitDrained(
  lab: Lab,
  flow: Flow,
  { id, timeoutMs }: { readonly id: string; readonly timeoutMs: number },
  signal: AbortSignal,
): Promise<void> {
  const wanted = await committedEnds(lab, flow, signal);
  await waitUntil(
    lab.tools.clock,
    {
      what: `the flow ${flowId(flow)} to drain`,
      timeoutMs,
      intervalMs: 100,
      probe: async () => {
        const lags = ofUsers(await orDown(lab, flow, () => readLag(lab, flow, signal)));
        const spans = lags.map((at) => ({ at, left: leftOf(at, wanted.get(partitionKey(at))) }));
        let left = 0n;
        for (const span of spans) left += await recordsLeft(lab, flow, span, signal);
        lab.tools.events.emit('flow.lag.sampled', { flow: flowId(flow), lagRecords: totalLag(lags), lagMs: null });
        lab.tools.events.emit('step.progress', { id, text: `${left} records to copy` }, 'debug');
        return left === 0n ? done(undefined) : pending(`${left} records to copy`);
      },
    },
    signal,
  );
}

/** Ends before the first open transaction: what follows is not copied before it ends (ADR 0022), if at all. */
async function committedEnds(lab: Lab, flow: Flow, signal: AbortSignal): Promise<ReadonlyMap<string, bigint>> {
  const topics = await copiedTopics(lab, flow, signal);
  const ranges = await (await adminOf(lab, flow.source)).committedRanges(topics, signal);
  return new Map(ranges.map((range) => [partitionKey(range), range.end]));
}

/** Drains again and again until one round took less than CLOSE_MS: then a fence will be up for no longer than that. */
export async function awaitCaughtUp(lab: Lab, flow: Flow, id: string, signal: AbortSignal): Promise<void> {
  const { clock } = lab.tools;
  const deadline = clock.now() + CATCH_UP_LIMIT_MS;
  for (;;) {
    const startedAt = clock.now();
    await awaitDrained(lab, flow, { id, timeoutMs: Math.max(1, deadline - startedAt) }, signal);
    if (clock.now() - startedAt < CLOSE_MS) return;
  }
}

/**
 * What of a partition lies between the flow's position (or the log start, where records are gone) and the end wanted;
 * nothing where only markers and aborted records follow the position.
 */
function leftOf({ position, start, lag }: PartitionLag, wanted: bigint | undefined): bigint {
  if (lag === 0n) return 0n;
  const from = position > start ? position : start;
  return wanted !== undefined && wanted > from ? wanted - from : 0n;
}

/**
 * Records among the offsets left. A position never passes what holds no record (markers of transactions) or what the
 * flow leaves out, where that is the last of a partition: near the end they are looked at.
 */
async function recordsLeft(
  lab: Lab,
  flow: Flow,
  { at, left }: { readonly at: PartitionLag; readonly left: bigint },
  signal: AbortSignal,
): Promise<bigint> {
  const { topic, partition, position, start } = at;
  const filtered = leavesOutReplays(lab.layout, flow);
  const replayed = lab.record.promotion?.tail?.replayed.find((one) => partitionKey(one) === partitionKey(at));
  if (left === 0n || left > MOST_MARKERS + BigInt(filtered ? (replayed?.records ?? 0) : 0)) return left;
  const from = position > start ? position : start;
  const isCopied = ({ headers }: StoredRecord): boolean =>
    !filtered || !headers.some(({ key }) => key === REPLAY_HEADER);
  return countRecords(await adminOf(lab, flow.source), { topic, partition, from, to: from + left }, signal, isCopied);
}
