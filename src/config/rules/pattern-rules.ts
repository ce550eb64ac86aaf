import { compileJavaPattern, inspectJavaPattern } from '../../domain/java-pattern.ts';
import { GROUPS_EXCLUDE, TOPICS_EXCLUDE } from '../../domain/mm2-excludes.ts';
import type { Flow, Setup } from '../../domain/setup.ts';
import type { DocumentPath } from '../diagnostics.ts';
import { describeGiven, mismatch } from '../diagnostics.ts';
import type { Rule, RuleContext } from './rule.ts';

const LISTS = ['topics', 'topicsExclude', 'groups', 'groupsExclude'] as const;

/** Patterns as MM2 takes them: refused where Java refuses them too, and where MM2 would cut them. */
export const patterns: Rule = (context) => {
  for (const [index, flow] of context.setup.replication.flows.entries()) {
    for (const key of LISTS) checkList(context, ['replication', 'flows', index, key], flow[key]);
  }
  for (const [index, wave] of context.setup.waves.entries()) {
    for (const key of ['topics', 'groups'] as const) checkList(context, ['waves', index, key], wave[key]);
  }
};

function checkList({ refuse, warn }: RuleContext, path: DocumentPath, list: readonly string[]): void {
  for (const [index, pattern] of list.entries()) {
    const at = [...path, index];
    const given = describeGiven(pattern, at);
    const { error, javaOnly } = inspectJavaPattern(pattern);
    if (pattern.includes(',')) {
      refuse(
        at,
        mismatch(given, 'a pattern without a comma: MM2 splits at commas, give each part as an item of its own'),
      );
    } else if (error !== null) {
      refuse(at, mismatch(given, `a Java regular expression: it ${error}`, pattern === '*' ? '.*' : null));
    } else if (javaOnly !== null) {
      warn(at, `${given} uses ${javaOnly}, which only Java can evaluate: it is checked at deploy`);
    }
    if (list.indexOf(pattern) < index) warn(at, `${given} is given twice`);
  }
}

/** What is listed by name must not be hidden by an exclude, the user's or MM2's own. */
export const hiddenNames: Rule = (context) => {
  for (const [index, flow] of context.setup.replication.flows.entries()) {
    const own = {
      topics: ownExcludes(flow, 'topics', TOPICS_EXCLUDE),
      groups: ownExcludes(flow, 'groups', GROUPS_EXCLUDE),
    };
    checkHidden(context, ['replication', 'flows', index, 'topics'], flow.topics, [
      ...flow.topicsExclude.map((pattern) => ({ pattern, by: `topicsExclude ${JSON.stringify(pattern)}` })),
      ...own.topics,
      ...internalTopics(context.setup),
    ]);
    checkHidden(context, ['replication', 'flows', index, 'groups'], flow.groups, [
      ...flow.groupsExclude.map((pattern) => ({ pattern, by: `groupsExclude ${JSON.stringify(pattern)}` })),
      ...own.groups,
    ]);
  }
};

interface Exclude {
  readonly pattern: string;
  /** What to call it in a message. */
  readonly by: string;
}

/** MM2's own excludes, or what the flow's config puts in their place. */
function ownExcludes(flow: Flow, what: 'topics' | 'groups', own: readonly string[]): readonly Exclude[] {
  const replaced = flow.config[`${what}.exclude`];
  if (replaced === undefined) return own.map((pattern) => ({ pattern, by: `MM2's own exclude "${pattern}"` }));
  return replaced.split(/\s*,\s*/).map((pattern) => ({ pattern, by: `${what}.exclude "${pattern}"` }));
}

/** Names that the replication policy itself takes for internal ones: more before KIP-1074 (4.0). */
function internalTopics({ kafka }: Setup): readonly Exclude[] {
  const by = `MM2 ${kafka.version}, which takes it for an internal topic`;
  const names = kafka.version.startsWith('3.')
    ? ['.*[.-]internal']
    : ['mm2.*internal', '.*checkpoints[^a-zA-Z0-9]+internal'];
  return [...names, '__.*', '\\..*'].map((pattern) => ({ pattern, by }));
}

function checkHidden(
  { refuse }: RuleContext,
  path: DocumentPath,
  list: readonly string[],
  excludes: readonly Exclude[],
): void {
  const everything = excludes.find(({ pattern }) => pattern === '.*' || pattern === '.+');
  for (const [index, pattern] of list.entries()) {
    const name = literalName(pattern);
    const hiding =
      name === null ? everything : excludes.find((exclude) => compileJavaPattern(exclude.pattern)?.(name) === true);
    if (hiding === undefined) continue;
    const at = [...path, index];
    refuse(at, mismatch(describeGiven(pattern, at), `a name that is not hidden: it is excluded by ${hiding.by}`));
  }
}

/** The one name that a pattern was written for, or null for a real pattern. */
function literalName(pattern: string): string | null {
  const name = pattern.replaceAll('\\.', '.');
  return /^[A-Za-z0-9._-]+$/.test(name) ? name : null;
}
