import type { GroupOffsets } from '../../domain/documents.ts';
import { groupFilter, userTopicFilter } from '../../domain/flow-filter.ts';
import { translateExactly } from '../../domain/exact-translation.ts';
import type { KnownPosition } from '../../domain/position-verdict.ts';
import { judgePosition } from '../../domain/position-verdict.ts';
import type { Flow } from '../../domain/setup.ts';
import type { GroupDescription, GroupListing } from '../../domain/consumer-group.ts';
import type { GroupCarriage } from '../../domain/group-carriage.ts';
import type { SeenCommit } from '../../domain/last-commit.ts';
import { lastCommit } from '../../domain/last-commit.ts';
import { upstreamOfCommit } from '../../domain/group-commit.ts';
import { groupCarriage } from '../../domain/group-carriage.ts';
import type { Syncs } from '../../domain/sync-history.ts';
import type { LogRange, TopicPartition, TopicPartitionOffset } from '../../domain/topic.ts';
import { partitionKey, partitionOfKey } from '../../domain/topic.ts';
import type { Samples } from '../../domain/watch/samples.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import { mapLimited } from '../map-limited.ts';
import type { Scope, Translator } from './flow-translator.ts';
import { readScope, readTranslator } from './flow-translator.ts';
import type { StoredCheckpoint } from './mm2-records.ts';
import { NO_SYNCS } from './mm2-records.ts';
import type { NewerCommits } from './newer-commits.ts';
import { readNewerCommits } from './newer-commits.ts';
import type { Question } from './prove-positions.ts';
import { compareWhereNeeded } from './prove-positions.ts';
import { readCopies } from './read-copies.ts';
import { readSamples } from './sample-files.ts';
import { seenCommit } from './samples.ts';

/** Group requests under way at once per cluster: hundreds of groups must not open hundreds of requests. */
const PARALLEL_GROUPS = 32;

export interface GroupPositionRequest {
  readonly flow: Flow;
  /** Only these groups; all that the flow checkpoints where empty. */
  readonly groups: readonly string[];
  /** False where the source is gone: what is known then is the last checkpoint. */
  readonly sourceReachable: boolean;
  /** Compare contents where syncs alone prove no exact position: reads windows of both logs. */
  readonly compare?: boolean;
  /** All that the source has was copied, and so was whatever a task that died had left to its successor. */
  readonly drained?: boolean;
  /** Share and streams groups too, where they have no position: for what is shown. */
  readonly rowless?: boolean;
}

/** What a group has committed. */
interface Committed {
  readonly description: GroupDescription;
  readonly onTarget: readonly TopicPartitionOffset[];
  /** null where the source is gone. */
  readonly onSource: readonly TopicPartitionOffset[] | null;
}

const NONE: NewerCommits = new Map();

interface Told extends Committed {
  /** Commits of MM2 on the target that no checkpoint tells of, by `partitionKey`. */
  readonly newer: ReadonlyMap<string, bigint>;
  /** What a watch has seen of the source; null without one, and while the source answers. */
  readonly samples: Samples | null;
}

/**
 * Positions of the flow's groups on both sides, translated forward, sorted by group, topic and partition. Read in the
 * order in which one rests on the other, so that a running flow never makes a position look ahead: commits on the
 * target, then those on the source, then ends and syncs.
 */
