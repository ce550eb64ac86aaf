import type { PlanDocument } from './plan.ts';
import { count, extentRequest, inOrder, sealPlan, someOf } from './plan.ts';
import type { ScopeRequest } from './scope.ts';
import type { MoveSnapshot } from './snapshot.ts';
import { assumptionsOf, lagOfFlow, movedBefore } from './snapshot.ts';
import type { SwitchoverIntent } from './plan-switchover.ts';
import { strayWarnings } from '../stray-records.ts';
import { CATCH_UP_LIMIT_MS, lagBlockers, PAUSE_LIMIT_MS, switchoverBlockers } from './plan-switchover.ts';

/**
 * The steps of a wave: as those of a whole switchover, but for some topics and the groups that read them. The rest stays
 * writable on the source throughout, and its flow, stopped for the proof, goes on without what has moved. Pure.
 */
export function planWave(snapshot: MoveSnapshot, intent: SwitchoverIntent, request: ScopeRequest): PlanDocument {
  const { from, to, project, takenAt, scope } = snapshot;
  const flow = `${from}->${to}`;
  const lag = lagOfFlow(snapshot, flow);
  const part = { topics: scope?.topics ?? [], groups: scope?.groups ?? [] };
  const backlog = lag !== null && lag > 0 ? [`${count(lag, 'record')} to copy before clients are refused`] : [];
  return sealPlan({
    ...{ kind: 'switchover', project, createdAt: takenAt, from, to },
    request: {
      ...{ maxLag: intent.maxLag, deadlineMs: intent.deadlineMs ?? PAUSE_LIMIT_MS },
      ...{ wave: request.wave, topics: request.topics, groups: request.groups },
      ...extentRequest({ part, before: movedBefore(snapshot) }),
    },
    assumptions: assumptionsOf(snapshot),
    steps: inOrder([...untilPromotion(from, to, part), ...afterPromotion(from, to, part)]),
    warnings: [...backlog, ...strayWarnings(snapshot.strays), ...(scope?.warnings ?? [])],
    blockers: [
      ...(scope?.blockers ?? []),
      ...switchoverBlockers(snapshot, flow),
      ...lagBlockers(flow, lag, intent.maxLag),
    ],
  });
}

interface Titled {
  readonly topics: readonly string[];
  readonly groups: readonly string[];
}

function untilPromotion(from: string, to: string, { topics, groups }: Titled) {
  const [flow, some] = [`${from}->${to}`, someOf(topics)];
  const moving = groups.length === 0 ? 'no group' : someOf(groups);
  const until = { reversible: 'until', until: 'promote' } as const;
  const fenced = `"${from}" refuses client writes on ${some}`;
  return [
    {
      ...({ id: 'prepare', kind: 'prepareSwitchover', flow, ...until, timeoutMs: CATCH_UP_LIMIT_MS } as const),
      title: `copy the backlog of ${some}, create ${topics.length === 1 ? 'it' : 'them'} on "${to}", ready the flow ${to}->${from}`,
      effect: `MM2 writes no positions on "${to}" for a while; clients work on`,
      verification: 'a round of copying takes less than 5 s',
    },
    {
      ...({ id: 'fence', kind: 'fenceSource', cluster: from, ...until } as const),
      title: `refuse client writes on ${some} of "${from}", and on nothing else`,
      effect: `clients write ${topics.length === 1 ? 'this topic' : 'these topics'} nowhere until promote`,
      verification: 'the brokers list the rules',
    },
    {
      ...({ id: 'drain', kind: 'drainFlow', flow, ...until } as const),
      title: `wait until the last record of ${some} is on "${to}"`,
      ...{ precondition: fenced, effect: 'nothing' },
      verification: 'no transaction is open, the last record of every partition is found on the other side',
    },
    {
      ...({ id: 'stop-flow', kind: 'stopFlow', flow, ...until } as const),
      title: `stop the flow ${flow} for the proof, wait for the last commits of ${moving}`,
      ...{ precondition: fenced, effect: `nothing is copied to "${to}" until rest` },
      verification: "the flow's flushed positions are at the end of every partition that moves",
    },
    {
      ...({ id: 'offsets', kind: 'commitGroupOffsets', cluster: to, ...until } as const),
      title: `commit the positions of ${moving} on "${to}"`,
      precondition: `${fenced}, no group that moves has live members on "${to}"`,
      effect: `groups that read to the end on "${from}" stand at the end on "${to}", to the record`,
      verification: 'positions are read back',
    },
    {
      ...({ id: 'promote', kind: 'promoteTarget', cluster: to, reversible: 'no' } as const),
      title: `record that ${some} ${topics.length === 1 ? 'has' : 'have'} moved to "${to}"`,
      precondition: `nothing was written on ${some} of "${from}" past the fence`,
      effect: `"${to}" is active for ${some}, "${from}" for the rest`,
      verification: 'the record of the lab says so, with the watermarks',
    },
  ];
}

function afterPromotion(from: string, to: string, { topics, groups }: Titled) {
  const some = someOf(topics);
  return [
    {
      ...({ id: 'service', kind: 'proveService', cluster: to } as const),
      title: `write and read a record on "${to}" as a client`,
      effect: 'one record in the canary topic',
      verification: 'that record is read back',
    },
    {
      ...({ id: 'rest', kind: 'resumeRest', flow: `${from}->${to}` } as const),
      title: `let the flow ${from}->${to} go on with the rest, without ${some}`,
      effect: `nothing of ${some}${groups.length === 0 ? '' : ` and no position of ${someOf(groups)}`} is written on "${to}" by MM2 any more`,
      verification: "the connectors' running config is read back before they run",
    },
    {
      ...({ id: 'reverse', kind: 'startReverseFlow', flow: `${to}->${from}` } as const),
      title: `seed the flow ${to}->${from} for ${some} at the watermark, read back, resume`,
      effect: `"${from}" copies what is written on ${some} of "${to}"`,
      verification: 'every seed is read back before the flow runs',
    },
    {
      ...({ id: 'verify', kind: 'runChecks', cluster: to } as const),
      title: 'check topics, positions, that nothing was lost, and that the rest is copied',
      effect: 'nothing',
    },
  ];
}
