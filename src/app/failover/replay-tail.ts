import { KmkError } from '../../domain/errors.ts';
import { fingerprint } from '../../domain/fingerprint.ts';
import { readReplay, replayHeaders, replayKey } from '../../domain/replay-headers.ts';
import type { Flow } from '../../domain/setup.ts';
import type { ReplayMark, ResolvedTail, TailPart } from '../../domain/stranded-tail.ts';
import { tailSize } from '../../domain/stranded-tail.ts';
import { partitionKey } from '../../domain/topic.ts';
import { clusterLayout } from '../../domain/lab/layout.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import type { RecordProducer } from '../ports/record-client.ts';
import type { StoredRecord } from '../ports/stored-record.ts';
import { readTail } from './read-tail.ts';

/** Records sent at once. */
const PORTION = 500;

type Replayed = ResolvedTail['replayed'];

/** Where the returned cluster's records go, and what names them. */
interface Way {
  readonly forward: Flow;
  readonly clusterId: string;
  readonly topicIds: ReadonlyMap<string, string>;
}

/** Where the active cluster's partitions end before anything is replayed: what was replayed lies behind that. */
export async function readReplayStart(
  lab: Lab,
  forward: Flow,
  parts: readonly TailPart[],
  signal: AbortSignal,
): Promise<readonly ReplayMark[]> {
  const active = await adminOf(lab, forward.target);
  const ranges = await active.logRanges([...new Set(parts.map(({ topic }) => topic))], signal);
  const ends = new Map(ranges.map((range) => [partitionKey(range), range.end]));
  return parts.map(({ topic, partition }) => {
    const end = ends.get(partitionKey({ topic, partition }));
    if (end !== undefined) return { topic, partition, offset: end.toString() };
    throw new KmkError('KMK_WRONG_STATE', `"${forward.target}" has no partition ${partition} of topic "${topic}"`, {
      hints: [`Create it there with \`kmk topic create\`, or use \`--stranded export\`.`],
    });
  });
}

/**
 * Writes each record of the tail into the same partition of the active cluster, with its own headers, kmk's key and its
 * origin. What an earlier call has written is found by its key and left out. Reads back: each is there once, as it was.
 * Throws KMK_VERIFY_FAILED.
 */
export async function replayTail(
  lab: Lab,
  forward: Flow,
  { parts, replayFrom }: Pick<ResolvedTail, 'parts' | 'replayFrom'>,
  signal: AbortSignal,
): Promise<Replayed> {
  const source = await adminOf(lab, forward.source);
  const [{ clusterId }, topicIds] = await Promise.all([
    source.describeCluster(signal),
    source.topicIds([...new Set(parts.map(({ topic }) => topic))], signal),
  ]);
  const way: Way = { forward, clusterId, topicIds };
  const starts = new Map(replayFrom.map((mark) => [partitionKey(mark), mark.offset]));
  await using producer = await lab.tools.producer(clusterLayout(lab.layout, forward.target), { as: 'kmk' });
  let done = 0;
  const replayed: Replayed[number][] = [];
  for (const part of parts) {
    const start = starts.get(partitionKey(part)) ?? '0';
    const there = await findReplayed(lab, way, part, start, signal);
    for await (const records of readTail(lab, forward.source, part, signal)) {
      await sendMissing(way, { producer, records, there: there.keys }, signal);
      done += records.length;
      const text = `${done} records replayed`;
      lab.tools.events.emit('step.progress', { id: 'tail', text, done, total: tailSize(parts) });
    }
    replayed.push(await readBack(lab, way, part, start, signal));
  }
  return replayed;
}

interface Found {
  /** Fingerprints of the replayed records by key. */
  readonly keys: ReadonlyMap<string, number>;
  readonly twice: readonly string[];
  /** Offset after the last one. */
  readonly end: bigint;
}

/** What of the partition is on the active cluster already, as its originals were: without kmk's headers. */
async function findReplayed(
  lab: Lab,
  way: Way,
  { topic, partition }: TailPart,
  start: string,
  signal: AbortSignal,
): Promise<Found> {
  const active = await adminOf(lab, way.forward.target);
  const range = (await active.logRanges([topic], signal)).find((at) => at.partition === partition);
  const keys = new Map<string, number>();
  const twice: string[] = [];
  let end = BigInt(start);
  const wanted = replayKey(way.clusterId, way.topicIds.get(topic) ?? topic, partition, 0n).slice(0, -1);
  const span = { topic, partition, from: start, to: (range?.end ?? end).toString() };
  for await (const records of readTail(lab, way.forward.target, span, signal)) {
    for (const record of records) {
      const replay = readReplay(record.headers);
      if (replay?.key.startsWith(wanted) !== true) continue;
      if (keys.has(replay.key)) twice.push(replay.key);
      keys.set(replay.key, fingerprint({ ...record, headers: replay.headers }, false));
      end = record.offset + 1n;
    }
  }
  return { keys, twice, end };
}

async function sendMissing(
  way: Way,
  at: {
    readonly producer: RecordProducer;
    readonly records: readonly StoredRecord[];
    readonly there: ReadonlyMap<string, number>;
  },
  signal: AbortSignal,
): Promise<void> {
  const missing = at.records.filter((record) => !at.there.has(keyOf(way, record)));
  for (let first = 0; first < missing.length; first += PORTION) {
    const portion = missing.slice(first, first + PORTION).map((record) => ({
      ...{ key: record.key, value: record.value, partition: record.partition, timestampMs: record.timestampMs },
      headers: replayHeaders(record, way.forward.source, keyOf(way, record)),
    }));
    await at.producer.send(missing[0]?.topic ?? '', portion, signal);
  }
}

async function readBack(
  lab: Lab,
  way: Way,
  part: TailPart,
  start: string,
  signal: AbortSignal,
): Promise<Replayed[number]> {
  const { topic, partition } = part;
  const { keys, twice, end } = await findReplayed(lab, way, part, start, signal);
  const [again] = twice;
  if (again !== undefined) throw wrong(part, `${twice.length} records are there twice, such as ${again}`);
  let records = 0;
  for await (const some of readTail(lab, way.forward.source, part, signal)) {
    for (const record of some) {
      records += 1;
      const there = keys.get(keyOf(way, record));
      if (there === undefined) throw wrong(part, `offset ${record.offset} is not there`);
      if (there !== fingerprint(record, false)) throw wrong(part, `offset ${record.offset} is not as it was`);
    }
  }
  if (keys.size !== records) throw wrong(part, `${keys.size} records are there, of ${records}`);
  return { topic, partition, offset: end.toString(), records };
}

function keyOf({ clusterId, topicIds }: Way, { topic, partition, offset }: StoredRecord): string {
  return replayKey(clusterId, topicIds.get(topic) ?? topic, partition, offset);
}

function wrong({ topic, partition }: TailPart, what: string): KmkError {
  return new KmkError('KMK_VERIFY_FAILED', `the replay of ${topic}-${partition} was read back: ${what}`, {
    hints: ['Run `kmk failback` again: what is there is not written twice.'],
    context: { topic, partition },
  });
}