export async function readGroupPositions(
  lab: Lab,
  request: GroupPositionRequest,
  signal: AbortSignal,
): Promise<readonly GroupOffsets[]> {
  const { flow, sourceReachable } = request;
  const scope = await readScope(lab, flow, signal);
  const samples = sourceReachable ? null : await readSamples(lab, flow);
  const names = await groupNames(scope, request, Object.keys(samples?.groups ?? {}), signal);
  const listed = sourceReachable ? await (await adminOf(lab, flow.source)).listGroups(signal) : [];
  const descriptions = await (await adminOf(lab, flow.target)).describeGroups(names, signal);
  const committed = await mapLimited(descriptions, PARALLEL_GROUPS, (description) =>
    readCommitted(lab, request, description, signal),
  );
  const carriages = carriagesOf(scope, listed, committed);
  const newer = sourceReachable ? NONE : await readNewerCommits(scope, descriptions, signal);
  const translator = await readTranslator(scope, sourceReachable, signal);
  const positions = committed.map((of) => ({
    of,
    partitions: positionsOf(scope, { ...of, samples, newer: newer.get(of.description.group) ?? new Map() }, translator),
  }));
  const all = positions.flatMap(({ partitions }) => partitions);
  const asked = request.compare === true && sourceReachable ? all : [];
  const windows = await compareWhereNeeded(lab, flow, forwardQuestions(asked), signal);
  const doubted = request.drained !== true && (request.compare === true || !sourceReachable) ? all : [];
  const copies = await readCopies(lab, flow, doubted, signal);
  return positions
    .map(({ of: { description }, partitions }) => {
      const { group, type, state } = description;
      const judged = partitions.map((at) => {
        return judgePosition({ ...at, windows: windows.get(partitionKey(at)) ?? [], copies: copies(at) });
      });
      return { group, type, state, partitions: judged, carriage: carriages.get(group) ?? [] };
    })
    .filter(({ partitions, carriage }) => partitions.length > 0 || (request.rowless === true && isOther(carriage)));
}

/** What MM2 does with the groups that the source has. */
function carriagesOf(
  { lab, flow }: Scope,
  listed: readonly GroupListing[],
  committed: readonly Committed[],
): ReadonlyMap<string, readonly GroupCarriage[]> {
  const copied = userTopicFilter(flow, lab.layout.policy);
  const named = new Map(listed.map((group) => [group.group, group]));
  return new Map(
    committed.flatMap(({ description: { group }, onSource }) => {
      const listing = named.get(group);
      if (listing === undefined) return [];
      const hasCommit = topicsOf(onSource ?? []).some(copied);
      return [[group, [groupCarriage(flow, listing, hasCommit)]] as const];
    }),
  );
}

function isOther(carriage: readonly GroupCarriage[]): boolean {
  return carriage.some(({ type }) => type === 'share' || type === 'streams');
}

/** What to ask of contents for positions on the source. */
export function forwardQuestions(positions: readonly KnownPosition[]): readonly Question[] {
  return positions.flatMap((at) => {
    const { committed, remoteEnd, sourceReachable, syncs } = at;
    if (committed === null || at.voidBecause !== null) return [];
    return [
      { twin: at, ask: ({ windows }) => translateExactly(syncs, committed, { remoteEnd, sourceReachable, windows }) },
    ];
  });
}

async function groupNames(
  { lab, checkpoints }: Scope,
  request: GroupPositionRequest,
  seen: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (request.groups.length > 0) return [...new Set(request.groups)].toSorted();
  const admins = [await adminOf(lab, request.flow.target)];
  if (request.sourceReachable) admins.push(await adminOf(lab, request.flow.source));
  const listed = (await Promise.all(admins.map((admin) => admin.listGroups(signal)))).flat();
  const wanted = groupFilter(request.flow);
  const names = [...listed.map(({ group }) => group), ...checkpoints.newest.keys(), ...seen];
  return [...new Set(names)].filter(wanted).toSorted();
}

async function readCommitted(
  lab: Lab,
  { flow, sourceReachable }: GroupPositionRequest,
  description: GroupDescription,
  signal: AbortSignal,
): Promise<Committed> {
  const { group } = description;
  const onTarget = await (await adminOf(lab, flow.target)).groupOffsets(group, signal);
  const onSource = sourceReachable ? await (await adminOf(lab, flow.source)).groupOffsets(group, signal) : null;
  return { description, onTarget, onSource };
}

