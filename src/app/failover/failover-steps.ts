import type { Disaster } from '../../domain/fault.ts';
import { KmkError } from '../../domain/errors.ts';
import type { Promotion } from '../../domain/lab/lab-record.ts';
import { reverseOf } from '../../domain/lab/layout.ts';
import { joinMarks, movedNow } from '../../domain/plan/part.ts';
import type { StepKind } from '../../domain/plan/plan.ts';
import { refuseLiveGroups } from '../groups/live-groups.ts';
import { saveRecord, workerOf } from '../lab/lab.ts';
import { awaitCluster } from '../lab/readiness.ts';
import { tellEpoch } from '../state/state-topic.ts';
import { startServices } from '../lab/start-services.ts';
import { readGroupPositions } from '../offsets/group-positions.ts';
import { readSyncs } from '../offsets/mm2-records.ts';
import { causeDisaster } from './disaster.ts';
import { checkFailover } from './failover-checks.ts';
import { openPromoted } from './fence.ts';
import { endTexts, giveUpSource } from './give-up-source.ts';
import type { MoveContext, MoveStep } from './move-context.ts';
import { findings } from './move-context.ts';
import { keepOffsets, restoreOffsets } from './offsets-before.ts';
import { commitGroups, createLocalTopics, readMirrored, readWatermarks } from './promotion.ts';
import { outsideEnds, withoutSide } from './stray-records.ts';
import { probeService } from './service-probe.ts';
import { isFlowStopped, restartFlow, restartStopped, stopFlow } from './stop-flow.ts';
import { clusterIdOf } from './take-snapshot.ts';

/** Kinds of steps that a failover consists of. */
type FailoverStep = Extract<
  StepKind,
  | 'causeDisaster'
  | 'fenceSource'
  | 'stopFlow'
  | 'commitGroupOffsets'
  | 'promoteTarget'
  | 'proveService'
  | 'restartWorker'
  | 'runChecks'
>;

/** How a failover's steps are done and undone, from the functions that know how. */
export function failoverSteps(how: string | null): Readonly<Record<FailoverStep, MoveStep>> {
  return {
    causeDisaster: disaster(how as Disaster),
    fenceSource: giveUpSource,
    stopFlow: {
      apply: async (context, signal) => {
        const cutAt = context.found.cutAt ?? context.lab.tools.clock.now();
        const gone = { sourceGone: how !== null || wasGone(context) };
        const { lab, workerKilled } = await stopFlow(context.lab, context.forward, gone, signal);
        context.lab = lab;
        return findings({ cutAt, workerKilled });
      },
      undo: async (context, signal) => {
        context.lab = await restartFlow(context.lab, context.forward, signal);
      },
    },
    commitGroupOffsets: offsets,
    promoteTarget: promotion,
    proveService,
    restartWorker: {
      applies: async ({ lab, forward }) => {
        const { name } = workerOf(lab, forward.target);
        return (await lab.runtime.list()).find((service) => service.name === name)?.state !== 'running';
      },
      apply: async (context, signal) => {
        context.lab = await restartStopped(context.lab, context.forward, signal);
      },
    },
    runChecks: { apply: verify },
  };
}

/** Nobody of the source answered when the plan was made: it is not waited for again. */
function wasGone({ plan }: MoveContext): boolean {
  return plan.assumptions.clusterIds[plan.from] === null;
}

/** A client's record on the new active, timed from the cut. */
export const proveService: MoveStep = {
  apply: async ({ lab, forward, found }, signal) =>
    findings({ recovery: await probeService(lab, forward.target, found.cutAt ?? lab.tools.clock.now(), signal) }),
};

function disaster(how: Disaster): MoveStep {
  return {
    apply: async ({ lab, forward }, signal) => {
      const cut = await causeDisaster(lab, forward, how, signal);
      return findings({ cutAt: cut.at, sourceEnds: cut.sourceEnds === null ? null : endTexts(cut.sourceEnds) });
    },
    // Nothing was promoted: the source may serve again.
    undo: async ({ lab, forward }, signal) => {
      await startServices(lab, { clusters: [forward.source], workers: [] }, signal);
      await awaitCluster(lab, forward.source, signal);
    },
  };
}

