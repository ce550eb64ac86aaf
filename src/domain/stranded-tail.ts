import { KmkError } from './errors.ts';
import type { PolicyName } from './setup.ts';

/** What becomes of a stranded tail. */
export const TAIL_CHOICES = ['late', 'export', 'replay', 'discard'] as const;
export type TailChoice = (typeof TAIL_CHOICES)[number];

/** Where groups are put that have read all copies: past the tail, or at its start. */
export const TAIL_POSITIONS = ['skip', 'redeliver'] as const;
export type TailPosition = (typeof TAIL_POSITIONS)[number];

/** What the operator decided about a tail before anybody knows whether there is one. */
export interface TailRequest {
  /** Null: nothing was decided. */
  readonly stranded: TailChoice | null;
  readonly tail: TailPosition;
  /** The most records that may be given up (`discard`). */
  readonly acceptLoss: number | null;
}

export const NOTHING_DECIDED: TailRequest = { stranded: null, tail: 'skip', acceptLoss: null };

/** The part of a stranded tail that lies in one partition of the old active. Offsets are decimal strings. */
export interface TailPart {
  readonly topic: string;
  readonly partition: number;
  /** The first record without a copy. Where that is not proved, the lowest that it can be. */
  readonly from: string;
  /** The first offset that is not the old active's own. */
  readonly to: string;
  /** Records in between that a read_committed reader sees. */
  readonly records: number;
  /** False: some of its first records may have a copy. */
  readonly exact: boolean;
}

/** What was done with a tail, kept with the promotion until the failback is complete. */
export interface ResolvedTail {
  readonly choice: Exclude<TailChoice, 'late'>;
  readonly position: TailPosition;
  /** False while it is being done: an interrupted replay goes on where it was. */
  readonly complete: boolean;
  readonly parts: readonly TailPart[];
  /** Path of the file that an export wrote; null without one. */
  readonly file: string | null;
  /** Of a replay: ends on the active cluster before its first record, by partition. */
  readonly replayFrom: readonly ReplayMark[];
  /** Of a replay: how many records it wrote, and the offset after the last one. */
  readonly replayed: readonly (ReplayMark & { readonly records: number })[];
}

export interface ReplayMark {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
}

/** So many records of a partition. */
export type CountedPart = Pick<TailPart, 'topic' | 'partition' | 'records'>;

export function tailSize(parts: readonly CountedPart[]): number {
  return parts.reduce((sum, { records }) => sum + records, 0);
}

/** `12 in orders-0, 7 in orders-2`, the largest first, cut after five partitions. */
export function tailText(parts: readonly CountedPart[]): string {
  const largest = parts.filter(({ records }) => records > 0).toSorted((a, b) => b.records - a.records);
  const named = largest.slice(0, 5).map(({ topic, partition, records }) => `${records} in ${topic}-${partition}`);
  const more = largest.length - named.length;
  return named.join(', ') + (more > 0 ? ` and ${more} more partitions` : '');
}

/** Why a decision is impossible whatever the tail is; null where it is not. `replay` and `late` rest on the policy. */
export function impossibleChoice(policy: PolicyName, { stranded }: TailRequest): string | null {
  if (policy === 'default' && stranded === 'replay') {
    return 'stranded records cannot be replayed under the default policy: the forward flow brings them across by itself';
  }
  if (policy === 'identity' && stranded === 'late') {
    return 'stranded records cannot arrive late under the identity policy: they would come after newer ones in the same log';
  }
  return null;
}

/** Topics whose copy on the active cluster keeps only the last record of a key. */
export interface TailFacts {
  readonly alias: string;
  readonly policy: PolicyName;
  readonly parts: readonly TailPart[];
  readonly compacted: ReadonlySet<string>;
}

/**
 * What is to be done with a tail: null where there is none or where it arrives late by itself. Throws
 * KMK_TAIL_UNDECIDED, naming sizes, where the decision is missing or does not cover what was found.
 */
