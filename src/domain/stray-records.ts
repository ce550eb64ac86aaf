import { listed } from './checks/snapshot.ts';
import type { CheckResult } from './documents.ts';

/** Records that somebody else than MM2 wrote where nobody should. Offsets are decimal strings. */
export interface StrayPart {
  readonly topic: string;
  readonly partition: number;
  /** Where the partition ended when it was closed, or the log start where that is later. */
  readonly from: string;
  /** Its end now. */
  readonly to: string;
  /** What a read_committed reader finds in between. */
  readonly records: number;
}

/** Strays on one cluster that takes no client writes; `parts` null where nobody knows how it was when it was closed. */
export interface ClosedSide {
  readonly alias: string;
  readonly parts: readonly StrayPart[] | null;
}

export function strayCount(parts: readonly StrayPart[]): number {
  return parts.reduce((sum, { records }) => sum + records, 0);
}

/** `3 records were written on "dr" while it was closed: orders-0 (3)`. */
export function strayText(alias: string, parts: readonly StrayPart[], count = strayCount(parts)): string {
  const worst = parts.toSorted((a, b) => b.records - a.records);
  const where = listed(worst.map(({ topic, partition, records }) => `${topic}-${partition} (${records})`));
  return `${count} ${count === 1 ? 'record was' : 'records were'} written on "${alias}" while it was closed: ${where}`;
}

/** What plans say of strays on the side that is moved to: they come along. */
export function strayWarnings(sides: readonly ClosedSide[] | undefined): readonly string[] {
  return (sides ?? []).flatMap(({ alias, parts }) =>
    parts === null || parts.length === 0
      ? []
      : [`${strayText(alias, parts)}; no flow has carried them, the way back of this move begins before them`],
  );
}

/** The check of `verify`: nobody but MM2 wrote on a side that takes no client writes. */
export function standbyUntouched(sides: readonly ClosedSide[]): CheckResult {
  const id = 'standby.untouched';
  const strays = sides.flatMap(({ alias, parts }) =>
    parts === null || parts.length === 0 ? [] : [strayText(alias, parts)],
  );
  if (strays.length > 0) return { id, verdict: 'fail', message: `${strays.join('; ')}. No flow carries them` };
  const unknown = sides.filter(({ parts }) => parts === null).map(({ alias }) => `"${alias}"`);
  if (unknown.length > 0) {
    const message = `how ${listed(unknown)} was when it was closed is not known: run \`kmk deploy\` again`;
    return { id, verdict: 'inconclusive', message };
  }
  const closed = sides.map(({ alias }) => `"${alias}"`);
  const message = closed.length === 0 ? 'no cluster is closed' : `nobody but MM2 wrote on ${listed(closed)}`;
  return { id, verdict: 'pass', message };
}
