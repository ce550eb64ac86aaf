import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { KmkLab } from './kmk-lab.ts';
import type { Strike } from './struck-move.ts';
import { nameOfStrike } from './struck-move.ts';
import type { Turn } from './there-and-back.ts';
import { ThereAndBack } from './there-and-back.ts';

/** A turn on a busy machine takes a minute or two; what hangs must not hang for ever. */
const TURN_LIMIT_MS = 600_000;
/** "2/5": the second of five parts of the turns. */
const [PART = 1, PARTS = 1] = (process.env['KMK_MATRIX_PART'] ?? '1/1').split('/').map(Number);
/** A step that had nothing to do (a worker that was not killed is not started), a service that did not run then. */
const mayBeMissed = ({ step, service }: Strike): boolean => step === 'worker' || service !== undefined;

const nameOf = ({ kind, there, back }: Turn): string =>
  `${kind}: ${there.map(nameOfStrike).join(' ') || '-'}; failback: ${back.map(nameOfStrike).join(' ') || '-'}`;

/**
 * One test for each turn, all on one lab, each compared with a turn of its kind that nobody disturbed. Ends with how many
 * positions were struck and passed.
 */
export function matrixOf(what: string, policy: 'default' | 'identity', all: readonly Turn[]): void {
  describe(`${what}, ${policy} policy`, () => {
    const turns = all.filter((_, index) => index % PARTS === PART - 1).map((turn) => [nameOf(turn), turn] as const);
    /** Kinds that were taken once, undisturbed, on this lab. */
    const known = new Set<Turn['kind']>();
    const figures = { positions: 0, passed: 0, nothingToDo: 0 };
    let lab: KmkLab | null = null;
    let moves: ThereAndBack;

    const begin = async (): Promise<void> => {
      lab = await KmkLab.create({ yaml: `replication:\n  policy: ${policy}\n` });
      moves = new ThereAndBack(lab, policy);
      await moves.begin();
      known.clear();
    };
    const end = async (): Promise<void> => lab?.[Symbol.asyncDispose]();

    beforeAll(async () => {
      if (turns.length > 0) await begin();
    }, TURN_LIMIT_MS);
    afterEach(async ({ task }) => {
      if (task.result?.state !== 'fail') return;
      // What it left behind must not be laid at the next one's door.
      await end();
      await begin();
    }, TURN_LIMIT_MS);
    afterAll(async () => {
      const { positions, passed, nothingToDo } = figures;
      console.info(`${what}, ${policy}: ${positions} positions, ${passed} passed, ${nothingToDo} with nothing to do`);
      await end();
    });

    test.each(turns)(
      '%s',
      async (_, turn) => {
        const { kind } = turn;
        if (!known.has(kind)) await moves.turn({ kind, there: [], back: [] });
        known.add(kind);
        const wanted = [...turn.there, ...turn.back];
        figures.positions += wanted.length;
        const { struck, story } = await moves.turn(turn);
        const missed = wanted.filter((strike) => !struck.includes(strike));
        expect(
          missed.filter((strike) => !mayBeMissed(strike)),
          story,
        ).toEqual([]);
        figures.passed += struck.length;
        figures.nothingToDo += missed.length;
      },
      TURN_LIMIT_MS,
    );
  });
}
