import type { Setup } from '../../domain/setup.ts';
import { nearestName } from '../../util/nearest.ts';
import type { Diagnostic, DocumentPath } from '../diagnostics.ts';
import { formatPath } from '../diagnostics.ts';
import type { Locate } from '../yaml-document.ts';
import { actionsOf, STEP_KINDS } from './normalise.ts';
import type { ScenarioFile, StepFile } from './schema.ts';
import { isNetworkFault } from '../../domain/fault.ts';

const ROLES = ['active', 'standby'];
/** Steps that need clients to have something to judge. */
const NEEDS_WORKLOAD = new Set(['steady', 'drain', 'check']);

/** What is wrong across the values of a scenario that the schema accepts. */
export function scenarioFindings(file: ScenarioFile, topology: Setup | null, locate: Locate): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const refuse = (path: DocumentPath, problem: string): void => {
    found.push({ place: locate(path), path: formatPath(path), problem });
  };
  refuseSteps(file, refuse);
  refuseWorkload(file, refuse);
  if (topology !== null) refuseStrangers(file, topology, refuse);
  return found;
}

type Refuse = (path: DocumentPath, problem: string) => void;

function refuseSteps(file: ScenarioFile, refuse: Refuse): void {
  const ids = new Set<string>();
  let promoted = false;
  for (const [index, step] of file.steps.entries()) {
    const path = ['steps', index];
    const actions = actionsOf(step);
    const [action] = actions;
    if (action === undefined) refuse(path, `names no action, expected exactly one of ${STEP_KINDS.join(', ')}`);
    if (actions.length > 1) refuse(path, `names ${actions.join(' and ')}, expected exactly one action`);
    if (step.id !== undefined && ids.has(step.id)) refuse([...path, 'id'], `the id "${step.id}" is given twice`);
    if (step.id !== undefined) ids.add(step.id);
    if (action === undefined) continue;
    if (file.workload === undefined && NEEDS_WORKLOAD.has(action)) refuse([...path, action], 'needs a workload');
    if (step.steady !== undefined && (step.steady.duration === undefined) === (step.steady.records === undefined)) {
      refuse([...path, 'steady'], 'expected either duration or records');
    }
    refuseFault(step.fault, [...path, 'fault'], refuse);
    if (action === 'failback' && !promoted) refuse([...path, action], 'comes before any failover');
    const moves = action === 'failover' || action === 'switchover';
    if (moves && promoted) refuse([...path, action], 'comes after a failover without a failback');
    if (moves) promoted = true;
    if (action === 'failback') promoted = false;
  }
}

/** What belongs to one kind of fault says nothing about another: it must not be taken for said. */
function refuseFault(fault: StepFile['fault'], path: DocumentPath, refuse: Refuse): void {
  if (fault === undefined) return;
  const { kind, scope } = fault;
  if (scope === 'links' && !isNetworkFault({ kind })) {
    refuse([...path, 'scope'], `links cannot ${kind}, expected partition, latency or loss on them`);
  }
  if (kind === 'disk-full' && (scope === undefined || scope === 'site')) {
    refuse(path, 'fills the disks of brokers: expected the scope brokers, or one such as broker-1');
  }
  const only = (key: 'direction' | 'delay' | 'percent', holds: boolean, of: string): void => {
    if (fault[key] !== undefined && !holds) refuse([...path, key], `is for ${of}`);
  };
  only('direction', scope === 'links', 'a fault of links');
  only('delay', kind === 'latency', 'latency');
  only('percent', kind === 'loss', 'loss');
}

function refuseWorkload(file: ScenarioFile, refuse: Refuse): void {
  const topics = file.workload?.topics ?? [];
  const names = topics.map(({ name }) => name);
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) < index)
      refuse(['workload', 'topics', index, 'name'], `the topic "${name}" is given twice`);
  }
  const groups = file.workload?.groups ?? [];
  for (const [index, group] of groups.entries()) {
    const path = ['workload', 'groups', index];
    if (groups.findIndex(({ name }) => name === group.name) < index) {
      refuse([...path, 'name'], `the group "${group.name}" is given twice`);
    }
    for (const [at, topic] of (group.topics ?? []).entries()) {
      if (!names.includes(topic)) refuse([...path, 'topics', at], unknown('workload topic', topic, names));
    }
  }
}

/** With a topology of its own, the aliases a drill may name are known. */
function refuseStrangers(file: ScenarioFile, topology: Setup, refuse: Refuse): void {
  const known = [...topology.clusters.map(({ alias }) => alias), ...ROLES];
  const look = (name: string | undefined, path: DocumentPath): void => {
    if (name !== undefined && !known.includes(name)) refuse(path, unknown('cluster', name, known));
  };
  for (const [index, step] of file.steps.entries()) {
    look(step.disaster?.cluster, ['steps', index, 'disaster', 'cluster']);
    look(step.fault?.cluster, ['steps', index, 'fault', 'cluster']);
    look(step.produce?.cluster, ['steps', index, 'produce', 'cluster']);
    look(step.consume?.cluster, ['steps', index, 'consume', 'cluster']);
  }
  for (const [index, topic] of (file.workload?.topics ?? []).entries()) {
    for (const [at, name] of (topic.writtenOn ?? []).entries())
      look(name, ['workload', 'topics', index, 'writtenOn', at]);
  }
  for (const [index, group] of (file.workload?.groups ?? []).entries()) {
    look(group.readsOn, ['workload', 'groups', index, 'readsOn']);
  }
}

function unknown(what: string, name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  const advice = nearest === null ? `expected one of ${known.join(', ')}` : `did you mean "${nearest}"?`;
  return `unknown ${what} "${name}", ${advice}`;
}
