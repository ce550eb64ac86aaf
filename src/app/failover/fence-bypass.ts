import { writerText } from '../../domain/authorizer-log.ts';
import { KmkError } from '../../domain/errors.ts';
import type { BypassedWrites, BypassRecord } from '../../domain/fence-bypass.ts';
import { bypassText, writesByProducer } from '../../domain/fence-bypass.ts';
import type { Flow } from '../../domain/setup.ts';
import type { TailPart } from '../../domain/stranded-tail.ts';
import type { LogRange } from '../../domain/topic.ts';
import { partitionKey } from '../../domain/topic.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import type { KafkaAdmin } from '../ports/kafka-admin.ts';
import { copiedUserTopics } from '../replicate/source-topics.ts';
import { writersInLog } from './writers-in-log.ts';

/** Ends of the source's partitions behind its fence, by `partitionKey`, as decimal strings. */
export type FencedEnds = Readonly<Record<string, string>>;

/**
 * What was written on the flow's source since `ends` were read behind its fence, by partition and producer: the range and
 * the producer from the batches, an open transaction from the partition's leader. Markers that end a transaction are no
 * writes: a fenced client may still commit.
 */
export async function findBypass(
  lab: Lab,
  flow: Flow,
  ends: FencedEnds,
  signal: AbortSignal,
): Promise<readonly BypassedWrites[]> {
  const source = await adminOf(lab, flow.source);
  const topics = await copiedUserTopics(lab, flow, signal);
  const found: BypassedWrites[] = [];
  for (const range of await source.logRanges(topics, signal)) {
    const from = BigInt(ends[partitionKey(range)] ?? 0);
    if (range.end > from) found.push(...(await writesSince(source, range, from, signal)));
  }
  for (const writes of found) lab.tools.events.emit('fence.bypassed', { cluster: flow.source, ...writes });
  return found;
}

/**
 * Who wrote on the source after the promotion, by partition and producer, among records that never crossed: topics with
 * two writers at once. Goes by the records' times, which under CreateTime are their clients'.
 */
export async function findSecondWriters(
  lab: Lab,
  flow: Flow,
  parts: readonly TailPart[],
  signal: AbortSignal,
): Promise<readonly BypassedWrites[]> {
  const since = Date.parse(lab.record.promotion?.at ?? '');
  const source = await adminOf(lab, flow.source);
  const found: BypassedWrites[] = [];
  for (const part of parts) {
    const range = { ...part, start: BigInt(part.from), end: BigInt(part.to) };
    found.push(...(await writesSince(source, range, range.start, signal, since)));
  }
  return found;
}

async function writesSince(
  source: KafkaAdmin,
  range: LogRange,
  from: bigint,
  signal: AbortSignal,
  sinceMs = -Infinity,
) {
  const records: BypassRecord[] = [];
  const read = { from, to: range.end, uncommitted: true, signal };
  const take = ({ offset, timestampMs, batch }: Parameters<Parameters<KafkaAdmin['readPartition']>[1]>[0]): void => {
    if (timestampMs <= sinceMs) return;
    const { producerId = -1n, producerEpoch = -1 } = batch ?? {};
    records.push({ offset, timestampMs, producerId, producerEpoch });
  };
  await source.readPartition(range, take, read);
  return records.length === 0 ? [] : writesByProducer(range, records, await source.describeProducers(range, signal));
}

/** Throws KMK_FENCE_BYPASSED, saying who wrote what, where anything was written on the source since `ends`. */
export async function refuseBypass(lab: Lab, flow: Flow, ends: FencedEnds, signal: AbortSignal): Promise<void> {
  const found = await findBypass(lab, flow, ends, signal);
  const [first] = found;
  if (first === undefined) return;
  const { topic, partition, producerId, producerEpoch } = first;
  const writers = await writersInLog(lab, flow.source, [...new Set(found.map((writes) => writes.topic))], signal);
  throw new KmkError(
    'KMK_FENCE_BYPASSED',
    `records were written on "${flow.source}" past its fence: ${bypassText(first)}`,
    {
      hints: [
        ...found.slice(1, 5).map((writes) => `Also, ${bypassText(writes)}.`),
        ...(writers.length === 0 ? [] : [`Its authorizer's log names ${writers.map(writerText).join(', ')}.`]),
        `A super user, or a principal that the fence does not name, writes there. Stop it, then run the command again.`,
      ],
      context: { cluster: flow.source, topic, partition, producerId, producerEpoch, writers: found.length },
    },
  );
}
