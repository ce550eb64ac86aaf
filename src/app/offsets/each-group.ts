import { KmkError } from '../../domain/errors.ts';

interface Writing {
  /** What is done to a group: `put back`. */
  readonly verb: string;
  /** Run that kept what stood before. */
  readonly undo: string;
}

/**
 * Writes group after group. Where one fails after others were written the error is KMK_PARTLY_DONE, or stays the
 * interruption it is, and says how to go on and how to undo.
 */
export async function writeEachGroup<T extends { readonly group: string }>(
  groups: readonly T[],
  { verb, undo }: Writing,
  write: (group: T) => Promise<void>,
): Promise<void> {
  let written = 0;
  for (const one of groups) {
    try {
      await write(one);
    } catch (error) {
      throw written === 0 ? error : partly(error, one.group, { verb, undo, written, total: groups.length });
    }
    written += 1;
  }
}

function partly(
  error: unknown,
  group: string,
  { verb, undo, written, total }: Writing & { readonly written: number; readonly total: number },
): KmkError {
  const hints = [
    'Run the same command again: it does what is left.',
    `Undo what is done with \`kmk offsets restore --snapshot ${undo}\`.`,
  ];
  const so = `${written} of ${total} groups were ${verb}, "${group}" was not`;
  if (KmkError.is(error) && (error.kind === 'interrupted' || error.kind === 'terminated')) {
    return new KmkError(error.code, `${error.message}: ${so}`, { hints, context: error.context, cause: error });
  }
  const cause = error instanceof Error ? error.message : String(error);
  return new KmkError('KMK_PARTLY_DONE', `${so}: ${cause}`, {
    hints,
    context: { group, written, total },
    cause: error,
  });
}
