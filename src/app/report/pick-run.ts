import { KmkError } from '../../domain/errors.ts';
import { nearestName } from '../../util/nearest.ts';
import type { RunStore } from '../ports/run-store.ts';

/** The run named by its id or an unmistakable end of it; the last one without a name, written records aside. Throws KMK_USAGE, KMK_WRONG_STATE. */
export async function pickRun(store: RunStore, name: string | undefined): Promise<string> {
  const runs = await store.listRuns();
  const last = runs.at(-1);
  if (last === undefined) {
    throw new KmkError('KMK_WRONG_STATE', `there are no runs in "${store.stateDir}"`, {
      hints: ['Run something that leaves a journal first, for example `kmk deploy` or `kmk demo`.'],
    });
  }
  if (name === undefined) return runs.findLast((run) => !/^\d+-\d+-produce-/.test(run)) ?? last;
  const found = runs.filter((run) => run === name || run.endsWith(name));
  const [only] = found;
  if (only !== undefined && (found.length === 1 || runs.includes(name))) return runs.includes(name) ? name : only;
  const close = found.length > 1 ? null : nearestName(name, runs);
  throw new KmkError('KMK_USAGE', found.length > 1 ? `"${name}" fits ${found.length} runs` : `unknown run "${name}"`, {
    hints: [
      ...(close === null ? [] : [`Did you mean "${close}"?`]),
      `The last runs are ${runs
        .slice(-5)
        .map((run) => `"${run}"`)
        .join(', ')}.`,
    ],
  });
}
