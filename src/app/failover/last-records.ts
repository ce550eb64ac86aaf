import { KmkError } from '../../domain/errors.ts';
import type { Flow } from '../../domain/setup.ts';
import { flowId } from '../../domain/setup.ts';
import type { LogRange } from '../../domain/topic.ts';
import { partitionKey } from '../../domain/topic.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import { mapLimited } from '../map-limited.ts';
import type { KafkaAdmin } from '../ports/kafka-admin.ts';
import type { StoredRecord } from '../ports/stored-record.ts';
import { readPositions } from '../replicate/positions.ts';
import { done, pending, waitUntil } from '../wait-until.ts';
import { copiedUserTopics } from '../replicate/source-topics.ts';
import type { FencedEnds } from './fence-bypass.ts';
import { orDown } from './or-down.ts';

const PARALLEL_PARTITIONS = 8;
/** The flow was close behind before the fence went up; clients are refused meanwhile, so it is not waited for longer. */
const DRAIN_LIMIT_MS = 20_000;
/** A target that gives no answer for so long takes no record: clients go on where they were. */
const UNANSWERED_LIMIT_MS = 5000;
/** Stopped tasks commit their positions within 250 ms, as measured; a busy machine takes longer. */
const FLUSH_LIMIT_MS = 5000;
const POLL_MS = 20;
/** How far from the end a partition's last record is looked for: markers of transactions hold none. */
const WINDOWS = [1n, 1000n];

/** A source partition behind its fence, and its last record; null where it holds none. */
export interface LastRecord extends LogRange {
  readonly record: StoredRecord | null;
}

/** Ends and last records of every partition that users write and the flow copies. */
export async function readLastRecords(lab: Lab, flow: Flow, signal: AbortSignal): Promise<readonly LastRecord[]> {
  return lastRecordsOf(lab, flow.source, await copiedUserTopics(lab, flow, signal), signal);
}

/** Ends and last records of every partition of these topics of a cluster. */
export async function lastRecordsOf(
  lab: Lab,
  alias: string,
  topics: readonly string[],
  signal: AbortSignal,
): Promise<readonly LastRecord[]> {
  const admin = await adminOf(lab, alias);
  return mapLimited(await admin.logRanges(topics, signal), PARALLEL_PARTITIONS, async (range) => ({
    ...range,
    record: await lastRecord(admin, range, signal),
  }));
}

/** Where the last record of each partition that holds any ends: markers of transactions may follow. */
export function afterLast(lasts: readonly LastRecord[]): FencedEnds {
  return Object.fromEntries(
    lasts.flatMap(({ record, ...at }) =>
      record === null ? [] : [[partitionKey(at), (record.offset + 1n).toString()] as const],
    ),
  );
}

async function lastRecord(admin: KafkaAdmin, range: LogRange, signal: AbortSignal): Promise<StoredRecord | null> {
  const { start, end } = range;
  for (const back of [...WINDOWS, end - start]) {
    const from = end - back > start ? end - back : start;
    const found: StoredRecord[] = [];
    if (from < end) {
      await admin.readPartition(
        range,
        (record) => {
          found[0] = record;
        },
        { from, to: end, signal },
      );
    }
    const [last] = found;
    if (last !== undefined || from === start) return last ?? null;
  }
  return null;
}

/**
 * Waits until the last record of each partition is the last one of its copy. Faster than Connect's positions, which are
 * flushed once a second, and a hint only: `awaitPositions` proves it once the flow is stopped. Throws KMK_SERVICE_EXITED
 * at once where what runs the flow has ended.
 */
export async function awaitLastCopied(
  lab: Lab,
  flow: Flow,
  lasts: readonly LastRecord[],
  signal: AbortSignal,
): Promise<void> {
  const target = await adminOf(lab, flow.target);
  const { policy } = lab.layout;
  let left = lasts.filter(({ record }) => record !== null);
  await waitUntil(
    lab.tools.clock,
    {
      what: `the flow ${flowId(flow)} to drain`,
      timeoutMs: DRAIN_LIMIT_MS,
      failingMs: UNANSWERED_LIMIT_MS,
      intervalMs: POLL_MS,
      probe: async () => {
        const remote = (topic: string): string => policy.remoteTopic(flow.source, topic);
        const ranges = await target.logRanges([...new Set(left.map(({ topic }) => remote(topic)))], signal);
        const ends = new Map(ranges.map((range) => [partitionKey(range), range]));
        const positions = await orDown(lab, flow, () => readPositions(lab, flow, signal));
        const copied = await mapLimited(left, PARALLEL_PARTITIONS, async (last) => {
          const { topic, partition, record } = last;
          if (record !== null && (positions.get(partitionKey(last)) ?? 0n) > record.offset) return true;
          const range = ends.get(partitionKey({ topic: remote(topic), partition }));
          return range !== undefined && sameRecord(record, await lastRecord(target, range, signal));
        });
        left = left.filter((_, index) => copied[index] === false);
        const [first] = left;
        return first === undefined
          ? done(undefined)
          : pending(`${left.length} partitions such as ${first.topic}-${first.partition} are not copied to the end`);
      },
    },
    signal,
  );
}

/**
 * Waits until the stopped flow's positions are at `lasts`, where the last record of each partition that holds any ends:
 * its tasks flush them on the way down. Throws KMK_WRONG_STATE where they stay behind: then what looked like the last
 * copy was not one.
 */
export async function awaitPositions(lab: Lab, flow: Flow, lasts: FencedEnds, signal: AbortSignal): Promise<void> {
  const { clock } = lab.tools;
  const deadline = clock.now() + FLUSH_LIMIT_MS;
  for (;;) {
    const positions = await readPositions(lab, flow, signal);
    const behind = Object.entries(lasts).find(([key, last]) => (positions.get(key) ?? 0n) < BigInt(last));
    if (behind === undefined) return;
    const [key, last] = behind;
    if (clock.now() >= deadline) throw notCopied(flow, key, positions.get(key) ?? 0n, last);
    await clock.sleep(POLL_MS, signal);
  }
}

function notCopied(flow: Flow, key: string, position: bigint, last: string): KmkError {
  return new KmkError(
    'KMK_WRONG_STATE',
    `the flow ${flowId(flow)} stopped at ${position} of ${key}, whose last record ends at ${last}`,
    { hints: ['Run `kmk flow describe` to see what holds it up, then begin again.'] },
  );
}

function sameRecord(a: StoredRecord | null, b: StoredRecord | null): boolean {
  if (a === null || b === null) return false;
  return a.timestampMs === b.timestampMs && sameBytes(a.key, b.key) && sameBytes(a.value, b.value);
}

function sameBytes(a: Uint8Array | null, b: Uint8Array | null): boolean {
  if (a === null || b === null) return a === b;
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
