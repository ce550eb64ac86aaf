import type { GroupOffsets, OffsetChange } from '../../domain/documents.ts';
import { KmkError } from '../../domain/errors.ts';
import type { Flow } from '../../domain/setup.ts';
import { flowId } from '../../domain/setup.ts';
import { refuseLiveGroups } from '../groups/live-groups.ts';
import type { Lab } from '../lab/lab.ts';
import { flowsInto, resolveCluster } from '../lab/lab.ts';
import { unknownTopic } from '../topics/unknown-topic.ts';
import { copiedUserTopics } from '../replicate/source-topics.ts';
import { readGroupPositions } from './group-positions.ts';
import { refuseDedicated } from './quiet-checkpoints.ts';
import { answers, mergeGroups, unknownPosition } from './show-offsets.ts';

export interface SyncRequest {
  /** Only these; all that flows carry where empty. */
  readonly groups: readonly string[];
  /** Names on the source; all that flows copy where empty. */
  readonly topics: readonly string[];
  /** Alias or role of the target; may be left out where all flows end at one cluster. */
  readonly cluster: string | undefined;
}

export interface LeftAlone {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly reason: string;
}

export interface SyncPlan {
  readonly request: SyncRequest;
  readonly target: string;
  readonly flows: readonly Flow[];
  /** Every group and partition asked for, with what is known of it. */
  readonly groups: readonly GroupOffsets[];
  /** What has to be written; empty where each target position is the best one already. */
  readonly changes: readonly OffsetChange[];
  /** Commits of the source for which no position is known. */
  readonly left: readonly LeftAlone[];
  /** What a person should know before agreeing. */
  readonly warnings: readonly string[];
}

/**
 * The best position of each group on the target. Changes nothing. Throws KMK_WRONG_STATE after a failover and for
 * dedicated MM2, KMK_KAFKA_UNREACHABLE where a source does not answer, KMK_GROUP_ACTIVE, KMK_GROUP_UNKNOWN,
 * KMK_TOPIC_UNKNOWN.
 */
export async function planSync(lab: Lab, request: SyncRequest, signal: AbortSignal): Promise<SyncPlan> {
  refusePromoted(lab);
  const target = resolveCluster(lab, request.cluster ?? 'target').alias;
  const flows = flowsInto(lab, target);
  if (flows.length === 0) throw new KmkError('KMK_WRONG_STATE', `no flow ends at "${target}"`);
  refuseDedicated(lab, flows);
  for (const flow of flows) if (!(await answers(lab, flow, signal))) throw sourceGone(flow);
  await refuseUnknownTopics(lab, flows, request.topics, signal);
  const found: GroupOffsets[] = [];
  for (const flow of flows) {
    const { groups } = request;
    found.push(...(await readGroupPositions(lab, { flow, groups, sourceReachable: true, compare: true }, signal)));
  }
  const groups = withinTopics(mergeGroups(found), request.topics);
  const missing = request.groups.find((group) => !groups.some((known) => known.group === group));
  if (missing !== undefined) throw await unknownPosition(lab, missing, signal);
  const changes = groups.flatMap((group) => changesOf(target, group));
  const changed = [...new Set(changes.map(({ group }) => group))];
  await refuseLiveGroups(lab, target, changed, signal);
  const left = groups.flatMap(leftOf);
  return { request, target, flows, groups, changes, left, warnings: warningsOf(changes, left) };
}

function withinTopics(groups: readonly GroupOffsets[], topics: readonly string[]): readonly GroupOffsets[] {
  if (topics.length === 0) return groups;
  return groups
    .map((group) => ({ ...group, partitions: group.partitions.filter(({ topic }) => topics.includes(topic)) }))
    .filter(({ partitions }) => partitions.length > 0);
}

function changesOf(cluster: string, { group, partitions }: GroupOffsets): readonly OffsetChange[] {
  return partitions.flatMap(({ remoteTopic, partition, best, targetCommitted, proof }): readonly OffsetChange[] => {
    if (best === null || best === targetCommitted) return [];
    return [{ cluster, group, topic: remoteTopic, partition, previous: targetCommitted, offset: best, proof }];
  });
}

function leftOf({ group, partitions }: GroupOffsets): readonly LeftAlone[] {
  return partitions.flatMap((at): readonly LeftAlone[] => {
    if (at.committed === null || at.best !== null) return [];
    return [
      {
        group,
        topic: at.remoteTopic,
        partition: at.partition,
        reason: at.reason ?? 'no offset sync at or before the commit',
      },
    ];
  });
}

function warningsOf(changes: readonly OffsetChange[], left: readonly LeftAlone[]): readonly string[] {
  const lowered = changes.filter(({ previous, offset }) => previous !== null && BigInt(offset ?? 0) < BigInt(previous));
  return [
    ...lowered.map(
      ({ group, topic, partition, previous, offset }) =>
        `group "${group}" goes back on ${topic}-${partition}, from ${previous ?? ''} to ${offset ?? ''}: what lies between is read again`,
    ),
    ...left.map(
      ({ group, topic, partition, reason }) => `${topic}-${partition} of group "${group}" is left alone: ${reason}`,
    ),
  ];
}

function refusePromoted({ record: { promotion } }: Lab): void {
  if (promotion === null) return;
  throw new KmkError('KMK_WRONG_STATE', `"${promotion.to}" was promoted: groups make their own progress there`, {
    hints: ['Run `kmk failback` first, which takes their progress back.'],
    context: { active: promotion.to },
  });
}

function sourceGone(flow: Flow): KmkError {
  return new KmkError('KMK_KAFKA_UNREACHABLE', `"${flow.source}", the source of ${flowId(flow)}, does not answer`, {
    hints: ['Run `kmk failover`, which commits what can be known without it, or `kmk offsets show` to see that.'],
    context: { cluster: flow.source },
  });
}

async function refuseUnknownTopics(
  lab: Lab,
  flows: readonly Flow[],
  topics: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  if (topics.length === 0) return;
  const copied: string[] = [];
  for (const flow of flows) {
    copied.push(...(await copiedUserTopics(lab, flow, signal)));
  }
  const unknown = topics.find((topic) => !copied.includes(topic));
  if (unknown !== undefined) throw unknownTopic(unknown, copied);
}
