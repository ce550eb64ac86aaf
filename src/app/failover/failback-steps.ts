import { groupFilter } from '../../domain/flow-filter.ts';
import { KmkError } from '../../domain/errors.ts';
import type { ConnectorType } from '../../domain/lab/connect-config.ts';
import { CONNECTOR_TYPES } from '../../domain/lab/connect-config.ts';
import type { LabRecord } from '../../domain/lab/lab-record.ts';
import { joinMarks, movedNow } from '../../domain/plan/part.ts';
import type { StepKind } from '../../domain/plan/plan.ts';
import { bypassText } from '../../domain/fence-bypass.ts';
import { standbyUntouched } from '../../domain/stray-records.ts';
import type { TailPart } from '../../domain/stranded-tail.ts';
import { tailSize } from '../../domain/stranded-tail.ts';
import { flowId } from '../../domain/setup.ts';
import { standbyTakesWrites } from '../../domain/standby.ts';
import type { Lab } from '../lab/lab.ts';
import { allOrAbort } from '../all-or-abort.ts';
import { adminOf, saveRecord } from '../lab/lab.ts';
import { copiedUserTopics } from '../replicate/source-topics.ts';
import { readSyncs } from '../offsets/mm2-records.ts';
import { resumeConnectors, stopConnectors } from '../replicate/flow-connectors.ts';
import { tellEpoch } from '../state/state-topic.ts';
import { awaitReturned } from './await-returned.ts';
import { awaitCaughtUp, awaitDrained } from './drain.ts';
import { checkForward, checkNothingTwice } from './failback-checks.ts';
import { findSecondWriters } from './fence-bypass.ts';
import type { Fenced } from './fence.ts';
import { fenceCluster, isFenced, openCluster, openMoved, openPromoted, openWholly } from './fence.ts';
import { returnGroups } from './group-return.ts';
import { awaitLastCommits, warnOfReaders } from './last-commits.ts';
import { afterLast, lastRecordsOf } from './last-records.ts';
import { mirroredTopics } from './promotion.ts';
import { awaitIdleGroups } from './idle-groups.ts';
import type { Move, MoveContext, MoveStep } from './move-context.ts';
import { evaluate, findings } from './move-context.ts';
import { keepOffsets, restoreOffsets } from './offsets-before.ts';
import { refuseNewReturning } from './read-scope.ts';
import { returnFenced } from './return-primary.ts';
import { decisionNow, findTail, forgetTail, resolveTail, tailRequestOf } from './resolve-tail.ts';
import { resumeForward, startReverse } from './reverse-flow.ts';
import { seedForward, seedForwardPart, seedsForward } from './seed-reverse.ts';
import { probeService } from './service-probe.ts';
import { closedSides, closedStandbys, recordClosed, withoutSide } from './stray-records.ts';
import { restartWorker } from './stop-flow.ts';
import { switchedBack } from './switched-back.ts';
import { bothWays } from './take-snapshot.ts';

/** Kinds of steps that a failback consists of. */
type FailbackStep = Extract<
  StepKind,
  | 'returnFenced'
  | 'resolveTail'
  | 'startReverseFlow'
  | 'catchUp'
  | 'fenceSource'
  | 'commitGroupOffsets'
  | 'compareCopies'
  | 'promoteTarget'
  | 'resumeForwardFlow'
  | 'runChecks'
>;

/** The last records behind a fence cross within Connect's flush interval. */
const DRAIN_LIMIT_MS = 60_000;

