import { groupFilter } from '../../domain/flow-filter.ts';
import { KmkError } from '../../domain/errors.ts';
import type { Watermark } from '../../domain/lab/lab-record.ts';
import type { StepKind } from '../../domain/plan/plan.ts';
import { partitionKey } from '../../domain/topic.ts';
import { adminOf } from '../lab/lab.ts';
import { awaitWorker } from '../lab/readiness.ts';
import { startServices } from '../lab/start-services.ts';
import { withFreeWorkerPort } from '../lab/worker-port.ts';
import { readGroupPositions } from '../offsets/group-positions.ts';
import { ensureConnectors, resumeConnectors, stopConnectors } from '../replicate/flow-connectors.ts';
import { createSourceTopics, createTargetTopics } from '../replicate/flow-topics.ts';
import { awaitCaughtUp } from './drain.ts';
import { checkFailover } from './failover-checks.ts';
import { proveService, promote } from './failover-steps.ts';
import { fenceCluster, isFenced, openCluster } from './fence.ts';
import { atEnds, awaitLastCommits } from './last-commits.ts';
import { awaitLastCopied, readLastRecords, refuseBypass, refuseUncopied } from './last-records.ts';
import type { MoveContext, MoveStep } from './move-context.ts';
import { evaluate, findings } from './move-context.ts';
import { keepOffsets, restoreOffsets } from './offsets-before.ts';
import { commitGroups, createLocalTopics, refuseLiveGroups } from './promotion.ts';
import { startReverse } from './reverse-flow.ts';

/** Kinds of steps that a switchover consists of. */
type SwitchoverStep = Extract<
  StepKind,
  | 'prepareSwitchover'
  | 'fenceSource'
  | 'drainFlow'
  | 'stopFlow'
  | 'commitGroupOffsets'
  | 'promoteTarget'
  | 'proveService'
  | 'startReverseFlow'
  | 'runChecks'
>;

/** How a switchover's steps are done and undone. What is slow comes before the fence. */
export const SWITCHOVER_STEPS: Readonly<Record<SwitchoverStep, MoveStep>> = {
  prepareSwitchover: { apply: prepare, undo: unprepare },
  fenceSource: {
    apply: async ({ lab, forward }, signal) => {
      const cutAt = lab.tools.clock.now();
      await fenceCluster(lab, forward.source, signal);
      return findings({ cutAt });
    },
    undo: reopen,
    release: reopen,
  },
  drainFlow: {
    precondition: stillFenced,
    apply: async ({ lab, forward }, signal) => {
      const lasts = await readLastRecords(lab, forward, signal);
      await awaitLastCopied(lab, forward, lasts, signal);
      return findings({ ends: Object.fromEntries(lasts.map((at) => [partitionKey(at), at.end.toString()])) });
    },
  },
  stopFlow: {
    precondition: stillFenced,
    apply: async ({ lab, forward }, signal) => {
      await stopConnectors(lab, forward, ['source'], signal);
      await refuseUncopied(lab, forward, await readLastRecords(lab, forward, signal), signal);
    },
    undo: ({ lab, forward }, signal) => resumeConnectors(lab, forward, ['source'], signal),
  },
  commitGroupOffsets: { precondition: stillFenced, apply: offsets, undo: restoreOffsets },
  promoteTarget: {
    precondition: async (context, signal) => {
      const { lab, forward, found } = context;
      if (lab.record.promotion !== null) return;
      await stillFenced(context, signal);
      await refuseBypass(lab, forward, found.ends ?? {}, signal);
    },
    apply: promote,
  },
  proveService,
  startReverseFlow: {
    apply: async (context, signal) => {
      context.lab = await startReverse(context.lab, context, signal);
    },
  },
  runChecks: { apply: verify },
};

/** Everything that takes long, while clients work: the backlog, topics, the worker and connectors of the way back. */
async function prepare(context: MoveContext, signal: AbortSignal): Promise<void> {
  const { forward, reverse } = context;
  await awaitCaughtUp(context.lab, forward, 'prepare', signal);
  const groups = await readGroupPositions(context.lab, { flow: forward, groups: [], sourceReachable: true }, signal);
  await keepOffsets(
    context,
    forward.target,
    groups.map(({ group }) => group),
    signal,
  );
  await createLocalTopics(context.lab, forward, signal);
  const lab = await withFreeWorkerPort(context.lab, reverse.target);
  context.lab = lab;
  await startServices(lab, { clusters: [], workers: [reverse.target] }, signal);
  await Promise.all([
    awaitWorker(lab, reverse.target, signal),
    createSourceTopics(lab, reverse, signal),
    createTargetTopics(lab, reverse, signal),
  ]);
  await ensureConnectors(lab, reverse, 'STOPPED', signal);
  // MM2 must not write positions on the target while kmk does; a heartbeat task may take long to end.
  await stopConnectors(lab, forward, ['checkpoint', 'heartbeat'], signal);
  await awaitCaughtUp(lab, forward, 'prepare', signal);
}

