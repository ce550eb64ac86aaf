import type { GroupOffsets } from '../../domain/documents.ts';
import { bypassText } from '../../domain/fence-bypass.ts';
import { CONNECTOR_TYPES } from '../../domain/lab/connect-config.ts';
import { KmkError } from '../../domain/errors.ts';
import type { Watermark } from '../../domain/lab/lab-record.ts';
import { movedNow } from '../../domain/plan/part.ts';
import type { StepKind } from '../../domain/plan/plan.ts';
import { partitionKey } from '../../domain/topic.ts';
import { allOrAbort } from '../all-or-abort.ts';
import { adminOf } from '../lab/lab.ts';
import { awaitWorker } from '../lab/readiness.ts';
import { startWorkers } from '../lab/start-workers.ts';
import { readGroupPositions } from '../offsets/group-positions.ts';
import { readSyncs } from '../offsets/mm2-records.ts';
import { ensureConnectors, resumeConnectors, stopConnectors } from '../replicate/flow-connectors.ts';
import { createSourceTopics, createTargetTopics } from '../replicate/flow-topics.ts';
import { awaitCaughtUp } from './drain.ts';
import { refuseLiveGroups } from '../groups/live-groups.ts';
import { checkFailover } from './failover-checks.ts';
import { proveService, promote } from './failover-steps.ts';
import { findBypass, refuseBypass } from './fence-bypass.ts';
import { fenceCluster, isFenced, openCluster, readyFence } from './fence.ts';
import { returnGroups } from './group-return.ts';
import { atEnds, awaitLastCommits, warnOfReaders } from './last-commits.ts';
import { afterLast, awaitLastCopied, awaitPositions, readLastRecords } from './last-records.ts';
import type { MoveContext, MoveStep } from './move-context.ts';
import { evaluate, findings } from './move-context.ts';
import { keepOffsets, restoreKept, restoreOffsets } from './offsets-before.ts';
import { awaitTransactions } from './open-transactions.ts';
import { commitGroups, createLocalTopics } from './promotion.ts';
import { startReverse, stopIdleWorker } from './reverse-flow.ts';
import { goOnWithout, isPromoted, judgeRest, promotePart } from './wave-steps.ts';
import { refuseNewReaders } from './read-scope.ts';
import { recordClosed } from './stray-records.ts';
import { restartWorker } from './stop-flow.ts';
import { bothWays } from './take-snapshot.ts';

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
  | 'resumeRest'
  | 'startReverseFlow'
  | 'runChecks'
>;

/** How a switchover's steps are done and undone. What is slow comes before the fence. */
export const SWITCHOVER_STEPS: Readonly<Record<SwitchoverStep, MoveStep>> = {
  prepareSwitchover: { apply: prepare, undo: unprepare },
  fenceSource: {
    apply: async ({ lab, forward, part }, signal) => {
      const cutAt = lab.tools.clock.now();
      await fenceCluster(lab, forward.source, signal, part?.topics);
      return findings({ cutAt });
    },
    undo: reopen,
    release: reopen,
  },
  drainFlow: { precondition: stillFenced, apply: drain },
  stopFlow: {
    precondition: stillFenced,
    apply: stopBehindFence,
    undo: async (context, signal) => {
      context.lab = await restartWorker(context.lab, context.forward.target, signal);
      await resumeConnectors(context.lab, context.forward, ['source'], signal);
    },
  },
  commitGroupOffsets: { precondition: stillFenced, apply: offsets, undo: restoreOffsets },
  promoteTarget: {
    precondition: async (context, signal) => {
      const { lab, forward, found } = context;
      if (isPromoted(context)) return;
      await stillFenced(context, signal);
      await refuseBypass(lab, forward, found.ends ?? {}, signal);
    },
    inEffect: async ({ lab, part }) => {
      const record = await lab.tools.store.loadLab();
      return record === null || isPromoted({ lab: { record }, part });
    },
    apply: (context, signal) => (context.part === null ? promote : promotePart)(context, signal),
  },
  proveService,
  resumeRest: { apply: goOnWithout },
  startReverseFlow: { apply: reverse },
  runChecks: { apply: verify },
};

/** Everything that takes long, while clients work: the backlog, topics, the worker and connectors of the way back. */
async function prepare(context: MoveContext, signal: AbortSignal): Promise<void> {
  const { forward, reverse, standing, part } = context;
  await awaitCaughtUp(context.lab, forward, 'prepare', signal);
  const lab = await startWorkers(context.lab, [reverse.target], signal);
  context.lab = lab;
  await Promise.all([
    awaitWorker(lab, reverse.target, signal),
    createSourceTopics(lab, reverse, signal),
    createTargetTopics(lab, reverse, signal),
  ]);
  // Where waves have moved topics before it runs for these, and learns of more once their positions are set.
  if (movedNow(lab.record) === null) await ensureConnectors(lab, standing.reverse, 'STOPPED', signal);
  // MM2 must not write positions on the target while kmk does; a heartbeat task may take long to end.
  await stopConnectors(lab, forward, part === null ? ['checkpoint', 'heartbeat'] : ['checkpoint'], signal);
  const groups = await readGroupPositions(lab, { flow: forward, groups: [], sourceReachable: true }, signal);
  const names = groups.map(({ group }) => group);
  await keepOffsets(context, forward.target, names, signal);
  await createLocalTopics(lab, forward, signal);
  // Of an earlier turn: behind the fence only what is new is left to read.
  await readSyncs(lab, reverse, signal);
  await readyFence(lab, forward.source, signal);
  await awaitCaughtUp(lab, forward, 'prepare', signal);
}

