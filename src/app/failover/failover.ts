import { isIdleState } from '../../domain/consumer-group.ts';
import type { FailoverDocument, GroupOffsets, PlanDocument, Recovery } from '../../domain/documents.ts';
import { KmkError } from '../../domain/errors.ts';
import type { Promotion, Watermark } from '../../domain/lab/lab-record.ts';
import { planFailover, planUnfinishedFailover } from '../../domain/plan.ts';
import type { Flow } from '../../domain/setup.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf, flowBetween, saveRecord, standbyOf } from '../lab/lab.ts';
import { readGroupPositions } from '../offsets/group-positions.ts';
import { readSyncs } from '../offsets/mm2-records.ts';
import { readLag, totalLag } from '../replicate/positions.ts';
import type { Run } from '../run.ts';
import type { Cut, Disaster } from './disaster.ts';
import { causeDisaster } from './disaster.ts';
import { checkFailover } from './failover-checks.ts';
import { openCluster } from './fence.ts';
import { lossOf } from './loss.ts';
import type { Move } from './move-context.ts';
import { newMove, orPartlyDone, phase, recordDocument, verdictOf } from './move-context.ts';
import {
  commitGroups,
  createLocalTopics,
  mirroredTopics,
  readMirrored,
  readWatermarks,
  refuseLiveGroups,
} from './promotion.ts';
import { probeService } from './service-probe.ts';
import { restartWorker, stopFlow } from './stop-flow.ts';

export interface FailoverRequest {
  /** Cause the disaster first; null where it has happened. */
  readonly simulate: Disaster | null;
  /** Go on although the source is healthy. */
  readonly force: boolean;
}

/** What is planned now, from a look at both clusters. Changes nothing. Throws KMK_WRONG_STATE after a failover. */
export async function previewFailover(lab: Lab, request: FailoverRequest, signal: AbortSignal): Promise<PlanDocument> {
  const flow = failoverFlow(lab);
  if (lab.record.promotion !== null) return planUnfinishedFailover(flow.source, flow.target);
  const sourceHealthy = await answers(lab, flow.source, signal);
  const [groups, topics, lags] = await Promise.all([
    readGroupPositions(lab, { flow, groups: [], sourceReachable: sourceHealthy }, signal),
    mirroredTopics(lab, flow, signal),
    sourceHealthy ? readLag(lab, flow, signal).catch(() => null) : null,
  ]);
  const { policy, mode } = lab.record.setup.replication;
  return planFailover({
    from: flow.source,
    to: flow.target,
    policy,
    mode,
    ...request,
    sourceHealthy,
    groups: groups.length,
    topics: topics.length,
    liveGroups: groups.filter((group) => !isIdleState(group.state)).map((group) => group.group),
    lagRecords: lags === null ? null : totalLag(lags),
  });
}

/**
 * Moves clients' service to the standby after the active cluster was lost: stops the flow, commits the groups' best
 * known positions, promotes, proves service with a client's record and checks the result. The caller has confirmed.
 */
export async function failover(
  lab: Lab,
  request: FailoverRequest,
  run: Run,
  signal: AbortSignal,
): Promise<FailoverDocument> {
  const plan = await previewFailover(lab, request, signal);
  refuseBlocked(plan);
  const flow = failoverFlow(lab);
  const move = newMove(run);
  return orPartlyDone(move, 'kmk failover --yes', () =>
    lab.record.promotion === null
      ? carryOut(lab, flow, request, move, signal)
      : finish(lab, flow, request, move, signal),
  );
}

async function carryOut(
  lab: Lab,
  flow: Flow,
  request: FailoverRequest,
  move: Move,
  signal: AbortSignal,
): Promise<FailoverDocument> {
  const { clock } = lab.tools;
  const { simulate } = request;
  const cut: Cut =
    simulate === null
      ? { at: clock.now(), sourceEnds: null }
      : await phase(move, 'disaster', `causing the disaster: ${simulate} "${flow.source}"`, () =>
          causeDisaster(lab, flow, simulate, signal),
        );
  const { workerKilled } = await phase(move, 'stop-flow', `stopping the flow ${flow.source}->${flow.target}`, () =>
    stopFlow(lab, flow, signal),
  );
  const sourceReachable = simulate === null && (await answers(lab, flow.source, signal));
  const [groups, mirrored] = await phase(move, 'offsets', "committing the groups' best known positions", async () => {
    const known = await readGroupPositions(lab, { flow, groups: [], sourceReachable }, signal);
    await refuseLiveGroups(
      lab,
      flow.target,
      known.map(({ group }) => group),
      signal,
    );
    const marks = await readMirrored(lab, flow, await readSyncs(lab, flow, signal), signal);
    // The local twins must exist before groups can have positions there.
    await createLocalTopics(lab, flow, signal);
    await commitGroups(lab, flow, known, signal);
    return [known, marks] as const;
  });
  const promoted = await phase(move, 'promote', `making "${flow.target}" active`, () =>
    promote(lab, flow, mirrored, move, signal),
  );
  const before = { cut, mirrored, groups, workerKilled };
  return prove(promoted, flow, request, move, before, signal);
}

/** What an earlier failover left undone after the promotion; what it knew about the cut is in its own journal. */
async function finish(
  lab: Lab,
  flow: Flow,
  request: FailoverRequest,
  move: Move,
  signal: AbortSignal,
): Promise<FailoverDocument> {
  await phase(move, 'promote', `letting clients write on "${flow.target}"`, async () => {
    if (lab.record.setup.replication.policy === 'identity') await openCluster(lab, flow.target, signal);
  });
  const { promotion } = lab.record;
  const cut: Cut = { at: lab.tools.clock.now(), sourceEnds: null };
  const groups = await readGroupPositions(lab, { flow, groups: [], sourceReachable: false }, signal);
  const workers = (await lab.runtime.list()).filter(
    ({ kind, cluster }) => kind === 'connect' && cluster === flow.target,
  );
  const workerKilled = workers.some(({ state }) => state !== 'running');
  const before = { cut, mirrored: promotion?.mirrored ?? [], groups, workerKilled };
  return prove(lab, flow, request, move, before, signal);
}

