import { resultText } from '../composition/result-text.ts';
import type { FailoverDocument } from '../domain/documents.ts';
import { KmkError } from '../domain/errors.ts';
import type { CommandResult } from './define-command.ts';
import type { Paint } from './paint.ts';

/** The answer of a failover or failback; a failed verdict is also an error of kind verification (exit 6). */
export function moveResult(document: FailoverDocument, paint: Paint): CommandResult {
  const failed = document.checks.filter((check) => check.verdict === 'fail');
  return {
    document,
    human: () => resultText(document, paint).trimEnd(),
    ...(document.verdict !== 'fail'
      ? {}
      : {
          error: new KmkError(
            'KMK_VERIFY_FAILED',
            `${document.kind} done, but ${failed.map(({ id }) => id).join(', ')} failed`,
            {
              hints: failed.map(({ id, message }) => `Check ${id}: ${message}.`),
            },
          ),
        }),
  };
}
