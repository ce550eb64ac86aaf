import type { Flow } from '../../domain/setup.ts';
import { flowId } from '../../domain/setup.ts';
import type { Recreated, Side } from '../../domain/topic-identity.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import { copiedUserTopics } from '../replicate/source-topics.ts';
import { readSamples } from './sample-files.ts';

/** Ids of a topic and of its copy, as they were when kmk first saw both; null where the cluster has none. */
interface Twins {
  readonly source: string | null;
  readonly target: string | null;
}

/** By flow, then by the topic's name on the source. */
type Recorded = Readonly<Record<string, Readonly<Record<string, Twins>>>>;

const FILE = 'offsets/topics.json';

interface Seen {
  /** Name on the source of each copy. */
  readonly upstream: ReadonlyMap<string, string>;
  readonly sourceReachable: boolean;
}

/**
 * Topics of the flow of which one side was deleted and created anew since kmk first saw them, by the name on the source:
 * their offsets no longer stand for the same records. Ids of topics seen for the first time, those without a copy too,
 * are recorded in the state directory; those of topics that are gone on both sides are forgotten.
 */
export async function recreatedTopics(
  lab: Lab,
  flow: Flow,
  { upstream, sourceReachable }: Seen,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Recreated>> {
  const [source, target] = await Promise.all([adminOf(lab, flow.source), adminOf(lab, flow.target)]);
  const copies = new Map([...upstream].map(([remoteTopic, topic]) => [topic, remoteTopic]));
  const uncopied = sourceReachable ? await copiedUserTopics(lab, flow, signal) : [];
  const topics = [...new Set([...copies.keys(), ...uncopied])];
  const [sourceIds, targetIds] = await Promise.all([
    sourceReachable ? source.topicIds(topics, signal) : seenTopicIds(lab, flow),
    target.topicIds([...upstream.keys()], signal),
  ]);
  const recorded = await load(lab);
  const known = recorded[flowId(flow)] ?? {};
  const now: Record<string, Twins> = {};
  const recreated = new Map<string, Recreated>();
  for (const topic of topics) {
    const was = known[topic];
    const copy = copies.get(topic);
    const found = {
      source: sourceIds?.get(topic) ?? null,
      target: copy === undefined ? null : (targetIds.get(copy) ?? null),
    };
    now[topic] = { source: was?.source ?? found.source, target: was?.target ?? found.target };
    const sides = (['source', 'target'] as const).filter((side) => isOther(was?.[side], found[side]));
    if (sides.length > 0) recreated.set(topic, recreatedOn(flow, sides, topic, copy ?? topic));
  }
  // A source that is gone, or a copy that is to come again, must not make kmk forget what it knew.
  for (const [topic, was] of Object.entries(known)) {
    if (now[topic] !== undefined) continue;
    const gone = sourceReachable && !(await source.topicIds([topic], signal)).has(topic);
    if (!gone) now[topic] = was;
  }
  if (JSON.stringify(now) !== JSON.stringify(known)) {
    const text = JSON.stringify({ ...recorded, [flowId(flow)]: now }, null, 2);
    await lab.tools.store.saveStateFile(FILE, `${text}\n`);
  }
  return recreated;
}

/** As a watch saw them last; null where none has looked. */
async function seenTopicIds(lab: Lab, flow: Flow): Promise<ReadonlyMap<string, string> | null> {
  const samples = await readSamples(lab, flow);
  return samples === null ? null : new Map(Object.entries(samples.topicIds));
}

/** Names the sides that are not what they were. */
export function recreatedOn(flow: Flow, sides: readonly Side[], topic: string, copy: string): Recreated {
  const names = sides.map((side) =>
    side === 'source' ? `"${topic}" on "${flow.source}"` : `"${copy}" on "${flow.target}"`,
  );
  return { sides, reason: `${names.join(' and ')} was deleted and created anew` };
}

function isOther(was: string | null | undefined, found: string | null): boolean {
  return was !== undefined && was !== null && found !== null && was !== found;
}

async function load(lab: Lab): Promise<Recorded> {
  const text = await lab.tools.store.readStateFile(FILE);
  if (text === null) return {};
  try {
    return JSON.parse(text) as Recorded;
  } catch {
    // Written whole, so somebody else's: what it knew is lost, and said.
    lab.tools.events.emit('warning', {
      text: `${FILE} in the state directory is not readable: topic ids are recorded anew`,
    });
    return {};
  }
}
