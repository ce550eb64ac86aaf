import type { AnyEvent } from '../events.ts';
import type { Findings } from './progress.ts';

/** Findings longer than this many characters of JSON lie in files of the run: no event grows with the estate. */
export const MOST_IN_EVENT = 32 * 1024;

const FOLDER = 'facts/';
/** Names come from the clusters, too: nothing outside of the folder is meant by any. */
const NAME = /^facts\/[\w-]+\.json$/;

/** What stands in an event for a finding that lies in a file of the run. */
export interface FactsFile {
  readonly factsFile: string;
  /** Characters. */
  readonly length: number;
}

/** Name in the run's folder of the file for what a step found under that key. */
export function factsFile(step: string, key: string): string {
  return `${FOLDER}${step}-${key}.json`;
}

export function isFactsFile(name: string): boolean {
  return NAME.test(name);
}

export function isFactsReference(value: unknown): value is FactsFile {
  return typeof value === 'object' && value !== null && typeof (value as Partial<FactsFile>).factsFile === 'string';
}

/** Names of the files that events of a plan name. */
export function factsIn(events: readonly AnyEvent[]): readonly string[] {
  const found = events.flatMap(({ event, data }) =>
    event === 'plan.step' ? Object.values(data.findings ?? {}).filter(isFactsReference) : [],
  );
  return [...new Set(found.map((reference) => reference.factsFile))];
}

/** Splits findings: what an event holds, and the files for the rest by name. */
export function externalised(
  step: string,
  findings: Findings,
): { readonly short: Findings; readonly files: ReadonlyMap<string, string> } {
  const files = new Map<string, string>();
  const short = Object.entries(findings).map(([key, value]): [string, unknown] => {
    const text = JSON.stringify(value) as string | undefined;
    if (text === undefined || text.length <= MOST_IN_EVENT) return [key, value];
    const name = factsFile(step, key);
    files.set(name, text);
    return [key, { factsFile: name, length: text.length } satisfies FactsFile];
  });
  return { short: Object.fromEntries(short), files };
}
