import { externalised, isFactsReference } from '../domain/plan/facts.ts';
import type { Findings } from '../domain/plan/progress.ts';
import type { RunStore } from './ports/run-store.ts';

/** Writes long findings of a step to files of the run, and gives what its event holds: references to them. */
export async function keepFacts(
  store: Pick<RunStore, 'saveRunFile'>,
  runId: string,
  step: string,
  findings: Findings,
): Promise<Findings> {
  const { short, files } = externalised(step, findings);
  for (const [name, text] of files) await store.saveRunFile(runId, name, text);
  return short;
}

/** Findings with what lies in files. A file that is not there was not found: steps read anew what they do not know. */
export async function recallFacts(
  store: Pick<RunStore, 'readRunFile'>,
  runId: string,
  findings: Findings,
): Promise<Findings> {
  const recalled = await Promise.all(
    Object.entries(findings).map(async ([key, value]): Promise<readonly (readonly [string, unknown])[]> => {
      if (!isFactsReference(value)) return [[key, value]];
      const text = await store.readRunFile(runId, value.factsFile);
      return text === null ? [] : [[key, JSON.parse(text) as unknown]];
    }),
  );
  return Object.fromEntries(recalled.flat());
}