async function unprepare({ lab, forward, reverse }: MoveContext, signal: AbortSignal): Promise<void> {
  await resumeConnectors(lab, forward, ['source', 'checkpoint', 'heartbeat'], signal);
  await lab.runtime.stop(`${reverse.target}-connect`, { graceMs: 10_000 });
}

async function offsets(context: MoveContext, signal: AbortSignal) {
  const { lab, forward, found } = context;
  const ends = found.ends ?? {};
  const behind = await awaitLastCommits(lab, forward, ends, signal);
  if (behind.length > 0) {
    const text = `still reading on "${forward.source}": ${behind.join(', ')}; what they process from now on is read again`;
    lab.tools.events.emit('warning', { text });
  }
  const known = await readGroupPositions(lab, { flow: forward, groups: [], sourceReachable: true }, signal);
  const names = known.map(({ group }) => group).filter(groupFilter(forward));
  await refuseLiveGroups(lab, forward.target, names, signal);
  const remotes = [...new Set(known.flatMap(({ partitions }) => partitions.map(({ remoteTopic }) => remoteTopic)))];
  const ranges = await (await adminOf(lab, forward.target)).logRanges(remotes, signal);
  const groups = atEnds(known, ends, new Map(ranges.map((range) => [partitionKey(range), range.end])));
  await commitGroups(lab, forward, groups, signal);
  return findings({ groups, mirrored: await mirroredTo(context, signal) });
}

/** Of each partition all has been copied: u is the source's end, d the end of the copy. */
async function mirroredTo({ lab, forward, found }: MoveContext, signal: AbortSignal): Promise<readonly Watermark[]> {
  const { policy } = lab.layout;
  const source = await adminOf(lab, forward.source);
  const topics = [...new Set(Object.keys(found.ends ?? {}).map((key) => key.slice(0, key.lastIndexOf('/'))))];
  const [sources, copies] = await Promise.all([
    source.logRanges(topics, signal),
    (await adminOf(lab, forward.target)).logRanges(
      topics.map((topic) => policy.remoteTopic(forward.source, topic)),
      signal,
    ),
  ]);
  const ends = new Map(copies.map((range) => [partitionKey(range), range.end]));
  return sources.map(({ topic, partition, end }) => {
    const d = ends.get(partitionKey({ topic: policy.remoteTopic(forward.source, topic), partition })) ?? 0n;
    const mark = { topic, partition, u: end.toString(), d: d.toString() };
    lab.tools.events.emit('watermark.recorded', { source: forward.source, target: forward.target, ...mark });
    return mark;
  });
}

async function verify(context: MoveContext, signal: AbortSignal) {
  const { lab, forward, move, found } = context;
  const planned = found.groups ?? [];
  const groups = planned.map(({ group }) => group);
  const request = { flow: forward, groups, sourceReachable: true };
  const groupsAfter = groups.length === 0 ? [] : await readGroupPositions(lab, request, signal);
  await checkFailover(lab, forward, move, planned, groupsAfter, signal);
  await refuseBypass(lab, forward, found.ends ?? {}, signal);
  evaluate(move, 'nothing-lost', 'pass', `"${forward.source}" holds nothing that is not on "${forward.target}"`);
  return findings({ groupsAfter });
}

async function stillFenced({ lab, forward }: MoveContext, signal: AbortSignal): Promise<void> {
  if (await isFenced(lab, forward.source, signal)) return;
  throw new KmkError('KMK_WRONG_STATE', `"${forward.source}" takes client writes again`, {
    hints: ['Run `kmk switchover` again: it fences and drains anew.'],
  });
}

/** Clients go on where they were, unless the other side has been promoted. */
async function reopen({ lab, forward }: MoveContext, signal: AbortSignal): Promise<void> {
  const active = (await lab.tools.store.loadLab())?.active;
  if (active === forward.source) await openCluster(lab, forward.source, signal);
}