function positionsOf(scope: Scope, committed: Told, translator: Translator): readonly KnownPosition[] {
  const { group } = committed.description;
  const read = new Set([
    ...topicsOf(committed.onTarget).filter((topic) => scope.upstream.has(topic)),
    ...[...(scope.checkpoints.newest.get(group)?.values() ?? [])].map(({ topic }) => topic),
    ...topicsOf(committed.onSource ?? []).flatMap((topic) => remoteOf(scope, topic)),
    ...topicsSeen(committed.samples, group).flatMap((topic) => remoteOf(scope, topic)),
  ]);
  return translator.remote
    .filter((range) => read.has(range.topic))
    .map((range) => position(scope, committed, translator, range))
    .toSorted((a, b) => a.remoteTopic.localeCompare(b.remoteTopic) || a.partition - b.partition);
}

function remoteOf({ lab, flow, upstream }: Scope, topic: string): readonly string[] {
  const remote = lab.layout.policy.remoteTopic(flow.source, topic);
  return upstream.has(remote) ? [remote] : [];
}

function position(scope: Scope, committed: Told, translator: Translator, range: LogRange): KnownPosition {
  const { description, onSource, onTarget } = committed;
  const topic = scope.upstream.get(range.topic) ?? range.topic;
  const checkpoint = scope.checkpoints.newest.get(description.group)?.get(partitionKey(range)) ?? null;
  const at = { topic, partition: range.partition };
  const syncs = translator.syncs.get(partitionKey(at)) ?? NO_SYNCS;
  const targetCommitted = offsetAt(onTarget, range);
  const newer = committed.newer.get(partitionKey(range));
  const seen = seenCommit(committed.samples, description.group, partitionKey(at));
  const known =
    onSource === null
      ? lastKnown(syncs, { checkpoint, seen, newer, onTarget: targetCommitted })
      : { committed: offsetAt(onSource, at), atLeast: false };
  return {
    ...at,
    ...known,
    remoteTopic: range.topic,
    checkpoint: checkpoint?.downstreamOffset ?? null,
    checkpointOf: checkpoint?.upstreamOffset ?? null,
    targetCommitted,
    remoteStart: range.start,
    remoteEnd: range.end,
    sourceReachable: translator.sourceReachable,
    syncs,
    windows: [],
    voidBecause: translator.recreated.get(topic) ?? null,
  };
}

/** What the group had committed on a source that is gone. A commit that is there no more says nothing. */
function lastKnown(
  syncs: Syncs,
  known: {
    readonly checkpoint: StoredCheckpoint | null;
    readonly seen: SeenCommit | null;
    readonly newer: bigint | undefined;
    readonly onTarget: bigint | null;
  },
): Pick<KnownPosition, 'committed' | 'atLeast' | 'seenMs'> {
  const { checkpoint, seen, newer, onTarget } = known;
  // Without any checkpoint nothing tells whether MM2 knows this group.
  const isMm2s = checkpoint !== null && newer !== undefined && newer === onTarget;
  const { committed, atLeast, sampled } = lastCommit(seen, checkpoint, isMm2s ? upstreamOfCommit(syncs, newer) : null);
  return { committed, atLeast, ...(sampled && seen !== null ? { seenMs: seen.beganMs } : {}) };
}

function topicsSeen(samples: Samples | null, group: string): readonly string[] {
  const keys = Object.keys(samples?.groups[group]?.offsets ?? {});
  return [...new Set(keys.map((key) => partitionOfKey(key).topic))];
}

/** The offset committed there; null where there is none. */
export function offsetAt(offsets: readonly TopicPartitionOffset[], at: TopicPartition): bigint | null {
  return offsets.find(({ topic, partition }) => topic === at.topic && partition === at.partition)?.offset ?? null;
}

function topicsOf(offsets: readonly TopicPartitionOffset[]): readonly string[] {
  return [...new Set(offsets.map(({ topic }) => topic))];
}
