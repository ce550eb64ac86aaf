import { resultText } from '../composition/result-text.ts';
import type { ScenarioDocument } from '../domain/documents.ts';
import { KmkError } from '../domain/errors.ts';
import type { CommandResult } from './define-command.ts';
import type { Paint } from './paint.ts';

/** Only "pass" is exit 0: a drill that could not tell has not shown that recovery works. */
export function drillError({ scenario, seed, verdict, checks }: ScenarioDocument): KmkError | undefined {
  if (verdict === 'pass') return undefined;
  const telling = checks.filter((check) => check.verdict === verdict);
  const ids = telling.map(({ id }) => id).join(', ');
  return new KmkError('KMK_VERIFY_FAILED', `drill "${scenario}" with seed ${seed}: ${verdict} (${ids})`, {
    hints: telling.map(({ id, message }) => `Check ${id}: ${message}.`),
    context: { scenario, seed, verdict },
  });
}

/** A drill's answer; `closing` ends what people see. */
export function drillResult(document: ScenarioDocument, paint: Paint, closing: string): CommandResult {
  const error = drillError(document);
  return {
    document,
    human: () => `${resultText({ ...document, report: null }, paint).trimEnd()}\n\n${closing}`,
    ...(error === undefined ? {} : { error }),
  };
}