const offsets: MoveStep = {
  apply: async (context, signal) => {
    const { lab, forward, plan } = context;
    const given = plan.request['simulate'] !== null || wasGone(context);
    const sourceReachable = !given && (await clusterIdOf(lab, forward.source, signal)) !== null;
    const request = { flow: forward, groups: [], sourceReachable, compare: true };
    const known = await readGroupPositions(lab, request, signal);
    const names = known.map(({ group }) => group);
    await refuseLiveGroups(lab, forward.target, names, signal);
    const prepare = async (): Promise<void> => {
      await keepOffsets(context, forward.target, names, signal);
      // The local twins must exist before groups can have positions there.
      await createLocalTopics(lab, forward, signal);
    };
    const readMarks = async () => readMirrored(lab, forward, await readSyncs(lab, forward, signal), signal);
    const [mirrored] = await Promise.all([readMarks(), prepare()]);
    await commitGroups(lab, forward, known, signal);
    return findings({ groups: known, mirrored });
  },
  undo: restoreOffsets,
};

const promotion: MoveStep = {
  precondition: async ({ lab, forward, plan }, signal) => {
    const resumed = plan.steps[0]?.id === 'promote' || lab.record.promotion !== null;
    if (resumed || (await isFlowStopped(lab, forward, signal))) return;
    throw new KmkError('KMK_WRONG_STATE', `the flow into "${forward.target}" runs again`, {
      hints: ['Run `kmk resume --rollback`, then begin again.'],
    });
  },
  inEffect: async ({ lab }) => (await lab.tools.store.loadLab())?.promotion !== null,
  apply: promote,
};

/** Makes the target active, once; where an earlier process recorded it, clients are let in. */
export async function promote(context: MoveContext, signal: AbortSignal): Promise<void> {
  const { lab, forward } = context;
  if (lab.record.promotion === null) {
    await recordPromotion(context, signal);
    return;
  }
  await tellEpoch(lab, forward.target, signal);
  await openPromoted(lab, forward, signal);
}

async function recordPromotion(context: MoveContext, signal: AbortSignal): Promise<void> {
  const { lab, forward, found, move } = context;
  // What waves have moved before is copied back already, from marks of its own.
  const moved = movedNow(lab.record);
  const watermarks = joinMarks(moved?.watermarks ?? [], await readWatermarks(lab, reverseOf(forward), signal));
  const { events, clock } = lab.tools;
  const epoch = lab.record.epoch + 1;
  const made: Promotion = {
    from: forward.source,
    to: forward.target,
    at: new Date(clock.now()).toISOString(),
    runId: move.run.runId,
    watermarks,
    mirrored: joinMarks(moved?.mirrored ?? [], found.mirrored ?? []),
    outside: await outsideEnds(lab, reverseOf(forward), signal),
    seeded: false,
    unfinished: true,
    ...(moved === null ? {} : { reverseStart: moved.reverseStart }),
  };
  // Recorded before clients may write: whatever happens next, failback knows where the reverse flow starts.
  context.lab = await saveRecord(lab, {
    ...{ active: forward.target, epoch, promotion: made, moved },
    closed: withoutSide(lab.record.closed, forward.target),
  });
  await tellEpoch(context.lab, forward.target, signal);
  await openPromoted(context.lab, forward, signal);
  events.emit('active.changed', { from: forward.source, to: forward.target, epoch });
}

async function verify({ lab, forward, move, found }: MoveContext, signal: AbortSignal) {
  const request = { flow: forward, groups: [], sourceReachable: false };
  // A run that goes on after the promotion knows only what it reads now.
  const planned = found.groups ?? (await readGroupPositions(lab, request, signal));
  const groups = planned.map(({ group }) => group);
  const groupsAfter = groups.length === 0 ? [] : await readGroupPositions(lab, { ...request, groups }, signal);
  await checkFailover(lab, forward, move, planned, groupsAfter, signal);
  return findings({ groupsAfter });
}
