import { strayWarnings } from '../stray-records.ts';
import type { Blocker } from './blocker.ts';
import { dedicatedMode, liveOn, wrongState } from './blocker.ts';
import type { PlanDocument } from './plan.ts';
import { count, extentRequest, inOrder, sealPlan } from './plan.ts';
import type { ScopeRequest } from './scope.ts';
import type { MoveSnapshot } from './snapshot.ts';
import { answered, assumptionsOf, lagOfFlow, liveGroups, movedBefore } from './snapshot.ts';

export interface SwitchoverIntent {
  /** Only this part; everything that has not moved yet where it is absent. */
  readonly scope?: ScopeRequest | null;
  /** Refuse while the flow has more records than this to copy; null for no limit. */
  readonly maxLag: number | null;
  /** How long clients may be refused before the promotion, in ms; then the move is taken back by itself. Default 60 s. */
  readonly deadlineMs?: number | null;
}

/** Of a planned move: estate.md section 4. */
export const PAUSE_LIMIT_MS = 60_000;

export const DEDICATED_SWITCHOVER = 'dedicated mode cannot seed the flow that leads back, so all would be copied twice';
/** The way back is created stopped and seeded where clients begin to write: a flow that runs has other positions. */
const BOTH_WAYS = 'would be set to begin anew';
const ONE_WAY = 'Deploy with one direction in replication.flows of kmk.yaml: a move makes the way back itself.';
const NOT_RUNNING =
  'Run `kmk resume` where a move was cut short, else `kmk flow resume` or `kmk flow describe` to see what is wrong.';
const TOO_FAR_BEHIND =
  'Wait until `kmk status` shows less, or leave `--max-lag` out: the backlog is copied before clients are refused.';

/** A backlog is copied before clients are refused: that may take long, and costs them nothing. */
export const CATCH_UP_LIMIT_MS = 45 * 60_000;

/**
 * The steps of a planned move: everything slow is done while clients still work, then they are refused, the last record
 * crosses, groups stand at the exact record, and clients go on at the other side. Pure.
 */
export function planSwitchover(snapshot: MoveSnapshot, { maxLag, deadlineMs }: SwitchoverIntent): PlanDocument {
  const { from, to, project, takenAt } = snapshot;
  const flow = `${from}->${to}`;
  const lag = lagOfFlow(snapshot, flow);
  const backlog =
    lag !== null && lag > 0
      ? [`${count(lag, 'record')} ${lag === 1 ? 'is' : 'are'} copied before clients are refused`]
      : [];
  const warnings = [...backlog, ...strayWarnings(snapshot.strays)];
  return sealPlan({
    ...{ kind: 'switchover', project, createdAt: takenAt, from, to },
    // Topics that waves have moved are where the rest goes.
    request: {
      maxLag,
      deadlineMs: deadlineMs ?? PAUSE_LIMIT_MS,
      ...extentRequest({ part: null, before: movedBefore(snapshot) }),
    },
    assumptions: assumptionsOf(snapshot),
    ...{ steps: inOrder([...untilPromotion(snapshot, flow), ...afterPromotion(from, to)]), warnings },
    blockers: [...switchoverBlockers(snapshot, flow), ...lagBlockers(flow, lag, maxLag)],
  });
}

/** What stands against a planned move, whatever it moves. */
export function switchoverBlockers(snapshot: MoveSnapshot, flow: string): readonly Blocker[] {
  const { from, to, mode, flows, twoWay } = snapshot;
  const state = flows.find((known) => known.flow === flow)?.state ?? 'absent';
  return [
    ...(twoWay === true ? [wrongState(`the setup itself copies ${to}->${from}, which ${BOTH_WAYS}`, ONE_WAY)] : []),
    ...(mode === 'dedicated' ? [dedicatedMode(DEDICATED_SWITCHOVER)] : []),
    ...silentSides(snapshot),
    ...(mode === 'connect' && state !== 'running' ? [wrongState(`the flow ${flow} is ${state}`, NOT_RUNNING)] : []),
    ...liveOn(to, liveGroups(snapshot)),
  ];
}

