import { KmkError } from '../../domain/errors.ts';
import { connectorName } from '../../domain/lab/connect-config.ts';
import type { MoveKind } from '../../domain/plan/plan.ts';
import type { MoveFlows } from '../../domain/plan/part.ts';
import { flowsOfExtent } from '../../domain/plan/part.ts';
import type { ScopeRequest } from '../../domain/plan/scope.ts';
import type { MoveSnapshot } from '../../domain/plan/snapshot.ts';
import { movedBefore } from '../../domain/plan/snapshot.ts';
import type { Flow } from '../../domain/setup.ts';
import { flowId } from '../../domain/setup.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf, connectOf, setupFlowBetween, standbyOf } from '../lab/lab.ts';
import { readGroupPositions } from '../offsets/group-positions.ts';
import { knowledgeAgeMs, seenLag } from '../offsets/samples.ts';
import { readLag, totalLag } from '../replicate/positions.ts';
import { ageOfLast, heartbeatsCross } from '../replicate/freshness.ts';
import { mirroredTopics } from './promotion.ts';
import { returningScope, scopeOfWave } from './read-scope.ts';
import { closedSides, closedStandbys } from './stray-records.ts';
import { measureTail } from './stranded.ts';

/**
 * The flows of a move of that kind now: of a failover and a switchover from the active cluster to its standby, of a
 * failback those of the promotion, or of the waves, that it undoes (`forward` is the setup's own). Throws
 * KMK_WRONG_STATE.
 */
export function flowsOfMove(lab: Lab, kind: MoveKind): MoveFlows {
  const { active, promotion, moved } = lab.record;
  if (kind === 'failback') {
    if (promotion === null && moved) return bothWays(lab, moved.from, moved.to);
    if (promotion !== null) return bothWays(lab, promotion.from, promotion.to);
    throw new KmkError('KMK_WRONG_STATE', `nothing was failed over: "${active}" is active`, {
      hints: ['Run `kmk failover --simulate` for a rehearsal first.'],
    });
  }
  if (kind === 'switchover' && moved?.returned === true) throw halfBack(moved.topics);
  if (promotion === null) return bothWays(lab, active, standbyOf(lab));
  if (kind === 'failover' && promotion.unfinished === true) return bothWays(lab, promotion.from, promotion.to);
  throw new KmkError(
    'KMK_WRONG_STATE',
    `"${promotion.to}" was promoted already and "${promotion.from}" has not come back`,
    { hints: ['Run `kmk failback` first.'] },
  );
}

function halfBack(topics: readonly string[]): KmkError {
  return new KmkError('KMK_WRONG_STATE', `the failback of ${topics.join(', ')} is not complete`, {
    hints: ['Run `kmk resume` or `kmk failback`, which end it.'],
  });
}

/** The setup's flows between two clusters in both directions. Throws KMK_WRONG_STATE where the setup has none. */
export function bothWays(lab: Lab, source: string, target: string): MoveFlows {
  const forward = setupFlowBetween(lab, source, target);
  const reverse = setupFlowBetween(lab, target, source);
  if (forward === null || reverse === null) {
    throw new KmkError('KMK_WRONG_STATE', `no flow leads from "${source}" to "${target}"`);
  }
  return { forward, reverse };
}

/** What else a snapshot is asked for. */
export interface SnapshotRequest {
  /** A side to be left that is silent may be slow, and its heartbeats are waited for. */
  readonly doubted?: boolean;
  /** The part that is to move; null for everything. */
  readonly scope?: ScopeRequest | null;
}

/** Reads both sides of a move. Changes nothing; a side that does not answer is part of the answer. */
export async function takeSnapshot(
  lab: Lab,
  kind: MoveKind,
  signal: AbortSignal,
  { doubted = false, scope: request = null }: SnapshotRequest = {},
): Promise<MoveSnapshot> {
  const { record } = lab;
  const flows = flowsOfMove(lab, kind);
  const back = kind === 'failback';
  const [from, to] = back ? [flows.forward.target, flows.forward.source] : [flows.forward.source, flows.forward.target];
  const takenAt = new Date(lab.tools.clock.now()).toISOString();
  const asking = [from, to].map(async (alias) => ({ alias, clusterId: await clusterIdOf(lab, alias, signal) }));
  const [clusters, crosses] = await Promise.all([
    Promise.all(asking),
    doubted &&
      heartbeatsCross(
        lab,
        flows.forward,
        asking[0]?.then(({ clusterId }) => clusterId !== null),
        signal,
      ),
  ]);
  const answers = new Set(clusters.filter(({ clusterId }) => clusterId !== null).map(({ alias }) => alias));
  const moved = movedOf(lab);
  const before = movedBefore(moved);
  const part = record.promotion === null && answers.size === 2;
  const scope = !part
    ? null
    : back && moved.moved !== undefined
      ? await returningScope(lab, flows.forward, moved.moved, signal)
      : request === null
        ? null
        : await scopeOfWave(lab, flows.forward, { request, before }, signal);
  const { forward } = back && scope === null ? flows : flowsOfExtent(flows, { part: scope, before });
  const [groups, topics, flow, knowledgeAgeMs] = await Promise.all([
    back ? [] : readGroupPositions(lab, { flow: forward, groups: [], sourceReachable: answers.has(from) }, signal),
    back ? [] : mirroredTopics(lab, forward, signal),
    readFlow(lab, forward, answers, signal),
    answers.has(from) ? 0 : ageOfKnowledge(lab, forward, signal),
  ]);
  const { promotion } = record;
  const closed = back || !answers.has(to) ? [] : closedStandbys(lab).filter((alias) => alias === to);
  const strays = await closedSides(lab, signal, closed);
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
    ...(isTwoWay(lab, flows) ? { twoWay: true } : {}),
    ...moved,
    ...(strays.length === 0 ? {} : { strays }),
    ...(scope === null ? {} : { scope }),
    ...(back && promotion !== null && answers.has(to) && answers.has(from)
      ? { stranded: await measureTail(lab, forward, { settled: false }, signal) }
      : {}),
  };
}

function isTwoWay({ record }: Lab, { forward, reverse }: MoveFlows): boolean {
  const ids = new Set(record.setup.replication.flows.map(flowId));
  return ids.has(flowId(forward)) && ids.has(flowId(reverse));
}

function movedOf({ record: { moved } }: Lab): Pick<MoveSnapshot, 'moved'> {
  if (!moved) return {};
  const { from, to, topics, groups, returned } = moved;
  return { moved: { from, to, topics, groups, ...(returned === undefined ? {} : { returned }) } };
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
