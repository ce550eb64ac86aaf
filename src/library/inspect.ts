import type { FlowAction } from '../app/flows/control-flow.ts';
import { controlFlow as actOnFlow, refuseUncontrollable } from '../app/flows/control-flow.ts';
import { describeFlow as readFlow, listFlows as readFlows } from '../app/flows/describe-flow.ts';
import { findFlow } from '../app/flows/find-flow.ts';
import { describeGroup as readGroup } from '../app/groups/describe-group.ts';
import { listGroups as readGroups } from '../app/groups/list-groups.ts';
import type { ResetScope } from '../app/groups/reset-group.ts';
import { planReset, resetGroup as commitReset } from '../app/groups/reset-group.ts';
import { pickRun } from '../app/report/pick-run.ts';
import { createTopic as makeTopic } from '../app/topics/create-topic.ts';
import { deleteTopics as removeTopics, planDeletion } from '../app/topics/delete-topics.ts';
import { describeTopic as readTopic } from '../app/topics/describe-topic.ts';
import { listTopics as readTopics } from '../app/topics/list-topics.ts';
import { verify as compareSides } from '../app/verify/verify.ts';
import { awaitActive, readActive } from '../app/status/active.ts';
import { readReport } from '../composition/reports.ts';
import type { ActiveDocument } from '../domain/active-document.ts';
import type { VerifyDocument } from '../domain/documents.ts';
import type { ResetTarget } from '../domain/group-reset.ts';
import type {
  FlowDocument,
  FlowsDocument,
  GroupDocument,
  GroupResetDocument,
  GroupsDocument,
  TopicChangeDocument,
  TopicDocument,
  TopicsDocument,
} from '../domain/listing-documents.ts';
import type { ReportModel } from '../domain/report-model.ts';
import type { KmkOptions } from './options.ts';
import { changeLab, withKmk, withLab } from './session.ts';

const SETTLE_MS = 15_000;

/** `kmk active`; with `sinceEpoch` it resolves once a move has raised the epoch above that (`--wait --since`). */
export function active(options: KmkOptions & { readonly sinceEpoch?: number } = {}): Promise<ActiveDocument> {
  const { sinceEpoch } = options;
  return withLab(options, 'active', ({ tools }, signal) =>
    sinceEpoch === undefined ? readActive(tools) : awaitActive(tools, sinceEpoch, signal),
  );
}

export interface ListOptions extends KmkOptions {
  /** Internal ones too. */
  readonly all?: boolean;
}

/** `kmk topic list`. */
export function listTopics(options: ListOptions = {}): Promise<TopicsDocument> {
  return withLab(options, 'topic list', (lab, signal) => readTopics(lab, { all: options.all ?? false }, signal));
}

/** `kmk topic describe`. */
export function describeTopic(options: KmkOptions & { readonly topic: string }): Promise<TopicDocument> {
  return withLab(options, 'topic describe', (lab, signal) => readTopic(lab, options.topic, signal));
}

export interface CreateTopicOptions extends KmkOptions {
  readonly topic: string;
  readonly cluster?: string;
  /** Default 3. */
  readonly partitions?: number;
  /** Default min(3, brokers). */
  readonly replicationFactor?: number;
  readonly topicConfig?: Readonly<Record<string, string>>;
  /** An existing topic is no error. */
  readonly ifMissing?: boolean;
}

/** `kmk topic create`. */
export function createTopic(options: CreateTopicOptions): Promise<TopicChangeDocument> {
  const { topic, cluster, partitions = 3, replicationFactor, topicConfig: config = {}, ifMissing = false } = options;
  const request = { topic, cluster, partitions, replicationFactor, config, ifMissing };
  return changeLab(options, 'topic create', (lab, signal) => makeTopic(lab, request, signal));
}

export interface DeleteTopicsOptions extends KmkOptions {
  readonly topics: readonly string[];
  readonly cluster?: string;
}

/** `kmk topic delete --yes`. */
export function deleteTopics(options: DeleteTopicsOptions): Promise<TopicChangeDocument> {
  const { topics, cluster } = options;
  return changeLab(options, 'topic delete', async (lab, signal) =>
    removeTopics(lab, await planDeletion(lab, { topics, cluster }, signal), signal),
  );
}

/** `kmk group list`. */
export function listGroups(options: ListOptions = {}): Promise<GroupsDocument> {
  return withLab(options, 'group list', (lab, signal) => readGroups(lab, { all: options.all ?? false }, signal));
}

/** `kmk group describe`. */
export function describeGroup(options: KmkOptions & { readonly group: string }): Promise<GroupDocument> {
  return withLab(options, 'group describe', (lab, signal) => readGroup(lab, options.group, signal));
}

export interface ResetGroupOptions extends KmkOptions {
  readonly group: string;
  readonly cluster?: string;
  /** Default: every topic the group has a commit on. */
  readonly topics?: readonly ResetScope[];
  readonly to: ResetTarget;
}

/** `kmk group reset --yes`: commits and reads back. */
export function resetGroup(options: ResetGroupOptions): Promise<GroupResetDocument> {
  const { group, cluster, topics = null, to } = options;
  return changeLab(options, 'group reset', async (lab, signal) =>
    commitReset(lab, await planReset(lab, { group, cluster, topics, to }, signal), signal),
  );
}

/** `kmk flow list`. */
export function listFlows(options: KmkOptions = {}): Promise<FlowsDocument> {
  return withLab(options, 'flow list', readFlows);
}

export interface FlowOptions extends KmkOptions {
  /** `source->target`; may be left out where there is one flow. */
  readonly flow?: string;
}

/** `kmk flow describe`. */
export function describeFlow(options: FlowOptions = {}): Promise<FlowDocument> {
  return withLab(options, 'flow describe', (lab, signal) => readFlow(lab, findFlow(lab, options.flow), signal));
}

/** `kmk flow pause|resume|stop|restart --yes`: acts and waits for the state. */
export function controlFlow(options: FlowOptions & { readonly action: FlowAction }): Promise<FlowDocument> {
  const { action } = options;
  return changeLab(options, `flow ${action}`, async (lab, signal) => {
    const flow = findFlow(lab, options.flow);
    refuseUncontrollable(lab, flow, action);
    await actOnFlow(lab, flow, action, signal);
    return readFlow(lab, flow, signal);
  });
}

export interface VerifyOptions extends KmkOptions {
  /** Of the sources. Default: all that flows copy. */
  readonly topics?: readonly string[];
  readonly groups?: readonly string[];
  /** How long what is in flight may take. Default 15 s. */
  readonly settleMs?: number;
  /** Compare contents too, record by record. Default false. */
  readonly deep?: boolean;
}

/** `kmk verify`. A check that fails is in the document (verdict "fail"), not thrown. */
export function verify(options: VerifyOptions = {}): Promise<VerifyDocument> {
  const { topics = [], groups = [], settleMs = SETTLE_MS, deep = false } = options;
  return withLab(options, 'verify', (lab, signal) => compareSides(lab, { topics, groups, settleMs, deep }, signal));
}

/** `kmk report -o json`: built from the run's journal alone. */
export function report(options: KmkOptions & { readonly run?: string } = {}): Promise<ReportModel> {
  return withKmk(options, 'report', async ({ app: { tools } }) =>
    readReport(tools, await pickRun(tools.store, options.run)),
  );
}
