import { KmkError } from '../../domain/errors.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf, findLab, forwardFlows } from '../lab/lab.ts';
import type { Toolbox } from '../ports/toolbox.ts';
import { originalTopic } from '../workload/topic-names.ts';

/** MM2 looks for new and vanished topics every second in the lab profile; it may create a copy once more. */
const ROUNDS = 8;
const ROUND_MS = 700;

/** Starts every topic and group that a drill makes on a lab it did not bring. */
export const DRILL_PREFIX = 'kmk-drill-';

/**
 * Removes the drill's topics and groups from a lab that was there before. Sources first: MM2 makes a missing copy
 * again as long as the original exists. Gives what could not be removed, or is still promoted.
 */
export async function cleanUp(tools: Toolbox, suffix: string, signal: AbortSignal): Promise<readonly string[]> {
  const lab = await findLab(tools);
  if (lab === null) return [];
  if (lab.record.promotion !== null) return [`"${lab.record.promotion.to}" is still promoted`];
  const sources = new Set(forwardFlows(lab).map(({ source }) => source));
  const aliases = lab.layout.clusters.map(({ alias }) => alias);
  const ordered = aliases.toSorted((a, b) => Number(sources.has(b)) - Number(sources.has(a)));
  let left: readonly string[] = [];
  let quiet = 0;
  for (let round = 0; round < ROUNDS && quiet < 2; round += 1) {
    if (round > 0) await tools.clock.sleep(ROUND_MS, signal);
    left = (await Promise.all(ordered.map((alias) => removeFrom(lab, alias, aliases, suffix, signal)))).flat();
    quiet = left.length === 0 ? quiet + 1 : 0;
  }
  return left;
}

/** One sweep over one cluster; what it found. */
async function removeFrom(
  lab: Lab,
  alias: string,
  aliases: readonly string[],
  suffix: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  try {
    const admin = await adminOf(lab, alias);
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
