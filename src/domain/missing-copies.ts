import { KmkError } from './errors.ts';
import { REPLAY_HEADER } from './replay-headers.ts';
import type { CountedPart } from './stranded-tail.ts';
import { tailSize, tailText } from './stranded-tail.ts';

/** What is known of a return before clients are let on to the old primary again. */
export interface ReturnFacts {
  /** Alias of the cluster that is left, and of the one that is returned to. */
  readonly from: string;
  readonly to: string;
  /** The most records to give up (`--accept-loss`); null where nobody said so. */
  readonly acceptLoss: number | null;
  /** Of these the stranded records that were given up. */
  readonly discarded: number;
  /** The stranded ones were replayed: the way back leaves out what carries their header. */
  readonly replayed: boolean;
}

/**
 * What the check of a return says of records that did not come back. Throws KMK_VERIFY_FAILED where they are more than
 * may be given up: clients of the returned cluster would never see them.
 */
export function judgeMissing(parts: readonly CountedPart[], facts: ReturnFacts): string {
  const { from, to, acceptLoss, discarded, replayed } = facts;
  const missing = tailSize(parts);
  const text = `${missing} records written on "${from}" are missing on "${to}"`;
  if (missing === 0) return text;
  const where = `${text} (${tailText(parts)})`;
  const needed = discarded + missing;
  if ((acceptLoss ?? 0) >= needed) return `${where}, given up as --accept-loss ${acceptLoss ?? 0} allows`;
  throw new KmkError('KMK_VERIFY_FAILED', where, {
    hints: [
      ...(replayed
        ? [
            `Records of an application with the header "${REPLAY_HEADER}" of a replayed one are left out: write them again without it, then run \`kmk failback\` again.`,
          ]
        : [`The flow ${from}->${to} has not copied them: look for transforms or filters in its configuration.`]),
      `They stay on "${from}". Run \`kmk failback --accept-loss ${needed}\` to return without them.`,
    ],
  });
}
