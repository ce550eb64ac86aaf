import { dedicatedMode, wrongState } from './blocker.ts';
import type { PlanDocument } from './plan.ts';
import { inOrder, sealPlan } from './plan.ts';
import { REPLAY_HEADER } from '../replay-headers.ts';
import type { TailRequest } from '../stranded-tail.ts';
import { impossibleChoice, NOTHING_DECIDED, tailSize, tailText } from '../stranded-tail.ts';
import { planReturn } from './plan-return.ts';
import type { MoveSnapshot } from './snapshot.ts';
import { assumptionsOf } from './snapshot.ts';

export const DEDICATED_FAILBACK = 'dedicated mode cannot seed a reverse flow, so it would copy everything back twice';
const CHOICES = 'See `kmk failback --help` for what can become of records that never crossed.';

/** A long outage leaves much to copy; Ctrl-C leaves the flow running. */
const CATCH_UP_LIMIT_MS = 45 * 60_000;
/** A tail is what was written in the last moments; one of a long outage of the flow may be large. */
const TAIL_LIMIT_MS = 30 * 60_000;

/**
 * The steps of a failback: the old active returns fenced, catches up through a seeded reverse flow, takes over. One
 * that was cut short after the switch has only the forward flow left. Pure.
 */
export function planFailback(snapshot: MoveSnapshot, tail: TailRequest = NOTHING_DECIDED): PlanDocument {
  const { from, to, active, mode, project, takenAt, policy } = snapshot;
  if (snapshot.promotion === null && snapshot.moved !== undefined) return planReturn(snapshot, tail);
  const before = active === to ? [] : untilSwitchBack(snapshot, tail);
  const impossible = impossibleChoice(policy, tail);
  return sealPlan({
    ...{ kind: 'failback', project, createdAt: takenAt, from, to, request: { ...tail } },
    assumptions: assumptionsOf(snapshot),
    steps: inOrder([...before, ...afterwards(from, to)]),
    warnings: warningsOf(snapshot, tail),
    blockers: [
      ...(mode === 'dedicated' ? [dedicatedMode(DEDICATED_FAILBACK)] : []),
      ...(impossible === null ? [] : [wrongState(impossible, CHOICES)]),
    ],
  });
}

function warningsOf({ from, to, stranded, policy }: MoveSnapshot, tail: TailRequest): readonly string[] {
  const size = tailSize(stranded ?? []);
  const warnings =
    size === 0 ? [] : [`${size} records on "${to}" never crossed to "${from}": ${tailText(stranded ?? [])}`];
  if (tail.stranded !== 'replay' || policy === 'default') return warnings;
  return [
    ...warnings,
    `what applications on "${from}" write with a header "${REPLAY_HEADER}" of their own is taken for a replay: the failback then stops before it switches`,
  ];
}

/** Deals with the records that never crossed as was decided; nothing is to be done where they arrive late. */
function tailSteps({ from, to, policy }: MoveSnapshot, tail: TailRequest) {
  const { stranded } = tail;
  if (stranded === null || stranded === 'late' || impossibleChoice(policy, tail) !== null) return [];
  const groups = tail.tail === 'skip' ? 'groups go on behind them' : 'groups read them again, and what follows';
  const step = { id: 'tail', kind: 'resolveTail', cluster: to, choice: stranded, timeoutMs: TAIL_LIMIT_MS } as const;
  const until = { reversible: 'until', until: 'switch-back' } as const;
  if (stranded === 'export') {
    return [
      {
        ...{ ...step, ...until },
        title: `export the records of "${to}" that never crossed to a file of this run`,
        effect: `a file; ${groups}`,
        verification: 'the file is read back and compared with the log',
      },
    ];
  }
  if (stranded === 'discard') {
    return [
      {
        ...{ ...step, ...until },
        title: `give up the records of "${to}" that never crossed, at most ${tail.acceptLoss ?? 0}`,
        effect: `they stay on "${to}" and never reach "${from}"; ${groups}`,
        verification: 'they are counted, and more than was accepted is refused',
      },
    ];
  }
  return [
    {
      ...({ ...step, reversible: 'no', stands: true } as const),
      title: `replay the records of "${to}" that never crossed into "${from}"`,
      effect: `"${from}" holds each of them once, marked by the header "${REPLAY_HEADER}"`,
      verification: 'each is read back once, as it was',
    },
  ];
}

function untilSwitchBack(snapshot: MoveSnapshot, tail: TailRequest) {
  const { from, to } = snapshot;
  const reverse = `${from}->${to}`;
  const until = { reversible: 'until', until: 'switch-back' } as const;
  return [
    {
      ...({ id: 'stranded', kind: 'returnFenced', cluster: to, ...until } as const),
      title: `bring "${to}" back behind a fence and find records that never crossed`,
      effect: `"${to}" runs and refuses client writes`,
      verification: 'its fence is up before its client listener is',
    },
    ...tailSteps(snapshot, tail),
    {
      ...({ id: 'reverse', kind: 'startReverseFlow', flow: reverse, ...until } as const),
      title: `create the flow ${reverse} stopped, seed it at the watermark, read back, resume`,
      effect: `what was written on "${from}" is copied to "${to}", each record once`,
      verification: 'every seed is read back before the flow runs',
    },
    {
      ...({ id: 'catch-up', kind: 'catchUp', flow: reverse, timeoutMs: CATCH_UP_LIMIT_MS } as const),
      title: `wait until "${to}" holds everything written on "${from}"`,
      effect: `MM2 writes no more positions on "${to}"; clients work on`,
    },
    {
      ...({ id: 'fence', kind: 'fenceSource', cluster: from, ...until } as const),
      title: `refuse client writes on "${from}" and wait for the last record to cross`,
      effect: `clients write nowhere until switch-back`,
      verification: 'the flow has copied the last record',
    },
    {
      ...({ id: 'offsets', kind: 'commitGroupOffsets', cluster: to, ...until } as const),
      title: `commit the groups' positions on "${to}"`,
      precondition: `"${from}" refuses client writes`,
      effect: `groups stand on "${to}" where reading loses nothing`,
      verification: 'positions are read back',
    },
    {
      ...({ id: 'compare', kind: 'compareCopies', flow: reverse, ...until } as const),
      title: `stop the flow ${reverse} and check that everything came back, and nothing twice`,
      precondition: `"${from}" refuses client writes`,
      effect: `the flow ${reverse} is stopped`,
      verification: 'records that did not come back are counted, and more than was accepted is refused',
    },
    {
      ...({ id: 'switch-back', kind: 'promoteTarget', cluster: to, reversible: 'no' } as const),
      title: `let clients write on "${to}" and make it active`,
      precondition: `"${from}" refuses client writes`,
      effect: `clients write on "${to}"`,
      verification: 'a record is written and read there',
    },
  ];
}

function afterwards(from: string, to: string) {
  const forward = `${to}->${from}`;
  return [
    {
      ...({ id: 'forward', kind: 'resumeForwardFlow', flow: forward, timeoutMs: CATCH_UP_LIMIT_MS } as const),
      title: `resume the flow ${forward} and see a canary cross`,
      effect: `"${from}" is the standby again`,
      verification: 'a canary and a heartbeat cross',
    },
    {
      ...({ id: 'verify', kind: 'runChecks', cluster: to } as const),
      title: 'check that the forward flow is whole',
      effect: 'nothing',
    },
  ];
}