interface BeforeProof {
  readonly cut: Cut;
  readonly mirrored: readonly Watermark[];
  readonly groups: readonly GroupOffsets[];
  readonly workerKilled: boolean;
}

/** Everything after the promotion: service for clients, the worker, the checks and the result. */
async function prove(
  promoted: Lab,
  flow: Flow,
  request: FailoverRequest,
  move: Move,
  { cut, mirrored, groups, workerKilled }: BeforeProof,
  signal: AbortSignal,
): Promise<FailoverDocument> {
  const recovery = await phase(move, 'service', `writing and reading on "${flow.target}" as a client`, () =>
    probeService(promoted, flow.target, cut.at, signal),
  );
  if (workerKilled) {
    await phase(move, 'worker', `starting the Connect worker of "${flow.target}" again, its flow stopped`, () =>
      restartWorker(promoted, flow.target, signal),
    );
  }
  const after = await phase(move, 'verify', 'checking the result', async () => {
    const found = await readGroupPositions(
      promoted,
      { flow, groups: groups.map(({ group }) => group), sourceReachable: false },
      signal,
    );
    await checkFailover(promoted, flow, move, groups, found, signal);
    return found;
  });
  const document = documentOf(flow, request, move, { cut, mirrored, recovery, groups: after });
  await recordDocument(promoted, move, document);
  const { promotion } = promoted.record;
  if (promotion !== null) await saveRecord(promoted, { promotion: { ...promotion, unfinished: false } });
  return document;
}

async function promote(
  lab: Lab,
  flow: Flow,
  mirrored: readonly Watermark[],
  move: Move,
  signal: AbortSignal,
): Promise<Lab> {
  const watermarks = await readWatermarks(lab, flow, signal);
  const { events, clock } = lab.tools;
  const epoch = lab.record.epoch + 1;
  const promotion: Promotion = {
    from: flow.source,
    to: flow.target,
    at: new Date(clock.now()).toISOString(),
    runId: move.run.runId,
    watermarks,
    mirrored,
    seeded: false,
    unfinished: true,
  };
  // Recorded before clients may write: whatever happens next, failback knows where the reverse flow starts.
  const promoted = await saveRecord(lab, { active: flow.target, epoch, promotion });
  if (lab.record.setup.replication.policy === 'identity') await openCluster(promoted, flow.target, signal);
  events.emit('active.changed', { from: flow.source, to: flow.target, epoch });
  return promoted;
}

function documentOf(
  flow: Flow,
  request: FailoverRequest,
  move: Move,
  found: {
    readonly cut: Cut;
    readonly mirrored: readonly Watermark[];
    readonly recovery: Recovery;
    readonly groups: readonly GroupOffsets[];
  },
): FailoverDocument {
  const loss = lossOf(found.cut, found.mirrored);
  return {
    schema: 'kmk.failover/v1',
    runId: move.run.runId,
    kind: 'failover',
    simulated: request.simulate !== null,
    from: flow.source,
    to: flow.target,
    verdict: verdictOf(move.checks),
    phases: move.phases,
    recovery: found.recovery,
    loss,
    duplicates: null,
    stranded: loss.records,
    groups: found.groups.map((group) => ({ ...group, redelivered: null, skipped: null })),
    checks: move.checks,
    journal: move.run.journal,
    report: move.run.report,
  };
}

/** The flow that a failover now would follow. Throws KMK_WRONG_STATE when a promotion is already in force. */
function failoverFlow(lab: Lab): Flow {
  const { active, promotion } = lab.record;
  if (promotion !== null && promotion.unfinished !== true) {
    throw new KmkError(
      'KMK_WRONG_STATE',
      `"${promotion.to}" was promoted already and "${promotion.from}" has not come back`,
      {
        hints: ['Run `kmk failback` first.'],
      },
    );
  }
  const [source, target] = promotion === null ? [active, standbyOf(lab)] : [promotion.from, promotion.to];
  const flow = flowBetween(lab, source, target);
  if (flow === null) throw new KmkError('KMK_WRONG_STATE', `no flow leads from "${source}" to "${target}"`);
  return flow;
}

function refuseBlocked(plan: PlanDocument): void {
  const [blocker] = plan.blockers;
  if (blocker === undefined) return;
  const healthy = blocker.endsWith('is healthy');
  throw new KmkError(healthy ? 'KMK_SOURCE_HEALTHY' : 'KMK_GROUP_ACTIVE', `refused: ${blocker}`, {
    hints: healthy
      ? [
          'Use `kmk failover --simulate` to rehearse, or `--force` where the source must be given up although it answers.',
        ]
      : ['Stop these consumers on the standby: their positions are about to be written. Then run the command again.'],
    context: { from: plan.from, to: plan.to },
  });
}

/** Whether any broker of the cluster answers within the fast-fail profile. */
export async function answers(lab: Lab, alias: string, signal: AbortSignal): Promise<boolean> {
  try {
    await (await adminOf(lab, alias)).describeCluster(signal);
    return true;
  } catch (error) {
    if (KmkError.is(error) && error.code === 'KMK_KAFKA_UNREACHABLE') return false;
    throw error;
  }
}
