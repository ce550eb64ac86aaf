import { KmkError } from '../../domain/errors.ts';
import { isInternalTopic } from '../../domain/replication-policy.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf, findLab, forwardFlows } from '../lab/lab.ts';
import type { Toolbox } from '../ports/toolbox.ts';
import { originalTopic } from '../workload/topic-names.ts';

/** MM2 looks for new and vanished topics every second in the lab profile; it may create a copy once more. */
const ROUNDS = 8;
const ROUND_MS = 700;

/** Starts every topic and group that a drill makes on a lab it did not bring. */
export const DRILL_PREFIX = 'kmk-drill-';

/** User topics of each cluster, by alias. */
export type TopicsBefore = ReadonlyMap<string, ReadonlySet<string>>;

export interface CleanUpRequest {
  /** Ends the names of this drill's topics and groups. */
  readonly suffix: string;
  /** What was there before the drill; null where the drill never came so far. */
  readonly before: TopicsBefore | null;
  /** Topics that moves of the drill created, by alias. */
  readonly created: ReadonlyMap<string, ReadonlySet<string>>;
}

export async function topicsNow(lab: Lab, signal: AbortSignal): Promise<TopicsBefore> {
  const entries = lab.layout.clusters.map(async ({ alias }): Promise<[string, ReadonlySet<string>]> => {
    const topics = await (await adminOf(lab, alias)).listTopics(signal);
    return [alias, new Set(topics.filter((topic) => !isInternalTopic(topic)))];
  });
  return new Map(await Promise.all(entries));
}

/**
 * Removes the drill's topics and groups from a lab that was there before, and what its moves made for other topics
 * where nobody has written to it. Gives what could not be removed, or is still promoted.
 */
export async function cleanUp(
  tools: Toolbox,
  request: CleanUpRequest,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const lab = await findLab(tools);
  if (lab === null) return [];
  if (lab.record.promotion !== null) {
    const names = `topics and groups named ${DRILL_PREFIX}*${request.suffix}`;
    return [names, `"${lab.record.promotion.to}" is still promoted`];
  }
  const sources = new Set(forwardFlows(lab).map(({ source }) => source));
  const aliases = lab.layout.clusters.map(({ alias }) => alias);
  // Sources first: MM2 makes a missing copy again as long as the original exists.
  const ordered = aliases.toSorted((a, b) => Number(sources.has(b)) - Number(sources.has(a)));
  let left: readonly string[] = [];
  let quiet = 0;
  for (let round = 0; round < ROUNDS && quiet < 2; round += 1) {
    if (round > 0) await tools.clock.sleep(ROUND_MS, signal);
    left = [];
    for (const alias of ordered) left = [...left, ...(await removeFrom(lab, alias, request.suffix, signal))];
    quiet = left.length === 0 ? quiet + 1 : 0;
  }
  for (const alias of aliases) await removeTwins(lab, alias, request, signal);
  return left;
}

/** One sweep over one cluster; what it found. */
async function removeFrom(lab: Lab, alias: string, suffix: string, signal: AbortSignal): Promise<readonly string[]> {
  try {
    const admin = await adminOf(lab, alias);
    const aliases = lab.layout.clusters.map((cluster) => cluster.alias);
    const isOurs = (name: string): boolean => name.startsWith(DRILL_PREFIX) && name.endsWith(suffix);
    const topics = (await admin.listTopics(signal)).filter((topic) =>
      isOurs(originalTopic(lab.layout.policy, aliases, topic)),
    );
    if (topics.length > 0) await admin.deleteTopics(topics, signal);
    const groups = (await admin.listGroups(signal)).map(({ group }) => group).filter(isOurs);
    for (const group of groups) await admin.deleteGroup(group, signal);
    return [...topics, ...groups].map((name) => `"${name}" on "${alias}"`);
  } catch (error) {
    if (!KmkError.is(error) || error.kind !== 'dependency') throw error;
    return [`what the drill wrote on "${alias}": ${error.message}`];
  }
}

/**
 * A failover makes a local topic for every mirrored one, and the reverse flow copies those: empty ones go again. One
 * that somebody has written to is theirs, and is named.
 */
async function removeTwins(lab: Lab, alias: string, request: CleanUpRequest, signal: AbortSignal): Promise<void> {
  const known = request.before?.get(alias);
  if (known === undefined) return;
  const { policy } = lab.layout;
  const admin = await adminOf(lab, alias);
  const forward = new Set(forwardFlows(lab).flatMap(({ source, target }) => (target === alias ? [source] : [])));
  const isTwin = (topic: string): boolean => {
    const source = policy.topicSource(topic);
    const reversed = source !== null && !forward.has(source) && request.before?.has(source) === true;
    return reversed || request.created.get(alias)?.has(topic) === true;
  };
  const twins = (await admin.listTopics(signal)).filter(
    (topic) => !isInternalTopic(topic) && !known.has(topic) && isTwin(topic),
  );
  const ranges = await admin.logRanges(twins, signal);
  const used = new Set(ranges.filter(({ end }) => end > 0n).map(({ topic }) => topic));
  const empty = twins.filter((topic) => !used.has(topic));
  if (empty.length > 0) await admin.deleteTopics(empty, signal);
  if (used.size > 0) lab.tools.events.emit('note', { text: `stays on "${alias}": ${[...used].join(', ')}` });
}