/** How a failback's steps are done and undone, from the functions that know how. */
export const FAILBACK_STEPS: Readonly<Record<FailbackStep, MoveStep>> = {
  returnFenced: {
    apply: async (context, signal) => {
      const { forward, plan, move } = context;
      const lab = await returnFenced(context.lab, forward.source, signal);
      context.lab = lab;
      await awaitReturned(lab, forward, tailRequestOf(plan).acceptLoss, signal);
      const { parts } = await findTail(lab, forward, decisionNow(lab, tailRequestOf(plan)), signal);
      await judgeWriters(lab, forward, { move, parts }, signal);
      return findings({ stranded: tailSize(parts) });
    },
  },
  resolveTail: { apply: resolveTail, undo: forgetTail },
  startReverseFlow: {
    apply: async (context, signal) => {
      refuseHalfDone(context.lab);
      context.lab = await startReverse(context.lab, context, signal);
    },
  },
  catchUp: {
    apply: async (context, signal) => {
      const { forward, reverse } = context;
      const lab = await restartWorker(context.lab, reverse.target, signal);
      context.lab = lab;
      await Promise.all([
        awaitCaughtUp(lab, reverse, 'catch-up', signal),
        // Before clients are refused: what cannot be positioned must not hold them up.
        awaitIdleGroups(lab, forward, signal),
        // Behind the fence only what is new is left to read.
        readSyncs(lab, forward, signal),
        readSyncs(lab, reverse, signal),
      ]);
      // As in a switchover: what takes a worker a second or two to end must not be waited for behind the fence.
      await stopConnectors(lab, reverse, ['checkpoint', 'heartbeat'], signal);
    },
    undo: (context, signal) => copyOn(context, ['checkpoint', 'heartbeat'], signal),
  },
  fenceSource: {
    apply: async (context, signal) => {
      const { reverse } = context;
      // A first attempt may have ended with the worker, or with its flow stopped for the comparison.
      const lab = await restartWorker(context.lab, reverse.target, signal);
      context.lab = lab;
      await resumeConnectors(lab, reverse, ['source'], signal);
      const cutAt = lab.tools.clock.now();
      await fenceCluster(lab, reverse.source, signal, closed(context));
      const [, stillReading] = await allOrAbort(signal, [
        (either) => awaitDrained(lab, reverse, { id: 'fence', timeoutMs: DRAIN_LIMIT_MS }, either),
        (either) => awaitProgress(context, either),
      ]);
      return findings({ cutAt, stillReading });
    },
    undo: reopen,
    release: reopen,
  },
  commitGroupOffsets: {
    precondition: stillFenced,
    apply: async (context, signal) => {
      const { lab, forward, reverse, part, plan } = context;
      if (part !== null) await refuseNewReturning(lab, bothWays(lab, plan.to, plan.from).forward, part, signal);
      // Stopped before the fence; what writes positions there is asked for once more.
      await stopConnectors(lab, reverse, ['checkpoint'], signal);
      const groups = (await (await adminOf(lab, reverse.source)).listGroups(signal)).map(({ group }) => group);
      await keepOffsets(context, reverse.target, groups.filter(groupFilter(forward)), signal);
      const { again } = await returnGroups(lab, { forward, reverse }, 'all', signal);
      return findings({ redelivered: again });
    },
    undo: restoreOffsets,
  },
  compareCopies: {
    precondition: stillFenced,
    apply: async (context, signal) => {
      const { reverse, part } = context;
      await stopConnectors(context.lab, reverse, CONNECTOR_TYPES, signal);
      // Before the comparison: what is written between the two is missing there, and what comes later a stray.
      context.lab = await recordClosed(context.lab, reverse.source, part, signal);
      return findings({ duplicates: await checkNothingTwice(context, signal) });
    },
    undo: (context, signal) => copyOn(context, ['source'], signal),
  },
  promoteTarget: {
    precondition: stillFenced,
    inEffect: async (context) => hasSwitched(await context.lab.tools.store.loadLab(), context),
    apply: (context, signal) => (context.part === null ? switchBack : switchPartBack)(context, signal),
  },
  resumeForwardFlow: {
    apply: async (context, signal) => {
      context.lab = await resumeForward(context.lab, context, signal);
    },
  },
  runChecks: {
    apply: async ({ lab, forward, reverse, move }, signal) => {
      await awaitDrained(lab, forward, { id: 'verify', timeoutMs: DRAIN_LIMIT_MS }, signal);
      await checkForward(lab, forward, move, signal);
      const closed = closedStandbys(lab).filter((alias) => alias === reverse.source);
      const { id, verdict, message } = standbyUntouched(await closedSides(lab, signal, closed));
      evaluate(move, id, verdict, message);
    },
  },
};

/**
 * What groups still process on the cluster that is left would be read again: behind the fence their last commits are
 * waited for, on its own topics and on the copies. Gives those that are still behind.
 */
async function awaitProgress({ lab, forward, reverse }: MoveContext, signal: AbortSignal): Promise<readonly string[]> {
  const own = await copiedUserTopics(lab, reverse, signal);
  const copies = await mirroredTopics(lab, forward, signal);
  const lasts = await lastRecordsOf(lab, reverse.source, [...new Set([...own, ...copies])], signal);
  const { groups, groupsExclude } = forward;
  const stillReading = await awaitLastCommits(lab, { ...reverse, groups, groupsExclude }, afterLast(lasts), signal);
  warnOfReaders(lab, reverse.source, stillReading);
  return stillReading;
}

/** The reverse flow runs on; its worker may have died: it is what the move was taken back for. */
async function copyOn(context: MoveContext, types: readonly ConnectorType[], signal: AbortSignal): Promise<void> {
  context.lab = await restartWorker(context.lab, context.reverse.target, signal);
  await resumeConnectors(context.lab, context.reverse, types, signal);
}

async function switchBack(context: MoveContext, signal: AbortSignal) {
  const { forward, reverse, found } = context;
  const [from, to] = [reverse.source, reverse.target];
  if (!hasSwitched(context.lab.record, context)) {
    const lab = await withForwardWorker(context, signal);
    // Before clients write there: under the identity policy the forward flow must not copy what came from the other side.
    const begin = await seedForward(lab, forward, signal);
    const epoch = lab.record.epoch + 1;
    const settled = begin.length === 0 ? {} : { settled: { ...lab.record.settled, [flowId(forward)]: begin } };
    const promotion = lab.record.promotion && { ...lab.record.promotion, switched: switchedBack(context) };
    const closed = withoutSide(lab.record.closed, to);
    context.lab = await saveRecord(lab, { active: to, epoch, promotion, closed, ...settled });
    await tellEpoch(context.lab, to, signal);
    await openWholly(context.lab, to, signal);
    lab.tools.events.emit('active.changed', { from, to, epoch });
  } else {
    await tellEpoch(context.lab, to, signal);
    await openWholly(context.lab, to, signal);
  }
  return findings({
    recovery: await probeService(context.lab, to, found.cutAt ?? context.lab.tools.clock.now(), signal),
  });
}

