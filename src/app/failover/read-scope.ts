import { KmkError } from '../../domain/errors.ts';
import { groupFilter, ownFilters, userTopicFilter } from '../../domain/flow-filter.ts';
import type { Blocker } from '../../domain/plan/blocker.ts';
import { wrongState } from '../../domain/plan/blocker.ts';
import type { Part } from '../../domain/plan/part.ts';
import { flowsOfExtent } from '../../domain/plan/part.ts';
import type { FoundScope, ScopeFacts, ScopeRequest } from '../../domain/plan/scope.ts';
import { findScope } from '../../domain/plan/scope.ts';
import { reverseOf } from '../../domain/lab/layout.ts';
import type { Flow } from '../../domain/setup.ts';
import { flowId } from '../../domain/setup.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import { mapLimited } from '../map-limited.ts';

const PARALLEL_GROUPS = 8;

interface Wanted {
  readonly request: ScopeRequest;
  readonly before: Part;
}

/** What a wave consists of, from the topics and commits of the flow's source. */
export async function scopeOfWave(
  lab: Lab,
  flow: Flow,
  { request, before }: Wanted,
  signal: AbortSignal,
): Promise<FoundScope> {
  const { source: from, target: to } = flow;
  const rest = flowsOfExtent({ forward: flow, reverse: reverseOf(flow) }, { part: null, before }).forward;
  const topics = await (await adminOf(lab, from)).listTopics(signal);
  const found = findScope(request, {
    ...{ from, to },
    copied: topics.filter(userTopicFilter(rest, lab.layout.policy)),
    moved: before.topics,
    commits: await readCommits(lab, flow, { on: from, other: to, topics }, signal),
  });
  return { ...found, blockers: [...ownFilters(flow).map((option) => replaced(flow, option)), ...found.blockers] };
}

function replaced(flow: Flow, option: string): Blocker {
  return wrongState(
    `"${option}" in the config of the flow ${flowId(flow)} would let it go on copying what has moved`,
    'Use topicsExclude and groupsExclude of the flow, or move everything at once.',
  );
}

/** What returns with topics that have moved: also groups that have come to them since. */
export async function returningScope(
  lab: Lab,
  flow: Flow,
  { topics, groups }: Part,
  signal: AbortSignal,
): Promise<FoundScope> {
  const on = flow.target;
  const existing = await (await adminOf(lab, on)).listTopics(signal);
  const commits = await readCommits(lab, flow, { on, other: flow.source, topics: existing }, signal);
  const readers = commits.filter(
    ({ carried, topics: read }) => carried && read.some((topic) => topics.includes(topic)),
  );
  const names = new Set([...groups, ...readers.map(({ group }) => group)]);
  return { topics, groups: [...names].toSorted(), blockers: [], warnings: [] };
}

/**
 * Throws KMK_WRONG_STATE where a group has come to the topics of a part since it was planned, or a group of it to another
 * topic: it would not be taken along, or be on two clusters.
 */
export async function refuseNewReaders(lab: Lab, flow: Flow, part: Part, signal: AbortSignal): Promise<void> {
  const { source: on, target: other } = flow;
  const topics = await (await adminOf(lab, on)).listTopics(signal);
  const commits = await readCommits(lab, flow, { on, other, topics }, signal);
  const request = { wave: null, topics: part.topics, groups: [] };
  const now = findScope(request, { from: on, to: other, copied: part.topics, moved: [], commits });
  refuseProblem(newcomer(now, part) ?? now.blockers[0]?.text);
}

/** The same of what returns: a group that has come to it since would be left without a position where it goes. */
export async function refuseNewReturning(lab: Lab, flow: Flow, part: Part, signal: AbortSignal): Promise<void> {
  refuseProblem(newcomer(await returningScope(lab, flow, part, signal), part));
}

function newcomer({ groups }: FoundScope, part: Part): string | undefined {
  const come = groups.find((group) => !part.groups.includes(group));
  return come === undefined ? undefined : `group "${come}" has begun to read what moves`;
}

function refuseProblem(problem: string | undefined): void {
  if (problem === undefined) return;
  throw new KmkError('KMK_WRONG_STATE', problem, { hints: ['Run the command again: it plans with this group.'] });
}

interface Place {
  readonly on: string;
  /** Copies of this cluster's topics count as the topics themselves. */
  readonly other: string;
  readonly topics: readonly string[];
}

async function readCommits(
  lab: Lab,
  flow: Flow,
  { on, other, topics }: Place,
  signal: AbortSignal,
): Promise<ScopeFacts['commits']> {
  const { policy } = lab.layout;
  const admin = await adminOf(lab, on);
  const carried = groupFilter(flow);
  const existing = new Set(topics);
  const own = (topic: string): string =>
    policy.topicSource(topic) === other ? (policy.upstreamTopic(topic) ?? topic) : topic;
  const commits = await mapLimited(await admin.listGroups(signal), PARALLEL_GROUPS, async ({ group }) => {
    const read = (await admin.groupOffsets(group, signal)).map(({ topic }) => topic);
    const names = [...new Set(read.filter((topic) => existing.has(topic)).map(own))];
    return { group, carried: carried(group), topics: names.toSorted() };
  });
  return commits.filter(({ topics: read }) => read.length > 0);
}
