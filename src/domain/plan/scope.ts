import { compileJavaPattern } from '../java-pattern.ts';
import { KmkError } from '../errors.ts';
import type { Setup } from '../setup.ts';
import type { Blocker } from './blocker.ts';
import { wrongState } from './blocker.ts';
import type { Part } from './part.ts';
import type { PlanDocument } from './plan.ts';

const LISTED = 'Run `kmk topic list` and `kmk group list` to see what there is, and what the flow copies.';
const MOVED_ALREADY = 'Run `kmk status` to see what has moved; `kmk failback` brings it back.';
const TAKE_ALL =
  'Add these topics with `--topic`, or move the group first to where it belongs; a whole `kmk switchover` takes all.';

/** Which part of a switchover is asked for; names, or patterns where it is a wave of kmk.yaml. */
export interface ScopeRequest extends Part {
  /** Counted from 1; null where topics and groups were named. */
  readonly wave: number | null;
}

/** What of the source a scope is found from. */
export interface ScopeFacts {
  readonly from: string;
  readonly to: string;
  /** Topics of users that the flow copies and that have not moved. */
  readonly copied: readonly string[];
  readonly moved: readonly string[];
  /** By group the topics that it has commits on. `carried`: the flow takes its positions along. */
  readonly commits: readonly {
    readonly group: string;
    readonly carried: boolean;
    readonly topics: readonly string[];
  }[];
}

/** A scope with all that belongs to it, and what stands against moving it. */
export interface FoundScope extends Part {
  readonly blockers: readonly Blocker[];
  readonly warnings: readonly string[];
}

/** What somebody asked for. */
export interface AskedScope extends Part {
  readonly wave: number | undefined;
}

/** Throws KMK_USAGE where a wave is asked for together with topics or groups: it names its own. */
export function refuseMixedScope({ topics, groups, wave }: AskedScope): void {
  if (wave === undefined || topics.length + groups.length === 0) return;
  throw new KmkError('KMK_USAGE', `wave ${wave} names topics and groups of its own, so no others can be added`, {
    hints: ['Leave out `--wave`, or `--topic` and `--group`; waves are listed under `waves:` in kmk.yaml.'],
  });
}

/** The part that is meant; null where that is everything. Throws KMK_USAGE where kmk.yaml has no such wave. */
export function scopeAsked(asked: AskedScope, { waves }: Pick<Setup, 'waves'>): ScopeRequest | null {
  const { topics, groups, wave } = asked;
  refuseMixedScope(asked);
  if (wave === undefined) return topics.length + groups.length === 0 ? null : { wave: null, topics, groups };
  const found = waves[wave - 1];
  if (found !== undefined) return { wave, ...found };
  const has = waves.length === 1 ? '1 wave' : `${waves.length === 0 ? 'no' : waves.length} waves`;
  throw new KmkError('KMK_USAGE', `there is no wave ${wave}: kmk.yaml has ${has}`, {
    hints: ['List them under `waves:` in kmk.yaml, or name topics and groups with `--topic` and `--group`.'],
    context: { wave, waves: waves.length },
  });
}

/** What a saved plan was asked for. */
export function scopeOfPlan({ request: { wave, topics, groups } }: Pick<PlanDocument, 'request'>): ScopeRequest | null {
  if (!Array.isArray(topics) || !Array.isArray(groups)) return null;
  return { wave: typeof wave === 'number' ? wave : null, topics: topics.map(String), groups: groups.map(String) };
}

/**
 * The topics and groups that move together: topics that are named or that a named group reads, then every group that
 * reads one of these. A group that reads anything else as well cannot move: it would be on two clusters. Pure.
 */
export function findScope(request: ScopeRequest, facts: ScopeFacts): FoundScope {
  const { commits, copied, from, to } = facts;
  const blockers: Blocker[] = [];
  const named = request.wave === null ? byName(request, facts, blockers) : byPattern(request, facts, blockers);
  const topics = sorted([...named.topics, ...commits.filter(({ group }) => named.groups.includes(group)).flatMap(of)]);
  for (const topic of topics.filter((name) => !copied.includes(name) && !named.topics.includes(name))) {
    blockers.push(obstacle(topic, facts));
  }
  const readers = commits.filter((reader) => reader.topics.some((topic) => topics.includes(topic)));
  for (const { group, topics: read, carried } of readers) {
    const outside = read.filter((topic) => !topics.includes(topic));
    if (!carried || outside.length === 0) continue;
    const text = `group "${group}" also reads ${outside.map(quoted).join(', ')}: it cannot be on two clusters`;
    blockers.push(wrongState(text, TAKE_ALL));
  }
  const left = readers.filter(({ carried }) => !carried).map(({ group }) => group);
  const warnings =
    left.length === 0
      ? []
      : [`the flow ${from}->${to} leaves out groups that read these topics: ${left.toSorted().join(', ')}`];
  return {
    topics: topics.filter((topic) => copied.includes(topic)),
    groups: sorted(readers.filter(({ carried }) => carried).map(({ group }) => group)),
    blockers,
    warnings,
  };
}

function byName({ topics, groups }: Part, facts: ScopeFacts, blockers: Blocker[]): Part {
  for (const topic of topics) if (!facts.copied.includes(topic)) blockers.push(obstacle(topic, facts));
  for (const group of groups) {
    const known = facts.commits.find((reader) => reader.group === group);
    if (known === undefined) blockers.push(wrongState(`group "${group}" has no commits on "${facts.from}"`, LISTED));
    else if (!known.carried) {
      blockers.push(wrongState(`the flow ${facts.from}->${facts.to} leaves out group "${group}"`, LISTED));
    }
  }
  return { topics, groups };
}

/** What has moved already is left out, unless a pattern names nothing else. */
function byPattern(request: Part, { from, to, copied, moved, commits }: ScopeFacts, blockers: Blocker[]): Part {
  const stays = (topics: readonly string[]): boolean => topics.some((topic) => !moved.includes(topic));
  const groups = commits.filter(({ carried, topics }) => carried && stays(topics)).map(({ group }) => group);
  const matching = (pattern: string, names: readonly string[], what: string): readonly string[] => {
    const test = compileJavaPattern(pattern);
    if (test === null) {
      const text = `what ${quoted(pattern)} matches is known to Java alone: name the ${what} instead`;
      blockers.push(wrongState(text, LISTED));
      return [];
    }
    const found = names.filter(test);
    if (found.length > 0) return found;
    const gone = what === 'topics' && moved.some(test);
    blockers.push(
      gone
        ? wrongState(
            `all topics that ${quoted(pattern)} matches have moved already: they are active on "${to}"`,
            MOVED_ALREADY,
          )
        : wrongState(`no ${what} of the flow ${from}->${to} match ${quoted(pattern)}`, LISTED),
    );
    return [];
  };
  return {
    topics: sorted(request.topics.flatMap((pattern) => matching(pattern, copied, 'topics'))),
    groups: sorted(request.groups.flatMap((pattern) => matching(pattern, groups, 'groups'))),
  };
}

function obstacle(topic: string, { from, to, moved }: ScopeFacts): Blocker {
  return moved.includes(topic)
    ? wrongState(`topic ${quoted(topic)} has moved already: it is active on "${to}"`, MOVED_ALREADY)
    : wrongState(`topic ${quoted(topic)} is not copied by the flow ${from}->${to}`, LISTED);
}

function of({ topics }: { readonly topics: readonly string[] }): readonly string[] {
  return topics;
}

function sorted(names: readonly string[]): readonly string[] {
  return [...new Set(names)].toSorted();
}

function quoted(name: string): string {
  return `"${name}"`;
}
