import type { LabRecord, Moved, Watermark } from '../lab/lab-record.ts';
import { CANARY_TOPIC } from '../replication-policy.ts';
import type { Flow } from '../setup.ts';
import { partitionKey } from '../topic.ts';

/** Topics by their names on the source, and the groups that read them. */
export interface Part {
  readonly topics: readonly string[];
  readonly groups: readonly string[];
}

/** The two directions of a move: `forward` is copied before it, `reverse` after it. */
export interface MoveFlows {
  readonly forward: Flow;
  readonly reverse: Flow;
}

/** What a move is about: a part, or all but what has moved before. */
export interface MoveExtent {
  /** null: everything. */
  readonly part: Part | null;
  /** What had moved before. */
  readonly before: Part;
  /** The part goes back to where the rest is. */
  readonly returns?: boolean;
}

export interface ExtentFlows extends MoveFlows {
  /** What the connectors of each direction are to copy once the move is over. */
  readonly standing: MoveFlows;
}

export const NOTHING_MOVED: Part = { topics: [], groups: [] };

/** What counts as moved now: nothing any more once clients are back, or once everything was promoted. */
export function movedNow({ promotion, moved }: Pick<LabRecord, 'promotion' | 'moved'>): Moved | null {
  return promotion === null && moved !== undefined && moved !== null && moved.returned !== true ? moved : null;
}

/**
 * A flow of the setup, or its reverse, with what its connectors copy now: the one from where topics have moved leaves
 * them out, the one that leads back copies nothing else.
 */
export function flowNow(flow: Flow, moved: Moved | null): Flow {
  if (moved === null) return flow;
  if (flow.source === moved.from && flow.target === moved.to) return without(flow, moved);
  return flow.source === moved.to && flow.target === moved.from ? backOnly(flow, moved.topics) : flow;
}

/** The flows as the steps of a move see them: whatever a step does, it does to what the move is about. */
export function flowsOfExtent(
  { forward, reverse }: MoveFlows,
  { part, before, returns = false }: MoveExtent,
): ExtentFlows {
  if (part === null) {
    // Groups that have moved before make their own progress already.
    const rest = { ...reverse, groupsExclude: without(reverse, before).groupsExclude };
    return { forward: without(forward, before), reverse: rest, standing: { forward, reverse } };
  }
  const moved = {
    topics: [...before.topics, ...part.topics],
    groups: [...before.groups, ...part.groups],
  };
  return {
    forward: partOnly(forward, part),
    reverse: { ...backOnly(reverse, part.topics), groups: part.groups.map(literalPattern) },
    standing: { forward: returns ? forward : without(forward, moved), reverse: backOnly(reverse, moved.topics) },
  };
}

/** Marks of both; where both know a partition the first counts. */
export function joinMarks<T extends Watermark>(first: readonly T[], second: readonly T[]): readonly T[] {
  const known = new Set(first.map(partitionKey));
  return [...first, ...second.filter((mark) => !known.has(partitionKey(mark)))];
}

function without(flow: Flow, { topics, groups }: Part): Flow {
  if (topics.length === 0 && groups.length === 0) return flow;
  return {
    ...flow,
    topicsExclude: [...flow.topicsExclude, ...topics.map(literalPattern)],
    groupsExclude: [...flow.groupsExclude, ...groups.map(literalPattern)],
  };
}

function partOnly(flow: Flow, { topics, groups }: Part): Flow {
  return { ...topicsOnly(flow, topics), groups: groups.map(literalPattern) };
}

/** Beside a way there that copies the canary: where copies keep their names it would go round for ever. */
function backOnly(flow: Flow, topics: readonly string[]): Flow {
  return topicsOnly({ ...flow, topicsExclude: [...flow.topicsExclude, literalPattern(CANARY_TOPIC)] }, topics);
}

function topicsOnly(flow: Flow, topics: readonly string[]): Flow {
  return { ...flow, topics: topics.map(literalPattern) };
}

/**
 * A Java pattern for exactly this name. MM2 takes patterns as lists: a comma or a space at the end would be cut there
 * (ConfigDef.Type.LIST), and Connect replaces `${}`, so whatever is not plain is written as a code.
 */
export function literalPattern(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_-]/g, (char) => {
    if (char === '.') return '\\.';
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
