import { userTopicFilter } from '../../domain/flow-filter.ts';
import type { Watermark } from '../../domain/lab/lab-record.ts';
import { reverseOf } from '../../domain/lab/layout.ts';
import type { Part } from '../../domain/plan/part.ts';
import { movedNow } from '../../domain/plan/part.ts';
import { isInternalTopic } from '../../domain/replication-policy.ts';
import type { Flow } from '../../domain/setup.ts';
import { standbyTakesWrites } from '../../domain/standby.ts';
import type { ClosedSide, StrayPart } from '../../domain/stray-records.ts';
import { max } from '../../domain/sync-history.ts';
import type { LogRange } from '../../domain/topic.ts';
import { partitionKey } from '../../domain/topic.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf, saveRecord } from '../lab/lab.ts';
import { mapLimited } from '../map-limited.ts';
import type { KafkaAdmin } from '../ports/kafka-admin.ts';
import { countRecords } from '../replicate/count-records.ts';

const PARALLEL_PARTITIONS = 8;

/** Log ends by `partitionKey`, as decimal strings; what is not named ended at 0. */
export type LogEnds = Readonly<Record<string, string>>;

/** Clusters that refuse clients' writes as standbys, in the order of the setup. */
export function closedStandbys({ record }: Pick<Lab, 'record'>): readonly string[] {
  if (standbyTakesWrites(record.setup)) return [];
  const { flows } = record.setup.replication;
  // A failback leads back along a flow of the setup: its source is a standby while the target is active.
  const ends = new Set(flows.flatMap(({ source, target }) => (target === record.active ? [source] : [target])));
  return record.setup.clusters.map(({ alias }) => alias).filter((alias) => alias !== record.active && ends.has(alias));
}

/** Partitions of the cluster that no flow writes: neither copies nor topics of MM2, Kafka and kmk. */
async function ownRanges(lab: Lab, alias: string, signal: AbortSignal): Promise<readonly LogRange[]> {
  const admin = await adminOf(lab, alias);
  const isCopy = copiesOn(lab, alias);
  const topics = (await admin.listTopics(signal)).filter((topic) => !isInternalTopic(topic) && !isCopy(topic));
  return admin.logRanges(topics, signal);
}

/** Whether a flow of the setup, or the way back of one, writes that topic on the cluster. */
function copiesOn({ record, layout: { policy } }: Lab, alias: string): (topic: string) => boolean {
  const { flows } = record.setup.replication;
  const into = [...flows, ...flows.map(reverseOf)].filter(({ target }) => target === alias);
  const filters = into.map((flow) => ({ flow, copied: userTopicFilter(flow, policy) }));
  return (topic) =>
    filters.some(({ flow, copied }) => {
      if (policy.name === 'identity') return copied(topic);
      return policy.topicSource(topic) === flow.source && copied(policy.upstreamTopic(topic) ?? topic);
    });
}

/** Where the cluster's own partitions end. */
export async function ownEnds(lab: Lab, alias: string, signal: AbortSignal): Promise<LogEnds> {
  return endsOf(await ownRanges(lab, alias, signal));
}

function endsOf(ranges: readonly LogRange[]): LogEnds {
  return Object.fromEntries(
    ranges.flatMap((range) => (range.end === 0n ? [] : [[partitionKey(range), range.end.toString()] as const])),
  );
}

/**
 * Records where the own partitions of a side end behind its fence: what comes later is a stray. Of a part only its topics:
 * what was written in others while the side was closed stays one.
 */
export async function recordClosed(lab: Lab, alias: string, part: Part | null, signal: AbortSignal): Promise<Lab> {
  if (standbyTakesWrites(lab.record.setup)) return lab;
  const { closed } = lab.record;
  const ranges = await ownRanges(lab, alias, signal);
  const ends = endsOf(part === null ? ranges : ranges.filter(({ topic }) => part.topics.includes(topic)));
  return saveRecord(lab, { closed: { ...closed, [alias]: part === null ? ends : { ...closed?.[alias], ...ends } } });
}

/** The record of closed sides without one that is opened. */
export function withoutSide(
  closed: Readonly<Record<string, LogEnds>> | undefined,
  alias: string,
): Readonly<Record<string, LogEnds>> {
  return Object.fromEntries(Object.entries(closed ?? {}).filter(([side]) => side !== alias));
}