/** The worker may have died: it is what the move was taken back for. */
async function unprepare(context: MoveContext, signal: AbortSignal): Promise<void> {
  const { forward, reverse } = context;
  await restoreKept(context, signal);
  context.lab = await restartWorker(context.lab, forward.target, signal);
  await resumeConnectors(context.lab, forward, CONNECTOR_TYPES, signal);
  if (movedNow(context.lab.record) !== null) return;
  await stopIdleWorker(context.lab, reverse.target);
}

async function drain({ lab, forward }: MoveContext, signal: AbortSignal) {
  await awaitTransactions(lab, forward, signal);
  const lasts = await readLastRecords(lab, forward, signal);
  await awaitLastCopied(lab, forward, lasts, signal);
  const ends = Object.fromEntries(lasts.map((last) => [partitionKey(last), last.end.toString()]));
  // Now already: what follows takes seconds in which clients are refused.
  await refuseBypass(lab, forward, ends, signal);
  return findings({ ends, lasts: afterLast(lasts) });
}

/** Both wait for others, and neither for the other: the source takes no record any more, and groups read what it has. */
async function stopBehindFence({ lab, forward, found }: MoveContext, signal: AbortSignal) {
  const lasts = found.lasts ?? {};
  const stop = async (either: AbortSignal): Promise<void> => {
    await stopConnectors(lab, forward, ['source'], either);
    await awaitPositions(lab, forward, lasts, either);
  };
  const commits = (either: AbortSignal) => awaitLastCommits(lab, forward, lasts, either);
  const [, stillReading] = await allOrAbort(signal, [stop, commits]);
  return findings({ stillReading });
}

async function offsets(context: MoveContext, signal: AbortSignal) {
  const { lab, forward, found, part, plan } = context;
  const { lasts = {}, stillReading = [] } = found;
  if (part !== null) await refuseNewReaders(lab, bothWays(lab, plan.from, plan.to).forward, part, signal);
  warnOfReaders(lab, forward.source, stillReading);
  const request = { flow: forward, groups: [], sourceReachable: true, compare: true, drained: true };
  const [known] = await allOrAbort(signal, [
    (either) => readGroupPositions(lab, request, either),
    // Also of topics that appeared since they were created first.
    (either) => createLocalTopics(lab, forward, either),
  ]);
  const names = known.map(({ group }) => group);
  const remotes = [...new Set(known.flatMap(({ partitions }) => partitions.map(({ remoteTopic }) => remoteTopic)))];
  const target = await adminOf(lab, forward.target);
  const [ranges] = await allOrAbort(signal, [
    (either) => target.logRanges(remotes, either),
    (either) => refuseLiveGroups(lab, forward.target, names, either),
    (either) => keepOffsets(context, forward.target, names, either),
  ]);
  const groups = atEnds(known, lasts, new Map(ranges.map((range) => [partitionKey(range), range.end])));
  const [, mirrored] = await allOrAbort(signal, [
    (either) => commitAll(context, groups, either),
    (either) => mirroredTo(context, either),
  ]);
  return findings({ groups, mirrored });
}

/** What was written on the target in an earlier turn was read here as its copy: that progress goes with the groups. */
async function commitAll(
  { lab, forward, reverse }: MoveContext,
  groups: readonly GroupOffsets[],
  signal: AbortSignal,
): Promise<void> {
  await commitGroups(lab, forward, groups, signal);
  await returnGroups(lab, { forward: reverse, reverse: forward }, 'copies', signal);
}

/**
 * Starts the flow that leads back. Before it does: what was written on the source after the promotion. Later, under the
 * identity policy, the flow's own records could not be told from it.
 */
async function reverse(context: MoveContext, signal: AbortSignal) {
  const { lab, forward, found } = context;
  const { promotion, moved } = lab.record;
  const runs = promotion?.seeded ?? context.part?.topics.every((topic) => moved?.seeded.includes(topic)) ?? false;
  const late = runs ? found.late : await findBypass(lab, forward, found.ends ?? {}, signal);
  context.lab = await startReverse(lab, context, signal);
  if (context.part === null && !runs) context.lab = await recordClosed(context.lab, forward.source, null, signal);
  return findings(late === undefined ? {} : { late });
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
  const request = { flow: forward, groups, sourceReachable: true, compare: true, drained: true };
  const groupsAfter = groups.length === 0 ? [] : await readGroupPositions(lab, request, signal);
  await checkFailover(lab, forward, move, planned, groupsAfter, signal);
  judgeFence(context);
  if (context.part !== null) await judgeRest(context, signal);
  return findings({ groupsAfter });
}

function judgeFence({ forward, move, found: { late } }: MoveContext): void {
  const { source, target } = forward;
  if (late === undefined) {
    evaluate(move, 'fence.held', 'inconclusive', `cut short before "${source}" was read again after the promotion`);
    return;
  }
  const held = `"${source}" took no write past its fence: all it holds is on "${target}"`;
  const broken = `written on "${source}" after the promotion, not on "${target}": ${late.map(bypassText).join('; ')}`;
  evaluate(move, 'fence.held', late.length === 0 ? 'pass' : 'fail', late.length === 0 ? held : broken);
}

async function stillFenced({ lab, forward, part }: MoveContext, signal: AbortSignal): Promise<void> {
  if (await isFenced(lab, forward.source, signal, part?.topics)) return;
  throw new KmkError('KMK_WRONG_STATE', `"${forward.source}" takes client writes again`, {
    hints: ['Run `kmk switchover` again: it fences and drains anew.'],
  });
}

/** Clients go on where they were, unless the other side has been promoted. */
async function reopen(context: MoveContext, signal: AbortSignal): Promise<void> {
  const { lab, forward, part } = context;
  const record = await lab.tools.store.loadLab();
  if (record?.active !== forward.source || isPromoted({ lab: { record }, part })) return;
  await openCluster(lab, forward.source, signal, part?.topics);
}
