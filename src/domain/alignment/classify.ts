import type { Alignment, Unmatched } from './alignment.ts';
import type { Fault, Finding, FindingKind } from './findings.ts';
import { differences, findingsOf } from './findings.ts';
import type { RecordBlock } from './record-block.ts';

/** How far an altered record is looked for among the records of its place. */
const RELATED_WITHIN = 64;

/** What explains that one log lacks records which the other has. Times are epoch ms or ms. */
export interface LogRules {
  /** First offset that is still there. */
  readonly start: number;
  readonly compacted: boolean;
  /** Records older than this may have been deleted; Infinity where age deletes nothing. */
  readonly retentionMs: number;
  /** Whether a full log deletes its oldest records. */
  readonly limitedBytes: boolean;
  /** How long a tombstone outlives its compaction. */
  readonly tombstoneMs: number;
}

export interface ComparisonRules {
  readonly source: LogRules;
  readonly target: LogRules;
  readonly now: number;
  readonly withTimestamps: boolean;
  /** Null, or the target offset from which on the target's log holds records of its own (identity policy). */
  readonly ownFrom: number | null;
}

export interface Comparison {
  readonly complete: boolean;
  readonly matched: number;
  readonly inFlight: number;
  /** Records of one side that the other has lost to retention, or to compaction. */
  readonly cut: { readonly source: number; readonly target: number };
  readonly compacted: number;
  /** Records that the target's own clients wrote there. */
  readonly own: number;
  readonly counts: Readonly<Record<FindingKind, number>>;
  readonly findings: readonly Finding[];
}

/**
 * Says of every record without a partner what it is. `needsSource` and `needsTarget` tell whether a second reading of
 * a log, given to `source` and `target`, is needed before `result`.
 */
export class Classification {
  readonly #alignment: Alignment;
  readonly #rules: ComparisonRules;
  readonly #faults: Fault[] = [];
  #missing: readonly Unmatched[];
  #extra: readonly Unmatched[];
  #inFlight: number;
  /** First source offset of contents that the target holds too often; -1 until it was found. */
  readonly #originals = new Map<number, number>();
  readonly #aborted = new Set<number>();
  /** Last offset of the keys that matter on compacted topics. */
  readonly #lastOfKey = { source: new Map<number, number>(), target: new Map<number, number>() };

