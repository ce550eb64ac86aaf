import type { ConsumedRecord } from '../../domain/documents.ts';
import { abortError, KmkError } from '../../domain/errors.ts';
import type { ClusterLayout } from '../../domain/lab/layout.ts';
import type { LogRange } from '../../domain/topic.ts';
import { partitionKey } from '../../domain/topic.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf, clusterOfTopic } from '../lab/lab.ts';
import type { StoredRecord } from '../ports/stored-record.ts';
import { requirePartition } from '../topics/ensure-topic.ts';
import { unknownTopicHints } from '../topics/unknown-topic.ts';
import { consumedRecord } from './consumed-record.ts';
import { ReadWindow } from './read-window.ts';
import type { StartPoint } from './start-positions.ts';
import { startPositions } from './start-positions.ts';

const TOPIC_POLL_MS = 100;
/** So that what was printed is committed, and the ends are noticed when they are reached. */
const COMMIT_EVERY_BATCH = 0;

export interface ConsumeRequest {
  readonly topic: string;
  /** Alias or role; undefined is where the topic is active. */
  readonly cluster: string | undefined;
  /** null: commits nothing. */
  readonly group: string | null;
  readonly messages: number | null;
  /** Without a group. */
  readonly start: StartPoint;
  readonly partition: number | null;
  readonly follow: boolean;
  /** null: waits for ever. */
  readonly timeoutMs: number | null;
  /** Awaited before the next record: prints at the pace of its reader. */
  readonly onRecord: (record: ConsumedRecord) => void | Promise<void>;
}

export interface ConsumeOutcome {
  readonly cluster: string;
  readonly count: number;
  /**
   * KMK_TOO_FEW_RECORDS when time was up, KMK_INTERRUPTED, KMK_COMMIT_UNACKNOWLEDGED; null when everything wanted was read,
   * and committed where there is a group.
   */
  readonly error: KmkError | null;
}

interface Reading {
  readonly lab: Lab;
  readonly cluster: ClusterLayout;
  readonly request: ConsumeRequest;
  readonly window: ReadWindow;
  readonly onRecord: (record: StoredRecord) => void | Promise<void>;
  /** Aborts when the window closes or the caller wants to stop. */
  readonly signal: AbortSignal;
  /** Aborts when the caller wants to stop. */
  readonly hurry: AbortSignal;
}

/** Reads records as a client does and hands them on as they come. */
export async function consume(lab: Lab, request: ConsumeRequest, signal: AbortSignal): Promise<ConsumeOutcome> {
  const cluster = clusterOfTopic(lab, request.cluster, request.topic);
  const window = new ReadWindow(lab.tools.clock, request.messages);
  const either = AbortSignal.any([signal, window.signal]);
  const watching = request.timeoutMs === null ? null : window.watch(request.timeoutMs, signal);
  const onRecord = (record: StoredRecord): void | Promise<void> => {
    window.counted();
    return request.onRecord(consumedRecord(record));
  };
  const reading = { lab, cluster, request, window, onRecord, signal: either, hurry: signal };
  const topic: { found: boolean | null } = { found: null };
  let uncommitted: KmkError | null = null;
  try {
    const ranges = await awaitTopic(reading, (found) => (topic.found = found));
    requirePartition(request.topic, request.partition, ranges.length);
    const wanted = ranges.filter(({ partition }) => request.partition === null || partition === request.partition);
    await (request.group === null ? readAlone(reading, wanted) : readInGroup(reading, request.group, wanted));
    window.close('ends');
  } catch (error) {
    if (KmkError.is(error) && error.code === 'KMK_COMMIT_UNACKNOWLEDGED') uncommitted = error;
    else if (!either.aborted) throw error;
  } finally {
    window.close('ends');
    await watching;
  }
  const error = await errorOf(reading, topic.found, signal);
  return { cluster: cluster.alias, count: window.count, error: withUncommitted(error, uncommitted) };
}

/** What ended the reading says so, too, where what was read was not committed. */
function withUncommitted(error: KmkError | null, uncommitted: KmkError | null): KmkError | null {
  if (error === null || uncommitted === null) return error ?? uncommitted;
  return new KmkError(error.code, `${error.message}; ${uncommitted.message}`, {
    hints: [...error.hints, ...uncommitted.hints],
    context: error.context,
    cause: uncommitted,
  });
}

