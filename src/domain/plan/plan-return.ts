import type { TailRequest } from '../stranded-tail.ts';
import type { PlanDocument } from './plan.ts';
import { extentRequest, inOrder, sealPlan, someOf } from './plan.ts';
import { NOTHING_MOVED } from './part.ts';
import type { MoveSnapshot } from './snapshot.ts';
import { assumptionsOf } from './snapshot.ts';
import { CATCH_UP_LIMIT_MS, silentSides } from './plan-switchover.ts';

/**
 * The failback of waves while the rest has not moved: both sides are up, so nothing is stranded, and only the topics that
 * have moved are refused while their last records cross. One that was cut short after the switch has only the forward
 * flow left. `acceptLoss` is for records that the way back does not bring. Pure.
 */
export function planReturn(snapshot: MoveSnapshot, { acceptLoss }: Pick<TailRequest, 'acceptLoss'>): PlanDocument {
  const { from, to, project, takenAt, moved, scope } = snapshot;
  const topics = moved?.topics ?? [];
  const groups = scope?.groups ?? moved?.groups ?? [];
  const before = moved?.returned === true ? [] : untilSwitchBack(from, to, topics);
  return sealPlan({
    ...{ kind: 'failback', project, createdAt: takenAt, from, to },
    request: { acceptLoss, ...extentRequest({ part: { topics, groups }, before: NOTHING_MOVED }) },
    assumptions: assumptionsOf(snapshot),
    steps: inOrder([...before, ...afterwards(from, to, topics)]),
    warnings: [],
    blockers: silentSides(snapshot),
  });
}

function untilSwitchBack(from: string, to: string, topics: readonly string[]) {
  const [reverse, some] = [`${from}->${to}`, someOf(topics)];
  const until = { reversible: 'until', until: 'switch-back' } as const;
  const precondition = `"${from}" refuses client writes on ${some}`;
  return [
    {
      ...({ id: 'reverse', kind: 'startReverseFlow', flow: reverse, ...until } as const),
      title: `see that the flow ${reverse} runs`,
      effect: `what was written on ${some} of "${from}" is copied to "${to}", each record once`,
      verification: 'every seed was read back before the flow ran',
    },
    {
      ...({ id: 'catch-up', kind: 'catchUp', flow: reverse, timeoutMs: CATCH_UP_LIMIT_MS } as const),
      title: `wait until "${to}" holds everything written on ${some} of "${from}"`,
      effect: 'nothing: clients work on',
    },
    {
      ...({ id: 'fence', kind: 'fenceSource', cluster: from, ...until } as const),
      title: `refuse client writes on ${some} of "${from}" and wait for the last record to cross`,
      effect: `clients write ${topics.length === 1 ? 'this topic' : 'these topics'} nowhere until switch-back`,
      verification: 'the flow has copied the last record',
    },
    {
      ...({ id: 'offsets', kind: 'commitGroupOffsets', cluster: to, ...until } as const),
      title: `commit the positions of the groups that moved on "${to}"`,
      ...{ precondition, effect: `groups stand on "${to}" where reading loses nothing` },
      verification: 'positions are read back',
    },
    {
      ...({ id: 'compare', kind: 'compareCopies', flow: reverse, ...until } as const),
      title: `stop the flow ${reverse} and check that everything came back, and nothing twice`,
      ...{ precondition, effect: `the flow ${reverse} is stopped` },
      verification: 'records that did not come back are counted, and more than was accepted is refused',
    },
    {
      ...({ id: 'switch-back', kind: 'promoteTarget', cluster: to, reversible: 'no' } as const),
      title: `let clients write on ${some} of "${to}" again`,
      ...{ precondition, effect: `"${to}" is active for all topics` },
      verification: 'a record is written and read there',
    },
  ];
}

function afterwards(from: string, to: string, topics: readonly string[]) {
  const forward = `${to}->${from}`;
  return [
    {
      ...({ id: 'forward', kind: 'resumeForwardFlow', flow: forward, timeoutMs: CATCH_UP_LIMIT_MS } as const),
      title: `let the flow ${forward} copy ${someOf(topics)} again and see a canary cross`,
      effect: `"${from}" is the standby of all topics`,
      verification: 'a canary and a heartbeat cross',
    },
    {
      ...({ id: 'verify', kind: 'runChecks', cluster: to } as const),
      title: 'check that the forward flow is whole',
      effect: 'nothing',
    },
  ];
}