  constructor(alignment: Alignment, rules: ComparisonRules, position: number) {
    this.#alignment = alignment;
    this.#rules = rules;
    const underWay = (at: Unmatched): boolean => at.offset > alignment.last.source && at.offset >= position;
    this.#inFlight = alignment.inFlight;
    const { missing, extra } = this.#joinReordered(alignment.unmatchedSource, alignment.unmatchedTarget);
    this.#missing = missing.filter((at) => !underWay(at));
    this.#inFlight += missing.length - this.#missing.length;
    this.#extra = extra;
    for (const { whole } of extra) this.#originals.set(whole, -1);
    if (this.#rules.source.compacted || this.#rules.target.compacted) this.#askForKeys();
  }

  get needsSource(): boolean {
    return this.#originals.size > 0 || this.#lastOfKey.source.size > 0;
  }

  get needsTarget(): boolean {
    return this.#lastOfKey.target.size > 0;
  }

  /** A block of the second reading of the source; `aborted` where its transaction was. */
  source(block: RecordBlock, aborted: boolean): void {
    for (let at = 0; at < block.count; at += 1) {
      const whole = block.whole(at);
      if (this.#originals.get(whole) === -1) {
        this.#originals.set(whole, block.offset(at));
        if (aborted) this.#aborted.add(whole);
      }
      if (!aborted) noteKey(this.#lastOfKey.source, block, at);
    }
  }

  /** A block of the second reading of the target. */
  target(block: RecordBlock): void {
    for (let at = 0; at < block.count; at += 1) noteKey(this.#lastOfKey.target, block, at);
  }

  result(): Comparison {
    this.#takeDuplicated();
    const compacted = this.#takeCompacted();
    const cut = this.#takeCut();
    const own = this.#takeOwn();
    this.#takeAltered();
    for (const at of this.#missing) this.#fault('missing', at, null);
    for (const at of this.#extra) this.#fault('extra', null, at);
    const counts: Record<FindingKind, number> = { missing: 0, extra: 0, duplicated: 0, reordered: 0, altered: 0 };
    for (const { kind } of this.#faults) counts[kind] += 1;
    const { complete, matched } = this.#alignment;
    const findings = findingsOf(this.#faults);
    return { complete, matched, inFlight: this.#inFlight, cut, compacted, own, counts, findings };
  }

  #fault(kind: FindingKind, source: Fault['source'], target: Unmatched | null, more: Partial<Fault> = {}): void {
    const gap = target?.gap ?? (source as Unmatched).gap;
    this.#faults.push({ kind, gap, source, target, differs: [], reason: null, ...more });
  }

  /** The same content without a partner on both sides: the record is there, elsewhere. */
  #joinReordered(sources: readonly Unmatched[], targets: readonly Unmatched[]) {
    const waiting = grouped(sources, ({ whole }) => whole);
    const taken = new Set<Unmatched>();
    const extra = targets.filter((target) => {
      const source = waiting.get(target.whole)?.next().value;
      if (source === undefined) return true;
      taken.add(source);
      this.#fault('reordered', source, target);
      return false;
    });
    return { missing: sources.filter((at) => !taken.has(at)), extra };
  }

  #askForKeys(): void {
    for (const { key } of [...this.#missing, ...this.#extra]) {
      if (Number.isNaN(key)) continue;
      this.#lastOfKey.source.set(key, -1);
      this.#lastOfKey.target.set(key, -1);
    }
  }

  #takeDuplicated(): void {
    this.#extra = this.#extra.filter((at) => {
      const original = this.#originals.get(at.whole) ?? -1;
      if (original < 0) return true;
      const place = { ordinal: Number.NaN, offset: original };
      if (this.#aborted.has(at.whole)) this.#fault('extra', place, at, { reason: 'its transaction was aborted' });
      else this.#fault('duplicated', place, at);
      return false;
    });
  }

  /** A record that a later one of its key made superfluous, or an old tombstone. */
  #takeCompacted(): number {
    const { source, target, now } = this.#rules;
    const { last } = this.#alignment;
    const before = this.#missing.length + this.#extra.length;
    const isOld = (at: Unmatched, { tombstoneMs }: LogRules): boolean =>
      Number.isNaN(at.value) && at.timestampMs + tombstoneMs <= now;
    if (target.compacted) {
      this.#missing = this.#missing.filter(
        (at) => !isOld(at, target) && (this.#lastOfKey.source.get(at.key) ?? -1) <= at.offset,
      );
    }
    if (source.compacted) {
      this.#extra = this.#extra.filter(
        (at) =>
          !isOld(at, source) &&
          (this.#lastOfKey.target.get(at.key) ?? -1) <= at.offset &&
          (this.#lastOfKey.source.get(at.key) ?? -1) <= last.source,
      );
    }
    return before - this.#missing.length - this.#extra.length;
  }

  /** What lies before the first pair and is gone on the other side by that side's retention. */
  #takeCut(): Comparison['cut'] {
    const { source, target, now } = this.#rules;
    const { first } = this.#alignment;
    const [missing, extra] = [this.#missing.length, this.#extra.length];
    const mayBeDeleted = (at: Unmatched, { retentionMs, limitedBytes }: LogRules): boolean =>
      limitedBytes || at.timestampMs + retentionMs <= now;
    // More than the offsets that are gone can not have been deleted.
    let gone = target.start;
    this.#missing = this.#missing.filter((at) => {
      const inHead = first.source < 0 || at.offset < first.source;
      if (!inHead || gone <= 0 || !mayBeDeleted(at, target)) return true;
      gone -= 1;
      return false;
    });
    let before = source.start;
    this.#extra = this.#extra.filter((at) => {
      const inHead = first.target < 0 || at.offset < first.target;
      if (!inHead || before <= 0) return true;
      before -= 1;
      return false;
    });
    return { source: extra - this.#extra.length, target: missing - this.#missing.length };
  }

  #takeOwn(): number {
    const { ownFrom } = this.#rules;
    if (ownFrom === null) return 0;
    const before = this.#extra.length;
    this.#extra = this.#extra.filter(({ offset }) => offset < ownFrom);
    return before - this.#extra.length;
  }

  /** Records at the same place that have a key, a value or a timestamp in common: one was made of the other. */
  #takeAltered(): void {
    const { withTimestamps } = this.#rules;
    const extra = this.#extra;
    const taken = new Set<Unmatched>();
    let from = 0;
    this.#missing = this.#missing.filter((at) => {
      while ((extra[from]?.gap ?? Infinity) < at.gap) from += 1;
      for (let index = from; index < from + RELATED_WITHIN; index += 1) {
        const other = extra[index];
        if (other?.gap !== at.gap) return true;
        if (!isRelated(at, other)) continue;
        // Later ones pair with later ones: an order among altered records stays what it was.
        from = index + 1;
        taken.add(other);
        this.#fault('altered', at, other, { differs: differences(at, other, withTimestamps) });
        return false;
      }
      return true;
    });
    this.#extra = extra.filter((at) => !taken.has(at));
  }
}

function grouped(
  records: readonly Unmatched[],
  keyOf: (at: Unmatched) => number,
): Map<number, Iterator<Unmatched, undefined>> {
  const groups = new Map<number, Unmatched[]>();
  for (const at of records) {
    const group = groups.get(keyOf(at));
    if (group === undefined) groups.set(keyOf(at), [at]);
    else group.push(at);
  }
  return new Map([...groups].map(([key, group]) => [key, group.values()]));
}

function isRelated(a: Unmatched, b: Unmatched): boolean {
  return a.key === b.key || a.value === b.value || a.timestampMs === b.timestampMs;
}

function noteKey(last: Map<number, number>, block: RecordBlock, at: number): void {
  if (last.size === 0) return;
  const key = block.key(at);
  if (last.has(key)) last.set(key, block.offset(at));
}