export function decideTail(request: TailRequest, facts: TailFacts): Exclude<TailChoice, 'late'> | null {
  const { alias, policy, parts } = facts;
  const size = tailSize(parts);
  if (size === 0) return null;
  const { stranded, acceptLoss } = request;
  const impossible = impossibleChoice(policy, request);
  if (impossible !== null) throw undecided(facts, impossible, [wayOut(policy)]);
  if (stranded === null && policy === 'identity') {
    throw undecided(facts, `${size} records on "${alias}" never crossed`, [
      'Under the identity policy they cannot be copied after records that were written since; nothing was changed on either side.',
      wayOut(policy),
    ]);
  }
  if (stranded === null || stranded === 'late') return null;
  if (stranded === 'discard' && (acceptLoss ?? 0) < size) {
    throw undecided(facts, `${size} records on "${alias}" never crossed, more than the ${acceptLoss ?? 0} accepted`, [
      `Give \`--accept-loss ${size}\` to discard them, or keep them with \`--stranded export\`.`,
    ]);
  }
  if (stranded === 'replay') refuseReplay(facts);
  return stranded;
}

function refuseReplay(facts: TailFacts): void {
  const { parts, compacted } = facts;
  const unsure = parts.find(({ exact, records }) => !exact && records > 0);
  if (unsure !== undefined) {
    const where = `${unsure.topic}-${unsure.partition}`;
    throw undecided(facts, `which records of ${where} have a copy is not proved, so a replay might store some twice`, [
      'Use `--stranded export`: the file then begins at the first record that may have none.',
    ]);
  }
  const keyed = parts.find(({ topic, records }) => records > 0 && compacted.has(topic));
  if (keyed === undefined) return;
  throw undecided(facts, `topic "${keyed.topic}" is compacted: replayed, its old records would replace newer ones`, [
    'Use `--stranded export`, and write by hand what is still wanted.',
  ]);
}

function wayOut(policy: PolicyName): string {
  return policy === 'identity'
    ? 'Choose with `kmk failback --stranded export`, `--stranded replay` or `--stranded discard --accept-loss N`.'
    : 'Leave `--stranded` out: they arrive late. Or choose `--stranded export` or `--stranded discard --accept-loss N`.';
}

function undecided({ parts, alias }: TailFacts, reason: string, hints: readonly string[]): KmkError {
  return new KmkError('KMK_TAIL_UNDECIDED', `${reason} (${tailText(parts)})`, {
    hints,
    context: { cluster: alias, stranded: tailSize(parts), partitions: parts.filter((at) => at.records > 0).length },
  });
}

/** Where a group is put on the returned cluster. */
export interface Placed {
  readonly offset: bigint;
  /** True: also where that lowers its commit. */
  readonly lower: boolean;
  /** Records between here and where it would have gone on without the tail. */
  readonly again: bigint;
}

/** What is known of one partition when a group is put on it. */
export interface Placing {
  /** What translation answers; null where it has none. */
  readonly translated: bigint | null;
  /** Offsets below `end` are the returned cluster's own: of `[from, end)` nobody else has a copy. Null: no tail. */
  readonly tail: { readonly from: bigint; readonly end: bigint; readonly redeliver: boolean } | null;
  /** True where the group has read every copy on the cluster that it leaves. */
  readonly readAll: boolean;
  /** Where own records end and copies of the other side's begin in the same log; null where they do not share one. */
  readonly ownEnd: bigint | null;
}

/**
 * Where a group goes on: one that has read all copies is put past the tail, or at its start; one that has not stays
 * before it, and reads the tail when it comes there. Null where nothing tells.
 */
export function placeGroup({ translated, tail, readAll, ownEnd }: Placing): Placed | null {
  if (!readAll) return translated === null ? null : { offset: translated, lower: false, again: 0n };
  const floor = tail?.end ?? ownEnd ?? 0n;
  const offset = translated !== null && translated > floor ? translated : floor;
  if (tail?.redeliver === true) return { offset: tail.from, lower: true, again: offset - tail.from };
  return tail === null && ownEnd === null && translated === null ? null : { offset, lower: false, again: 0n };
}