/** What was written on each closed standby since it was closed. Throws where one does not answer. */
export async function closedSides(
  lab: Lab,
  signal: AbortSignal,
  aliases: readonly string[] = closedStandbys(lab),
): Promise<readonly ClosedSide[]> {
  return mapLimited(aliases, 2, async (alias): Promise<ClosedSide> => {
    const ends = lab.record.closed?.[alias];
    if (ends === undefined) return { alias, parts: null };
    return { alias, parts: await findStrays(lab, alias, ends, signal) };
  });
}

/** Records behind these ends in the cluster's own partitions; not in topics that waves have moved there. */
async function findStrays(lab: Lab, alias: string, ends: LogEnds, signal: AbortSignal): Promise<readonly StrayPart[]> {
  const moved = movedNow(lab.record);
  const open = new Set(moved?.to === alias ? moved.topics : []);
  const ranges = (await ownRanges(lab, alias, signal)).filter(({ topic }) => !open.has(topic));
  return grown(await adminOf(lab, alias), ranges, ends, signal);
}

/** Committed records behind the ends, a part for each partition that has any. */
async function grown(
  admin: KafkaAdmin,
  ranges: readonly LogRange[],
  ends: LogEnds,
  signal: AbortSignal,
): Promise<readonly StrayPart[]> {
  const longer = ranges.filter((range) => range.end > BigInt(ends[partitionKey(range)] ?? 0));
  const parts = await mapLimited(longer, PARALLEL_PARTITIONS, async (range) => {
    const { topic, partition, start, end } = range;
    const from = max(start, BigInt(ends[partitionKey(range)] ?? 0));
    const records = Number(await countRecords(admin, { topic, partition, from, to: end }, signal));
    return { topic, partition, from: from.toString(), to: end.toString(), records };
  });
  return parts.filter(({ records }) => records > 0);
}

/**
 * Where the way back begins in a partition: at its end, but before what was written there while the cluster was closed,
 * which no flow has carried.
 */
export function beforeStrays(lab: Lab, alias: string): (range: LogRange) => bigint {
  const ends = lab.record.closed?.[alias];
  const isCopy = copiesOn(lab, alias);
  return (range) => {
    if (ends === undefined || isInternalTopic(range.topic) || isCopy(range.topic)) return range.end;
    const closedAt = max(range.start, BigInt(ends[partitionKey(range)] ?? 0));
    return closedAt < range.end ? closedAt : range.end;
  };
}

/** Ends on the new active of own topics that the way back does not copy: what grows there stays there. */
export async function outsideEnds(lab: Lab, reverse: Flow, signal: AbortSignal): Promise<LogEnds> {
  const carried = userTopicFilter(reverse, lab.layout.policy);
  return endsOf((await ownRanges(lab, reverse.source, signal)).filter(({ topic }) => !carried(topic)));
}

/** What was written on the cluster that is left and the way back does not bring. */
export interface Uncarried {
  /** In topics that no flow copies. */
  readonly outside: readonly StrayPart[];
  /** In copies of the other side's topics, by somebody else than MM2. */
  readonly copies: readonly StrayPart[];
}

/** Of a promotion; what was not recorded when it was made is not judged. */
export async function findUncarried(lab: Lab, reverse: Flow, signal: AbortSignal): Promise<Uncarried> {
  const { promotion } = lab.record;
  if (promotion === null) return { outside: [], copies: [] };
  const { policy } = lab.layout;
  const admin = await adminOf(lab, reverse.source);
  const carried = userTopicFilter(reverse, policy);
  const own = await ownRanges(lab, reverse.source, signal);
  const local = own.filter(({ topic }) => !carried(topic));
  const outside = promotion.outside === undefined ? [] : await grown(admin, local, promotion.outside, signal);
  if (policy.name === 'identity') return { outside, copies: [] };
  const marks = promotion.mirrored.map((mark) => copyMark(lab, reverse, mark));
  const ranges = await admin.logRanges([...new Set(marks.map(({ topic }) => topic))], signal);
  const known = new Map(marks.map((mark) => [partitionKey(mark), mark.d]));
  const copies = ranges.filter((range) => known.has(partitionKey(range)));
  return { outside, copies: await grown(admin, copies, Object.fromEntries(known), signal) };
}

function copyMark(lab: Lab, reverse: Flow, mark: Watermark): Watermark {
  return { ...mark, topic: lab.layout.policy.remoteTopic(reverse.target, mark.topic) };
}
