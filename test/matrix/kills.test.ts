import { dealt, positionsOf } from '../helpers/journal-positions.ts';
import { seeded, seedOfRun } from '../helpers/seeded.ts';
import type { Strike } from '../helpers/struck-move.ts';
import type { Turn } from '../helpers/there-and-back.ts';
import { matrixOf } from '../helpers/turn-matrix.ts';

/** How often one move is struck: 1 gives every position a move of its own, more need less time. */
const STRIKES = Number(process.env['KMK_MATRIX_STRIKES'] ?? 1);
const random = seeded(seedOfRun('kills'));

function hands(...of: Parameters<typeof positionsOf>): readonly (readonly Strike[])[] {
  const strikes = positionsOf(...of).map((position): Strike => ({ ...position, blow: 'SIGKILL' }));
  return dealt(strikes, STRIKES, random);
}

/** Turns in which every position of both moves is struck. */
function turnsOf(kind: Turn['kind'], back: readonly (readonly Strike[])[]): readonly Turn[] {
  const there = hands(kind);
  return Array.from({ length: Math.max(there.length, back.length) }, (_, index) => ({
    ...{ kind, there: there[index] ?? [], back: back[index] ?? [] },
  }));
}

const WHAT = 'kill -9 at every position of the journal';
for (const [policy, stranded] of [
  ['default', 'export'],
  ['identity', 'replay'],
] as const) {
  matrixOf(WHAT, policy, [
    ...turnsOf('failover', hands('failback', stranded)),
    ...turnsOf('switchover', hands('failback')),
    ...turnsOf('wave', hands('return')),
  ]);
}