/** Partitions of the topic as soon as it exists; tells each answer. Throws when the signal aborts. */
async function awaitTopic(
  { lab, cluster, request, signal }: Reading,
  onAnswer: (found: boolean) => void,
): Promise<readonly LogRange[]> {
  const admin = await adminOf(lab, cluster.alias);
  for (let told = false; ; told = true) {
    const ranges = await admin.logRanges([request.topic], signal);
    onAnswer(ranges.length > 0);
    if (ranges.length > 0) return ranges;
    if (!told) {
      const text = `waiting for topic "${request.topic}", which "${cluster.alias}" does not have yet`;
      lab.tools.events.emit('note', { text });
    }
    await lab.tools.clock.sleep(TOPIC_POLL_MS, signal);
  }
}

async function readAlone(reading: Reading, ranges: readonly LogRange[]): Promise<void> {
  const { lab, cluster, request, signal, onRecord } = reading;
  const admin = await adminOf(lab, cluster.alias);
  const positions = await startPositions(admin, request.topic, ranges, request.start, signal);
  const bounded = request.messages === null && !request.follow;
  const ends = new Map(ranges.map((range) => [partitionKey(range), range.end]));
  const from = positions.map((at) => {
    const end = ends.get(partitionKey(at));
    return bounded && end !== undefined ? { ...at, end } : at;
  });
  await using reader = await lab.tools.reader(cluster);
  await reader.read(from, onRecord, signal);
}

async function readInGroup(reading: Reading, group: string, ranges: readonly LogRange[]): Promise<void> {
  const { lab, cluster, request, window, signal, hurry, onRecord } = reading;
  const bounded = request.messages === null && !request.follow;
  const open = bounded ? await unreadEnds(reading, group, ranges) : null;
  if (open?.size === 0) return;
  const consumer = await lab.tools.consumer(cluster);
  await consumer.run({
    topics: [request.topic],
    group,
    fromBeginning: true,
    commitIntervalMs: COMMIT_EVERY_BATCH,
    onRecord,
    onCommit: (offsets) => {
      if (open === null) return;
      for (const at of offsets)
        if (at.offset >= (open.get(partitionKey(at)) ?? at.offset)) open.delete(partitionKey(at));
      if (open.size === 0) window.close('ends');
    },
    signal,
    hurry,
  });
}

/** Ends of the partitions in which the group has something left to read. */
async function unreadEnds(
  { lab, cluster, signal }: Reading,
  group: string,
  ranges: readonly LogRange[],
): Promise<Map<string, bigint>> {
  const commits = await (await adminOf(lab, cluster.alias)).groupOffsets(group, signal);
  const committed = new Map(commits.map((at) => [partitionKey(at), at.offset]));
  const unread = ranges.filter((range) => (committed.get(partitionKey(range)) ?? range.start) < range.end);
  return new Map(unread.map((range) => [partitionKey(range), range.end]));
}

/** `found` is null where the cluster never said whether the topic exists. */
async function errorOf(reading: Reading, found: boolean | null, signal: AbortSignal): Promise<KmkError | null> {
  const { lab, cluster, request, window } = reading;
  const { topic, messages, timeoutMs } = request;
  const context = { topic, cluster: cluster.alias, count: window.count };
  if (window.end === 'enough') return null;
  if (signal.aborted) {
    const { code } = abortError(signal);
    return new KmkError(code, `interrupted after ${window.count} records`, { context });
  }
  if (window.end !== 'timeout') return null;
  const within = `within ${timeoutMs ?? 0} ms`;
  if (found === null) {
    return new KmkError('KMK_WAIT_TIMEOUT', `cluster "${cluster.alias}" did not answer ${within}`, {
      hints: ['Run `kmk status` to see which clusters answer.'],
      context,
    });
  }
  if (!found) {
    const admin = await adminOf(lab, cluster.alias);
    return new KmkError('KMK_TOO_FEW_RECORDS', `topic "${topic}" did not appear on "${cluster.alias}" ${within}`, {
      hints: await unknownTopicHints(admin, topic, AbortSignal.timeout(2000)),
      context,
    });
  }
  const wanted = messages === null ? 'the ends of the partitions were not reached' : `of ${messages} records`;
  const text =
    messages === null
      ? `${wanted}: nothing came ${within} after ${window.count} records of "${topic}"`
      : `${window.count} ${wanted} of "${topic}" arrived from "${cluster.alias}" ${within}`;
  return new KmkError('KMK_TOO_FEW_RECORDS', text, {
    hints: ['Give more time with `--timeout`, or see with `kmk topic describe` how many there are.'],
    context,
  });
}
