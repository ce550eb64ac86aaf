import type { Unmatched } from './alignment.ts';

export type FindingKind = 'missing' | 'extra' | 'duplicated' | 'reordered' | 'altered';

/** What of an altered record differs. "headers" stands for whatever is neither key, value nor timestamp. */
export type RecordPart = 'key' | 'value' | 'headers' | 'timestamp';

/** First and last offset of a run of records. */
export interface OffsetRun {
  readonly first: number;
  readonly last: number;
}

/** Neighbouring records with which the same is wrong. */
export interface Finding {
  readonly kind: FindingKind;
  readonly count: number;
  /** Null for what has no original. */
  readonly source: OffsetRun | null;
  /** Null for what has no copy. */
  readonly target: OffsetRun | null;
  readonly differs: readonly RecordPart[];
  /** Why it may have come about, where that shows. */
  readonly reason: string | null;
}

/** One record with which something is wrong, and where its original or its copy is. */
export interface Fault {
  readonly kind: FindingKind;
  readonly gap: number;
  readonly source: Place | null;
  readonly target: Place | null;
  readonly differs: readonly RecordPart[];
  readonly reason: string | null;
}

/** `ordinal` is NaN where only the offset is known. */
interface Place {
  readonly ordinal: number;
  readonly offset: number;
}

/** In the order of the logs, neighbours put together. */
export function findingsOf(faults: readonly Fault[]): readonly Finding[] {
  const sorted = [...faults].sort((a, b) => a.gap - b.gap || inOrder(a, b));
  const findings: { finding: Finding; last: Fault }[] = [];
  for (const fault of sorted) {
    const open = findings.at(-1);
    if (open !== undefined && goesOn(open.last, fault)) {
      const { finding } = open;
      open.finding = {
        ...finding,
        count: finding.count + 1,
        source: extended(finding.source, fault.source),
        target: extended(finding.target, fault.target),
      };
      open.last = fault;
    } else
      findings.push({
        finding: { ...fault, count: 1, source: run(fault.source), target: run(fault.target) },
        last: fault,
      });
  }
  return findings.map(({ finding: { kind, count, source, target, differs, reason } }) => {
    return { kind, count, source, target, differs, reason };
  });
}

/** By original, then what has none by its own offset. */
function inOrder(a: Fault, b: Fault): number {
  if (a.source !== null && b.source !== null) return a.source.offset - b.source.offset;
  if (a.source === null && b.source === null) return (a.target?.offset ?? 0) - (b.target?.offset ?? 0);
  return a.source === null ? 1 : -1;
}

function goesOn(before: Fault, next: Fault): boolean {
  return (
    before.kind === next.kind &&
    before.gap === next.gap &&
    before.reason === next.reason &&
    before.differs.join() === next.differs.join() &&
    follows(before.source, next.source) &&
    follows(before.target, next.target)
  );
}

function follows(before: Place | null, next: Place | null): boolean {
  if (before === null || next === null) return before === next;
  return next.ordinal === before.ordinal + 1 || (Number.isNaN(next.ordinal) && next.offset === before.offset + 1);
}

function run(place: Place | null): OffsetRun | null {
  return place === null ? null : { first: place.offset, last: place.offset };
}

function extended(so: OffsetRun | null, place: Place | null): OffsetRun | null {
  return so === null || place === null ? so : { first: so.first, last: place.offset };
}

/** What two records of one place have not in common. */
export function differences(source: Unmatched, target: Unmatched, withTimestamps: boolean): readonly RecordPart[] {
  const parts: RecordPart[] = [];
  if (!Object.is(source.key, target.key)) parts.push('key');
  if (!Object.is(source.value, target.value)) parts.push('value');
  if (withTimestamps && source.timestampMs !== target.timestampMs) parts.push('timestamp');
  return parts.length === 0 ? ['headers'] : parts;
}
