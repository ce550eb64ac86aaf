import type { LogRange } from './topic.ts';

/** Where a group is to be put, as kafka-consumer-groups names it. */
export type ResetTarget =
  | { readonly kind: 'earliest' }
  | { readonly kind: 'latest' }
  | { readonly kind: 'current' }
  | { readonly kind: 'offset'; readonly offset: bigint }
  | { readonly kind: 'shift'; readonly by: bigint }
  /** The first record at or after that time, else the end. */
  | { readonly kind: 'time'; readonly atMs: number }
  | TranslatedTarget;

/** Where a group is to be put on the target of a flow, by its commits on the source. */
export type TranslatedTarget =
  /** MM2's last checkpoint. */
  | { readonly kind: 'checkpoint' }
  /** The proved position; the best one where that was said to do. */
  | { readonly kind: 'exact'; readonly acceptBest: boolean };

export interface ResetOffset {
  readonly offset: bigint;
  /** The offset asked for, where it lies outside of the log and was moved to the nearer end. */
  readonly outside: bigint | null;
}

/**
 * The new offset of one partition. null where there is nothing to start from: shifting needs a commit.
 * `found` is the log's own answer for a target of kind time, and the position of one that is translated.
 */
export function resetOffset(
  target: ResetTarget,
  range: LogRange,
  committed: bigint | null,
  found: bigint | null,
): ResetOffset | null {
  switch (target.kind) {
    case 'earliest':
      return { offset: range.start, outside: null };
    case 'latest':
      return { offset: range.end, outside: null };
    case 'current':
      return committed === null ? { offset: range.end, outside: null } : within(range, committed);
    case 'offset':
      return within(range, target.offset);
    case 'shift':
      return committed === null ? null : within(range, committed + target.by);
    case 'time':
      return { offset: found ?? range.end, outside: null };
    case 'checkpoint':
    case 'exact':
      return found === null ? null : within(range, found);
  }
}

function within({ start, end }: LogRange, offset: bigint): ResetOffset {
  if (offset < start) return { offset: start, outside: offset };
  if (offset > end) return { offset: end, outside: offset };
  return { offset, outside: null };
}
