import type { Forecast } from '../documents.ts';
import { fnv1a } from '../hash.ts';
import type { Blocker } from './blocker.ts';
import type { MoveExtent, Part } from './part.ts';

export const PLAN_VERSION = 1;

export type MoveKind = 'failover' | 'failback' | 'switchover';

/** What a step does, and to what. */
export type StepAction =
  | { readonly kind: 'causeDisaster'; readonly cluster: string; readonly how: string }
  | { readonly kind: 'stopFlow'; readonly flow: string }
  | { readonly kind: 'commitGroupOffsets'; readonly cluster: string }
  | { readonly kind: 'promoteTarget'; readonly cluster: string }
  | { readonly kind: 'proveService'; readonly cluster: string }
  | { readonly kind: 'restartWorker'; readonly cluster: string }
  | { readonly kind: 'runChecks'; readonly cluster: string }
  | { readonly kind: 'returnFenced'; readonly cluster: string }
  | { readonly kind: 'resolveTail'; readonly cluster: string; readonly choice: string }
  | { readonly kind: 'startReverseFlow'; readonly flow: string }
  | { readonly kind: 'catchUp'; readonly flow: string }
  | { readonly kind: 'fenceSource'; readonly cluster: string }
  | { readonly kind: 'prepareSwitchover'; readonly flow: string }
  | { readonly kind: 'drainFlow'; readonly flow: string }
  | { readonly kind: 'compareCopies'; readonly flow: string }
  | { readonly kind: 'resumeForwardFlow'; readonly flow: string }
  | { readonly kind: 'resumeRest'; readonly flow: string };

export type StepKind = StepAction['kind'];

/** Ids of the steps that moves consist of: what hooks are named by. */
export const STEP_IDS: readonly string[] = [
  ...['prepare', 'disaster', 'stranded', 'tail', 'reverse', 'catch-up', 'fence', 'drain', 'stop-flow', 'offsets'],
  ...['compare', 'promote', 'switch-back', 'service', 'worker', 'rest', 'forward', 'verify'],
];

/** What must hold, what it changes, how it is known to have worked, and whether it can be taken back. */
export interface StepTerms {
  /** Unique in the plan; what the journal, hooks and phases name it by. */
  readonly id: string;
  readonly title: string;
  /** Ids of the steps that must be done before. */
  readonly dependsOn: readonly string[];
  readonly precondition: string;
  readonly effect: string;
  readonly verification: string;
  /** "until": it can be undone until the step `until` has started. */
  readonly reversible: 'yes' | 'no' | 'until';
  readonly until: string | null;
  /** Of a step that cannot be undone: true where its effect stays and the move can be taken back all the same. */
  readonly stands?: boolean;
  readonly timeoutMs: number;
}

export type PlanStep = StepTerms & StepAction;

/** What the plan was made from: where any of it no longer holds the plan is stale. */
export interface PlanAssumptions {
  readonly active: string;
  readonly epoch: number;
  /** `from->to` of the promotion in force, null where there is none. */
  readonly promotion: string | null;
  /** Cluster ids by alias as the brokers told them; null where none answered. */
  readonly clusterIds: Readonly<Record<string, string | null>>;
  /** Whether the flows run, by flow id. */
  readonly flows: Readonly<Record<string, string>>;
  /** Groups with live members on the side whose positions are written. */
  readonly liveGroups: readonly string[];
  /** Topics that waves had moved; absent where none had. */
  readonly moved?: readonly string[];
  /** What the part that moves consists of; absent where everything moves. */
  readonly topics?: readonly string[];
  readonly groups?: readonly string[];
}

/** A plan as data: what `--dry-run` prints, `--plan-out` saves and `--plan` applies. */
export interface PlanDocument {
  readonly schema: 'kmk.plan/v1';
  readonly planVersion: number;
  /** Hash of everything else: a file that was edited is refused. */
  readonly id: string;
  readonly kind: MoveKind;
  readonly project: string;
  /** ISO 8601 UTC: when the snapshot was taken. */
  readonly createdAt: string;
  readonly from: string;
  readonly to: string;
  /** The options of the command that matter to its steps. */
  readonly request: Readonly<Record<string, string | number | boolean | null | readonly string[]>>;
  readonly assumptions: PlanAssumptions;
  readonly steps: readonly PlanStep[];
  readonly warnings: readonly string[];
  readonly blockers: readonly string[];
  /** The blockers with the error and the hints of the refusal; absent or empty where there are none. */
  readonly blockedBy?: readonly Blocker[];
  /** What it would have cost when the snapshot was taken; of a failover only. */
  readonly forecast?: Forecast;
}

/** What a planner answers. */
export interface OpenPlan extends Omit<PlanDocument, 'schema' | 'planVersion' | 'id' | 'blockers' | 'blockedBy'> {
  readonly blockers: readonly Blocker[];
}

