import { planFailback } from '../../src/domain/plan/plan-failback.ts';
import { planFailover } from '../../src/domain/plan/plan-failover.ts';
import { planReturn } from '../../src/domain/plan/plan-return.ts';
import { planSwitchover } from '../../src/domain/plan/plan-switchover.ts';
import { planWave } from '../../src/domain/plan/plan-wave.ts';
import type { MoveKind } from '../../src/domain/plan/plan.ts';
import type { TailChoice } from '../../src/domain/stranded-tail.ts';
import { snapshotOf } from '../unit/domain/plan/snapshots.ts';

/**
 * Where a move stands when it is struck: the start of the step is not in the journal yet, it is, the step's work is done
 * and its end is not in the journal, it is. "closing" is behind the last step, of the step "plan".
 */
export type Moment = 'before' | 'started' | 'ending' | 'done' | 'closing';

export interface JournalPosition {
  readonly step: string;
  readonly moment: Moment;
}

/** A move as the planner knows it; waves move a part and return it. */
export type Journey = MoveKind | 'wave' | 'return';

const MOMENTS = ['before', 'started', 'ending', 'done'] as const;

/** Ids of the steps that the planner gives such a move, in order. */
export function stepsOf(kind: Journey, stranded: TailChoice | null = null): readonly string[] {
  return planOf(kind, stranded).steps.map(({ id }) => id);
}

function planOf(kind: Journey, stranded: TailChoice | null) {
  if (kind === 'failover') return planFailover(snapshotOf(), { simulate: 'kill', force: false });
  if (kind === 'switchover') return planSwitchover(snapshotOf(), { maxLag: null });
  if (kind === 'wave') return planWave(snapshotOf(), { maxLag: null }, { wave: null, topics: ['t'], groups: [] });
  if (kind === 'return') return planReturn(snapshotOf({ from: 'dr', to: 'primary' }), { acceptLoss: null });
  const policy = stranded === 'replay' ? 'identity' : 'default';
  const tail = { stranded, tail: 'skip', acceptLoss: null } as const;
  return planFailback(snapshotOf({ from: 'dr', to: 'primary', active: 'dr', policy }), tail);
}

/** Every position of the journal of such a move, in order. */
export function positionsOf(kind: Journey, stranded: TailChoice | null = null): readonly JournalPosition[] {
  const inSteps = stepsOf(kind, stranded).flatMap((step) => MOMENTS.map((moment) => ({ step, moment })));
  return [...inSteps, { step: 'plan', moment: 'closing' }];
}

/** `count` of them by chance, in order. */
export function sampleOf<T>(all: readonly T[], count: number, random: () => number): readonly T[] {
  const left = all.map((_, index) => index);
  while (left.length > count) left.splice(Math.floor(random() * left.length), 1);
  return left.flatMap((index) => all.slice(index, index + 1));
}

/** All of them, dealt by chance into hands of at most `size`, each in order. */
export function dealt<T>(all: readonly T[], size: number, random: () => number): readonly (readonly T[])[] {
  const order = all.map((_, index) => ({ index, key: random() })).toSorted((a, b) => a.key - b.key);
  const hands: T[][] = [];
  for (let start = 0; start < order.length; start += size) {
    const hand = order.slice(start, start + size).toSorted((a, b) => a.index - b.index);
    hands.push(hand.flatMap(({ index }) => all.slice(index, index + 1)));
  }
  return hands;
}
