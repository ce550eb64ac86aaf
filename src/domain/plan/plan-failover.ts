import { forecastOf } from '../forecast.ts';
import { strayWarnings } from '../stray-records.ts';
import { lastSeenAt } from '../watch/samples.ts';
import type { Blocker } from './blocker.ts';
import { healthySource, liveOn } from './blocker.ts';
import type { OpenPlan, PlanDocument } from './plan.ts';
import { count, extentRequest, inOrder, sealPlan } from './plan.ts';
import type { MoveSnapshot } from './snapshot.ts';
import { answered, assumptionsOf, lagOfFlow, liveGroups, movedBefore } from './snapshot.ts';

/** What is said of a source that only MM2 can reach. */
export const LIVES = 'does not answer kmk, but its heartbeats still cross: it is slow, or cut off from here';

export interface FailoverIntent {
  /** How the disaster is caused first; null where it has happened. */
  readonly simulate: string | null;
  /** Go on although the source is healthy. */
  readonly force: boolean;
}

/** The steps of an unplanned failover, what it costs and what stands against it. Pure. */
export function planFailover(snapshot: MoveSnapshot, request: FailoverIntent): PlanDocument {
  return snapshot.promotion === null ? whole(snapshot, request) : unfinished(snapshot, request);
}

function whole(snapshot: MoveSnapshot, request: FailoverIntent): PlanDocument {
  const { from, to } = snapshot;
  const { simulate } = request;
  const flow = `${from}->${to}`;
  const groups = count(snapshot.groups.length, 'group');
  const until = { reversible: 'until', until: 'promote' } as const;
  const disaster =
    simulate === null
      ? []
      : [
          {
            ...({ id: 'disaster', kind: 'causeDisaster', cluster: from, how: simulate, ...until } as const),
            title: `${simulate === 'kill' ? 'kill -9' : simulate} the brokers of "${from}" and the Connect worker of that site`,
            effect: `nothing of "${from}" answers`,
          },
        ];
  const fence =
    simulate !== null || !answered(snapshot, from)
      ? []
      : [
          {
            ...({ id: 'fence', kind: 'fenceSource', cluster: from, ...until } as const),
            title: `refuse client writes on "${from}", which answers and is given up`,
            effect: `clients cannot write on "${from}"; where it takes no fence that is said, and the failover goes on`,
            verification: 'its rules are read back',
          },
        ];
  const steps = inOrder([
    ...disaster,
    ...fence,
    {
      ...{ id: 'stop-flow', kind: 'stopFlow', flow, ...until },
      title: `stop the flow ${flow} so that nothing overwrites positions on "${to}"`,
      effect: `nothing is copied to "${to}" and nobody but kmk writes positions there`,
      verification: 'no task of the flow runs',
    },
    {
      ...{ id: 'offsets', kind: 'commitGroupOffsets', cluster: to, ...until },
      title: `commit the best known positions of ${groups} on "${to}"`,
      precondition: `no group has live members on "${to}"`,
      effect: `${groups} stand on "${to}" where reading loses nothing`,
      verification: 'positions are read back',
    },
    {
      ...{ id: 'promote', kind: 'promoteTarget', cluster: to, reversible: 'no' },
      title: promoteTitle(snapshot),
      precondition: `the flow ${flow} is stopped`,
      effect: `clients write on "${to}"; the watermarks say where the way back starts`,
      verification: 'the record of the lab and the fence say so',
    },
    ...afterPromotion(to, snapshot.mode),
  ]);
  const lag = lagOfFlow(snapshot, flow);
  const warnings: string[] = [...strayWarnings(snapshot.strays)];
  if (lag !== null && lag > 0) warnings.push(`${count(lag, 'record')} not copied yet would be lost or late`);
  if (!answered(snapshot, from)) {
    warnings.push(`"${from}" does not answer: what is known is as old as ${sourceOfKnowledge(snapshot)}`);
  }
  if (snapshot.twoWay === true) {
    warnings.push(
      `the setup itself copies ${to}->${from}: a failback would begin that flow anew, and leave it stopped`,
    );
  }
  const blockers: Blocker[] = [];
  if (simulate === null && !request.force) {
    if (answered(snapshot, from)) blockers.push(healthySource(`"${from}" is healthy`));
    else if (snapshot.crossesStill === true) blockers.push(healthySource(`"${from}" ${LIVES}`));
  }
  blockers.push(...liveOn(to, liveGroups(snapshot)));
  const { knowledgeAgeMs, groups: known } = snapshot;
  const forecast = forecastOf({ from, to, lagRecords: lag, groups: known, knowledgeAgeMs });
  return seal(snapshot, request, { steps, warnings, blockers, forecast });
}

/** What is left of a failover that was cut short after the promotion. */
function unfinished(snapshot: MoveSnapshot, request: FailoverIntent): PlanDocument {
  const { to } = snapshot;
  const steps = inOrder([
    {
      ...{ id: 'promote', kind: 'promoteTarget', cluster: to, reversible: 'no' },
      title: `let clients write on "${to}" (made active already)`,
      effect: `clients write on "${to}"`,
    },
    ...afterPromotion(to, snapshot.mode),
  ]);
  const warnings = ['an earlier failover was cut short: what it cost is in its own report'];
  return seal(snapshot, request, { steps, warnings, blockers: [] });
}

function afterPromotion(to: string, mode: 'connect' | 'dedicated') {
  const worker = {
    ...({ id: 'worker', kind: 'restartWorker', cluster: to } as const),
    title: `start the Connect worker of "${to}" again where it was killed, its flow stopped`,
    effect: 'the worker runs, its connectors stopped',
  };
  return [
    {
      ...({ id: 'service', kind: 'proveService', cluster: to } as const),
      title: `write and read a record on "${to}" as a client`,
      effect: 'one record in the canary topic',
      verification: 'that record is read back',
    },
    ...(mode === 'connect' ? [worker] : []),
    {
      ...({ id: 'verify', kind: 'runChecks', cluster: to } as const),
      title: 'check positions, topics and what was lost',
      effect: 'nothing',
    },
  ];
}

function seal(
  snapshot: MoveSnapshot,
  request: FailoverIntent,
  plan: Pick<OpenPlan, 'steps' | 'warnings' | 'blockers' | 'forecast'>,
): PlanDocument {
  const { from, to, project, takenAt } = snapshot;
  const assumptions = assumptionsOf(snapshot);
  return sealPlan({
    ...{ kind: 'failover', project, createdAt: takenAt, from, to },
    // What has moved already stays where it is.
    request: {
      ...{ simulate: request.simulate, force: request.force },
      ...extentRequest({ part: null, before: movedBefore(snapshot) }),
    },
    assumptions,
    ...plan,
  });
}

function sourceOfKnowledge({ groups }: MoveSnapshot): string {
  const seenAt = lastSeenAt(groups);
  return seenAt === null ? 'the last checkpoint' : `the last look of a watch, at ${seenAt}`;
}

function promoteTitle({ to, topics, policy }: MoveSnapshot): string {
  return policy === 'identity'
    ? `let clients write on "${to}" and make it active`
    : `make "${to}" active, with local topics for ${count(topics.length, 'mirrored topic')}`;
}