/** A plan with its id and version. */
export function sealPlan({ blockers, ...plan }: OpenPlan): PlanDocument {
  const texts = blockers.map(({ text }) => text);
  const blocked = blockers.length === 0 ? {} : { blockedBy: blockers };
  const open = { schema: 'kmk.plan/v1', planVersion: PLAN_VERSION, ...plan, blockers: texts, ...blocked } as const;
  return { ...open, id: idOf(open) };
}

/** The plan with what stands against it now instead of what stood against it when it was made. */
export function sealAnew(plan: PlanDocument, { blockers, blockedBy }: PlanDocument): PlanDocument {
  const { id, blockedBy: then, ...rest } = plan;
  if (then === undefined && blockedBy === undefined) return { id, ...rest };
  const open = { ...rest, blockers, ...(blockedBy === undefined ? {} : { blockedBy }) };
  return { ...open, id: idOf(open) };
}

function idOf(open: Omit<PlanDocument, 'id'>): string {
  return fnv1a(JSON.stringify(canonical(open)));
}

/** True where the plan is as it was sealed. */
export function isSealed({ id, ...rest }: PlanDocument): boolean {
  return idOf(rest) === id;
}

/** Keys in one order: a file may have been written by anything that keeps its values. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, canonical(inner)]));
}

/** What has changed since a plan was made, one line each; empty where it still holds. */
export function staleReasons(then: PlanAssumptions, now: PlanAssumptions): string[] {
  const reasons: string[] = [];
  const compare = (what: string, before: string, after: string): void => {
    if (before !== after) reasons.push(`${what} was ${before}, is ${after}`);
  };
  compare('the active cluster', `"${then.active}"`, `"${now.active}"`);
  compare('the epoch', String(then.epoch), String(now.epoch));
  compare('the promotion in force', then.promotion ?? 'none', now.promotion ?? 'none');
  for (const [alias, id] of Object.entries(then.clusterIds)) {
    const known = now.clusterIds[alias] ?? null;
    compare(`the cluster id of "${alias}"`, id ?? 'not to be had', known ?? 'not to be had');
  }
  for (const [flow, state] of Object.entries(then.flows)) {
    compare(`the flow ${flow}`, state, now.flows[flow] ?? 'absent');
  }
  compare('what had moved', names(then.moved), names(now.moved));
  compare('what moves', names(then.topics), names(now.topics));
  compare('the groups that move', names(then.groups), names(now.groups));
  compare('groups with live members', then.liveGroups.join(', ') || 'none', now.liveGroups.join(', ') || 'none');
  return reasons;
}

function names(list: readonly string[] = []): string {
  return list.join(', ') || 'nothing';
}

/** The part that a plan moves and what had moved before, as its request keeps them for whoever goes on with it. */
export function extentOf({ kind, request }: Pick<PlanDocument, 'kind' | 'request'>): MoveExtent {
  const list = (key: string): readonly string[] => {
    const value = request[key];
    return Array.isArray(value) ? (value as readonly string[]) : [];
  };
  const part: Part = { topics: list('partTopics'), groups: list('partGroups') };
  const before = { topics: list('movedTopics'), groups: list('movedGroups') };
  // A part that nothing was found for is no move of everything.
  return { part: 'partTopics' in request ? part : null, before, returns: kind === 'failback' };
}

/** The request's side of `extentOf`. */
export function extentRequest({ part, before }: MoveExtent): PlanDocument['request'] {
  return {
    ...(part === null ? {} : { partTopics: part.topics, partGroups: part.groups }),
    ...(before.topics.length === 0 ? {} : { movedTopics: before.topics, movedGroups: before.groups }),
  };
}

/** A few names for a title. */
export function someOf(names: readonly string[]): string {
  const shown = names.slice(0, 3).map((name) => `"${name}"`);
  return names.length <= 3 ? shown.join(', ') : `${shown.join(', ')} and ${names.length - 3} more`;
}

type Draft = StepAction & Partial<StepTerms> & Pick<StepTerms, 'id' | 'title' | 'effect'>;

const STEP_LIMIT_MS = 120_000;

/** Steps one after the other, each depending on the one before; what a draft leaves open is the usual. */
export function inOrder(drafts: readonly Draft[]): readonly PlanStep[] {
  return drafts.map((draft, index): PlanStep => {
    const before = drafts[index - 1];
    return {
      dependsOn: before === undefined ? [] : [before.id],
      precondition: before === undefined ? 'the assumptions of the plan hold' : `${before.id} is done`,
      verification: 'the step ends without an error',
      reversible: 'yes',
      until: null,
      timeoutMs: STEP_LIMIT_MS,
      ...draft,
    };
  });
}

export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
