import { KmkError } from '../../domain/errors.ts';
import { connectorName } from '../../domain/lab/connect-config.ts';
import type { MoveKind } from '../../domain/plan/plan.ts';
import type { MoveSnapshot } from '../../domain/plan/snapshot.ts';
import type { Flow } from '../../domain/setup.ts';
import { flowId } from '../../domain/setup.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf, connectOf, flowBetween, standbyOf } from '../lab/lab.ts';
import { readGroupPositions } from '../offsets/group-positions.ts';
import { knowledgeAgeMs, seenLag } from '../offsets/samples.ts';
import { readLag, totalLag } from '../replicate/positions.ts';
import { ageOfLast, heartbeatsCross } from '../replicate/freshness.ts';
import { mirroredTopics } from './promotion.ts';
import { measureTail } from './stranded.ts';

/** The two directions of a move: `forward` is copied before it, `reverse` after it. */
export interface MoveFlows {
  readonly forward: Flow;
  readonly reverse: Flow;
}

/**
 * The flows of a move of that kind now: of a failover and a switchover from the active cluster to its standby, of a
 * failback those of the promotion that it undoes (`forward` is the setup's own). Throws KMK_WRONG_STATE.
 */
export function flowsOfMove(lab: Lab, kind: MoveKind): MoveFlows {
  const { active, promotion } = lab.record;
  if (kind === 'failback') {
    if (promotion !== null) return bothWays(lab, promotion.from, promotion.to);
    throw new KmkError('KMK_WRONG_STATE', `nothing was failed over: "${active}" is active`, {
      hints: ['Run `kmk failover --simulate` for a rehearsal first.'],
    });
  }
  if (promotion === null) return bothWays(lab, active, standbyOf(lab));
  if (kind === 'failover' && promotion.unfinished === true) return bothWays(lab, promotion.from, promotion.to);
  throw new KmkError(
    'KMK_WRONG_STATE',
    `"${promotion.to}" was promoted already and "${promotion.from}" has not come back`,
    { hints: ['Run `kmk failback` first.'] },
  );
}

/** The flows between two clusters in both directions. Throws KMK_WRONG_STATE where the setup has none. */
export function bothWays(lab: Lab, source: string, target: string): MoveFlows {
  const forward = flowBetween(lab, source, target);
  const reverse = flowBetween(lab, target, source);
  if (forward === null || reverse === null) {
    throw new KmkError('KMK_WRONG_STATE', `no flow leads from "${source}" to "${target}"`);
  }
  return { forward, reverse };
}

/**
 * Reads both sides of a move. Changes nothing; a side that does not answer is part of the answer. `doubted`: a side to be
 * left that is silent may be slow, and its heartbeats are waited for.
 */
export async function takeSnapshot(
  lab: Lab,
  kind: MoveKind,
  signal: AbortSignal,
  doubted = false,
): Promise<MoveSnapshot> {
  const { record } = lab;
  const { forward } = flowsOfMove(lab, kind);
  const back = kind === 'failback';
  const [from, to] = back ? [forward.target, forward.source] : [forward.source, forward.target];
  const takenAt = new Date(lab.tools.clock.now()).toISOString();
  const asking = [from, to].map(async (alias) => ({ alias, clusterId: await clusterIdOf(lab, alias, signal) }));
  const [clusters, crosses] = await Promise.all([
    Promise.all(asking),
    doubted &&
      heartbeatsCross(
        lab,
        forward,
        asking[0]?.then(({ clusterId }) => clusterId !== null),
        signal,
      ),
  ]);
  const answers = new Set(clusters.filter(({ clusterId }) => clusterId !== null).map(({ alias }) => alias));
  const [groups, topics, flow, knowledgeAgeMs] = await Promise.all([
    back ? [] : readGroupPositions(lab, { flow: forward, groups: [], sourceReachable: answers.has(from) }, signal),
    back ? [] : mirroredTopics(lab, forward, signal),
    readFlow(lab, forward, answers, signal),
    answers.has(from) ? 0 : ageOfKnowledge(lab, forward, signal),
  ]);
  const { promotion } = record;
  return {
    schema: 'kmk.snapshot/v1',
    project: record.project,
    takenAt,
    policy: record.setup.replication.policy,
    mode: record.setup.replication.mode,
    active: record.active,
    epoch: record.epoch,
    promotion:
      promotion === null
        ? null
        : {
            ...{ from: promotion.from, to: promotion.to, runId: promotion.runId },
            unfinished: promotion.unfinished === true,
          },
    ...{ from, to, clusters, flows: [flow], groups, knowledgeAgeMs, topics },
    ...(crosses ? { crossesStill: true } : {}),
    ...(back && answers.has(to) && answers.has(from)
      ? { stranded: await measureTail(lab, forward, { settled: false }, signal) }
      : {}),
  };
}

async function readFlow(
  lab: Lab,
  flow: Flow,
  answers: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<MoveSnapshot['flows'][number]> {
  const lag = async (): Promise<number | null> => {
    if (!answers.has(flow.target)) return null;
    return answers.has(flow.source) ? totalLag(await readLag(lab, flow, signal)) : seenLag(lab, flow, signal);
  };
  const [state, lagRecords] = await Promise.all([flowState(lab, flow, signal), lag().catch(() => null)]);
  return { flow: flowId(flow), state, lagRecords };
}

async function ageOfKnowledge(lab: Lab, flow: Flow, signal: AbortSignal): Promise<number | null> {
  const heartbeats = lab.layout.policy.remoteHeartbeatsTopic(flow.source);
  return knowledgeAgeMs(lab, flow, await ageOfLast(lab, flow.target, heartbeats, signal));
}

/** What runs the flow: the state of its source connector or of its process; "down" where the worker does not run. */
async function flowState(lab: Lab, flow: Flow, signal: AbortSignal): Promise<string> {
  const connect = lab.record.setup.replication.mode === 'connect';
  const service = (await lab.runtime.list()).find(
    ({ kind, cluster }) => kind === (connect ? 'connect' : 'mm2') && cluster === flow.target,
  );
  if (service?.state !== 'running') return 'down';
  if (!connect) return 'running';
  const report = await connectOf(lab, flow.target)
    .report(connectorName(flow, 'source'), signal)
    .catch(() => undefined);
  if (report === undefined) return 'unknown';
  return report === null ? 'absent' : report.state.toLowerCase();
}

/** The id that the cluster's brokers tell; null where none answers within the fast-fail profile. */
export async function clusterIdOf(lab: Lab, alias: string, signal: AbortSignal): Promise<string | null> {
  try {
    return (await (await adminOf(lab, alias)).describeCluster(signal)).clusterId;
  } catch (error) {
    if (KmkError.is(error) && error.code === 'KMK_KAFKA_UNREACHABLE') return null;
    throw error;
  }
}