/** A planned move needs both sides. */
export function silentSides(snapshot: MoveSnapshot): readonly Blocker[] {
  const silent = [snapshot.from, snapshot.to].filter((alias) => !answered(snapshot, alias));
  return silent.map((alias) => wrongState(`"${alias}" does not answer`));
}

/** `maxLag` in records; null for no limit. */
export function lagBlockers(flow: string, lag: number | null, maxLag: number | null): readonly Blocker[] {
  if (maxLag === null || (lag !== null && lag <= maxLag)) return [];
  const is = lag === null ? 'not known' : count(lag, 'record');
  return [wrongState(`the lag of ${flow} is ${is}, and must be at most ${maxLag}`, TOO_FAR_BEHIND)];
}

function untilPromotion({ from, to, groups }: MoveSnapshot, flow: string) {
  const until = { reversible: 'until', until: 'promote' } as const;
  return [
    {
      ...({ id: 'prepare', kind: 'prepareSwitchover', flow, ...until, timeoutMs: CATCH_UP_LIMIT_MS } as const),
      title: `copy the backlog, create local topics on "${to}" and the stopped flow ${to}->${from}`,
      effect: `MM2 writes no positions on "${to}" any more; clients work on`,
      verification: 'a round of copying takes less than 5 s',
    },
    {
      ...({ id: 'fence', kind: 'fenceSource', cluster: from, ...until } as const),
      title: `refuse client writes on "${from}"`,
      effect: 'clients write nowhere until promote',
      verification: 'the brokers list the rule',
    },
    {
      ...({ id: 'drain', kind: 'drainFlow', flow, ...until } as const),
      title: `wait until the last record of "${from}" is on "${to}"`,
      precondition: `"${from}" refuses client writes`,
      effect: 'nothing',
      verification: 'no transaction is open, the last record of every partition is found on the other side',
    },
    {
      ...({ id: 'stop-flow', kind: 'stopFlow', flow, ...until } as const),
      title: `stop the flow ${flow}, wait for the last commits of ${count(groups.length, 'group')}`,
      precondition: `"${from}" refuses client writes`,
      effect: `nothing is copied to "${to}"`,
      verification: "the flow's flushed positions are at the end of every partition",
    },
    {
      ...({ id: 'offsets', kind: 'commitGroupOffsets', cluster: to, ...until } as const),
      title: `commit the positions of ${count(groups.length, 'group')} on "${to}"`,
      precondition: `"${from}" refuses client writes, no group has live members on "${to}"`,
      effect: `groups that read to the end on "${from}" stand at the end on "${to}", to the record`,
      verification: 'positions are read back',
    },
    {
      ...({ id: 'promote', kind: 'promoteTarget', cluster: to, reversible: 'no' } as const),
      title: `make "${to}" active`,
      precondition: `nothing was written on "${from}" past the fence`,
      effect: `clients write on "${to}"; "${from}" stays fenced`,
      verification: 'the record of the lab and the fence say so',
    },
  ];
}

function afterPromotion(from: string, to: string) {
  return [
    {
      ...({ id: 'service', kind: 'proveService', cluster: to } as const),
      title: `write and read a record on "${to}" as a client`,
      effect: 'one record in the canary topic',
      verification: 'that record is read back',
    },
    {
      ...({ id: 'reverse', kind: 'startReverseFlow', flow: `${to}->${from}` } as const),
      title: `seed the flow ${to}->${from} at the watermark, read back, resume`,
      effect: `"${from}" is the standby and copies what is written on "${to}"`,
      verification: 'every seed is read back before the flow runs',
    },
    {
      ...({ id: 'verify', kind: 'runChecks', cluster: to } as const),
      title: 'check topics, positions and that nothing was lost',
      effect: 'nothing',
    },
  ];
}
