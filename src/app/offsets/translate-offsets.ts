import type { GroupOffsets, OffsetsDocument, PartitionOffsets } from '../../domain/documents.ts';
import { KmkError } from '../../domain/errors.ts';
import { judgeAlone } from '../../domain/position-verdict.ts';
import type { TopicPartition, TopicPartitionOffset } from '../../domain/topic.ts';
import { partitionKey } from '../../domain/topic.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf, forwardFlows } from '../lab/lab.ts';
import { requirePartition } from '../topics/ensure-topic.ts';
import { namedHints } from '../topics/unknown-topic.ts';
import type { Scope } from './flow-translator.ts';
import { readScope, readTranslator } from './flow-translator.ts';
import { forwardQuestions, readGroupPositions } from './group-positions.ts';
import { NO_SYNCS } from './mm2-records.ts';
import { compareWhereNeeded } from './prove-positions.ts';
import { readCopies } from './read-copies.ts';
import { answers, mergeGroups, unknownPosition } from './show-offsets.ts';
import { groupBack, translateBackAll } from './translate-back.ts';

export type Direction = 'forward' | 'inverse';

/** One position, of a topic by its own name or by that of its copy. */
export interface PositionRequest extends TopicPartitionOffset {
  /** Without one: inverse where the topic is a copy, else forward. */
  readonly direction: Direction | undefined;
}

/** The positions of a group. */
export interface GroupRequest {
  readonly group: string;
  /** A topic by its own name or by that of its copy; every one that a flow copies where undefined. */
  readonly topic: string | undefined;
  readonly partition: number | undefined;
  readonly direction: Direction;
}

/**
 * Translates one position, in a document whose only group has no name. Compares contents where both sides answer. Throws
 * KMK_TOPIC_UNKNOWN where no flow copies the topic, KMK_USAGE for a partition or an offset that it does not have.
 */
export async function translatePosition(
  lab: Lab,
  request: PositionRequest,
  signal: AbortSignal,
): Promise<OffsetsDocument> {
  const partitions: PartitionOffsets[] = [];
  const known: string[] = [];
  for (const flow of forwardFlows(lab)) {
    const scope = await readScope(lab, flow, signal);
    known.push(...scope.upstream.keys(), ...scope.upstream.values());
    const remoteTopic = copyOf(scope, request.topic);
    if (remoteTopic === null) continue;
    const named = remoteTopic === request.topic && scope.upstream.get(remoteTopic) !== request.topic;
    const at = { topic: remoteTopic, partition: request.partition, offset: request.offset };
    const direction = request.direction ?? (named ? 'inverse' : 'forward');
    partitions.push(await (direction === 'forward' ? forward : back)(scope, at, signal));
  }
  if (partitions.length === 0) throw notCopied(request.topic, known);
  return { schema: 'kmk.offsets/v1', groups: [{ group: '', type: 'unknown', state: 'Dead', partitions }] };
}

/** Translates the positions of a group: its commits on the source, or inverse those on copies. Throws KMK_GROUP_UNKNOWN. */
export async function translateGroup(lab: Lab, request: GroupRequest, signal: AbortSignal): Promise<OffsetsDocument> {
  const { group, topic, partition, direction } = request;
  const found: GroupOffsets[] = [];
  for (const flow of forwardFlows(lab)) {
    const sourceReachable = await answers(lab, flow, signal);
    if (direction === 'forward') {
      const of = { flow, groups: [group], sourceReachable, compare: true };
      found.push(...(await readGroupPositions(lab, of, signal)));
    } else found.push(await groupBack(lab, flow, { group, sourceReachable }, signal));
  }
  const wanted = ({ topic: original, remoteTopic, partition: number }: PartitionOffsets): boolean =>
    (topic === undefined || topic === original || topic === remoteTopic) &&
    (partition === undefined || partition === number);
  const groups = mergeGroups(found)
    .map((of) => ({ ...of, partitions: of.partitions.filter(wanted) }))
    .filter(({ partitions }) => partitions.length > 0);
  if (groups.length === 0) throw await unknownPosition(lab, group, signal);
  return { schema: 'kmk.offsets/v1', groups };
}

async function forward(scope: Scope, at: TopicPartitionOffset, signal: AbortSignal): Promise<PartitionOffsets> {
  const { lab, flow } = scope;
  const sourceReachable = await answers(lab, flow, signal);
  const translator = await readTranslator(scope, sourceReachable, signal);
  const range = partitionOf(translator.remote, at);
  const source = { topic: scope.upstream.get(at.topic) ?? at.topic, partition: at.partition };
  if (sourceReachable) {
    const ranges = await (await adminOf(lab, flow.source)).logRanges([source.topic], signal);
    refusePast(source, at.offset, partitionOf(ranges, source).end);
  }
  const known = {
    ...{ ...source, remoteTopic: at.topic, committed: at.offset, atLeast: false },
    ...{ checkpoint: null, checkpointOf: null, targetCommitted: null },
    ...{ remoteStart: range.start, remoteEnd: range.end, sourceReachable, windows: [] },
    syncs: translator.syncs.get(partitionKey(source)) ?? NO_SYNCS,
    voidBecause: translator.recreated.get(source.topic) ?? null,
  };
  const asked = sourceReachable ? forwardQuestions([known]) : [];
  const windows = await compareWhereNeeded(lab, flow, asked, signal);
  const copies = await readCopies(lab, flow, [known], signal);
  return judgeAlone({ ...known, windows: windows.get(partitionKey(source)) ?? [], copies: copies(known) });
}

async function back(scope: Scope, at: TopicPartitionOffset, signal: AbortSignal): Promise<PartitionOffsets> {
  const { lab, flow } = scope;
  const sourceReachable = await answers(lab, flow, signal);
  const translator = await readTranslator(scope, sourceReachable, signal);
  refusePast(at, at.offset, partitionOf(translator.remote, at).end);
  const [row] = await translateBackAll(scope, translator, { positions: [at], sourceCommits: [] }, signal);
  if (row === undefined) throw new Error(`no translation of ${partitionKey(at)}`);
  return row;
}

/** Name of the topic's copy, whichever of the two names was given; null where the flow has none. */
function copyOf({ upstream }: Scope, topic: string): string | null {
  const own = [...upstream].find(([, original]) => original === topic)?.[0];
  return own ?? (upstream.has(topic) ? topic : null);
}

function partitionOf<T extends TopicPartition>(ranges: readonly T[], { topic, partition }: TopicPartition): T {
  const own = ranges.filter((range) => range.topic === topic);
  const found = own.find((range) => range.partition === partition);
  if (found !== undefined) return found;
  requirePartition(topic, partition, own.length);
  throw new KmkError('KMK_TOPIC_UNKNOWN', `topic "${topic}" does not exist`, { context: { topic } });
}

function refusePast({ topic, partition }: TopicPartition, offset: bigint, end: bigint): void {
  if (offset <= end) return;
  throw new KmkError('KMK_USAGE', `offset ${offset} is past the end of ${topic}-${partition}, which is ${end}`, {
    context: { topic, partition, offset: offset.toString(), end: end.toString() },
  });
}

function notCopied(topic: string, known: readonly string[]): KmkError {
  return new KmkError('KMK_TOPIC_UNKNOWN', `no flow has copied a topic "${topic}"`, {
    hints: namedHints(topic, [...new Set(known)], 'Run `kmk topic list` to see the topics and their copies.'),
    context: { topic },
  });
}