/** The worker of the flow that is to be told where to go on may have died while that flow was stopped. */
async function withForwardWorker(context: MoveContext, signal: AbortSignal): Promise<Lab> {
  if (seedsForward(context.lab)) context.lab = await restartWorker(context.lab, context.forward.target, signal);
  return context.lab;
}

/** Clients of what had moved work where the rest does again. */
async function switchPartBack(context: MoveContext, signal: AbortSignal) {
  const { forward, reverse, standing, part, found } = context;
  const { moved } = context.lab.record;
  const [from, to] = [reverse.source, reverse.target];
  const topics = part?.topics ?? [];
  if (moved && moved.returned !== true) {
    const lab = await withForwardWorker(context, signal);
    // Before clients write there, as in a whole switch back.
    const begin = await seedForwardPart(lab, { standing: standing.forward, part: forward }, signal);
    const id = flowId(forward);
    const epoch = lab.record.epoch + 1;
    context.lab = await saveRecord(lab, {
      ...{ epoch, moved: { ...moved, returned: true, switched: switchedBack(context) } },
      ...(begin.length === 0
        ? {}
        : { settled: { ...lab.record.settled, [id]: joinMarks(begin, lab.record.settled?.[id] ?? []) } }),
    });
    lab.tools.events.emit('topics.moved', { from, to, topics, groups: part?.groups ?? [], epoch });
  }
  await tellEpoch(context.lab, to, signal);
  await openCluster(context.lab, to, signal, topics);
  return findings({
    recovery: await probeService(context.lab, to, found.cutAt ?? context.lab.tools.clock.now(), signal),
  });
}

/** Names who wrote on the old active after the promotion: for these topics there were two. */
async function judgeWriters(
  lab: MoveContext['lab'],
  forward: MoveContext['forward'],
  { move, parts }: { readonly move: Move; readonly parts: readonly TailPart[] },
  signal: AbortSignal,
): Promise<void> {
  const { source, target } = forward;
  const second = await findSecondWriters(lab, forward, parts, signal);
  const one = `nobody wrote on "${source}" after the promotion of "${target}"`;
  const two = `written on "${source}" after the promotion of "${target}": ${second.map(bypassText).join('; ')}`;
  evaluate(move, 'writers.one-side', second.length === 0 ? 'pass' : 'inconclusive', second.length === 0 ? one : two);
  if (second.length > 0) lab.tools.events.emit('warning', { text: two });
}

/** A run that knows nothing of a tail must not go on over one that another run has begun to deal with. */
function refuseHalfDone({ record }: MoveContext['lab']): void {
  const tail = record.promotion?.tail;
  if (tail === undefined || tail.complete) return;
  throw new KmkError(
    'KMK_TAIL_UNDECIDED',
    `the ${tail.choice} of ${tailSize(tail.parts)} stranded records is not complete`,
    {
      hints: ['Run `kmk failback --yes`: it goes on with it.'],
    },
  );
}

/** What is refused where clients are to leave: on a closed standby nothing but the part is open, so all. */
function closed({ lab, part }: MoveContext): Fenced {
  return part === null || !standbyTakesWrites(lab.record.setup) ? null : part.topics;
}

/** Whether clients work on the cluster that is returned to; of no record nobody knows, so they may. */
function hasSwitched(record: LabRecord | null, { reverse, part }: Pick<MoveContext, 'reverse' | 'part'>): boolean {
  if (record === null) return true;
  return part === null ? record.active === reverse.target : record.moved?.returned === true;
}

/** What follows rests on nobody writing where clients are to leave. */
async function stillFenced(context: MoveContext, signal: AbortSignal): Promise<void> {
  const { lab, reverse } = context;
  if (hasSwitched(lab.record, context) || (await isFenced(lab, reverse.source, signal, closed(context)))) return;
  throw new KmkError('KMK_WRONG_STATE', `"${reverse.source}" takes client writes again`, {
    hints: ['Run `kmk failback --yes`: it fences and drains anew.'],
  });
}

/** The cluster that is still active must not stay closed to clients. */
async function reopen(context: MoveContext, signal: AbortSignal): Promise<void> {
  const { lab, reverse, part } = context;
  const record = await lab.tools.store.loadLab();
  const still = part === null ? record?.active === reverse.source : record !== null && movedNow(record) !== null;
  if (!still) return;
  if (part === null) await openPromoted(lab, context.forward, signal);
  else
    await (closed(context) === null ? openMoved(lab, signal) : openCluster(lab, reverse.source, signal, part.topics));
}
