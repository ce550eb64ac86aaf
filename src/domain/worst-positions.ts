import type { GroupOffsets, PartitionOffsets, TranslationVerdict } from './offsets-documents.ts';

/** A document names every position as long as they are no more than this; estate.md, section 5. */
export const MOST_POSITIONS = 1000;
/** Of more it names so many, the worst. */
export const WORST_POSITIONS = 100;

/** The first is the worst: what may skip records, then what is not known, then what is read again. */
const BADNESS: readonly TranslationVerdict[] = ['ahead', 'untranslatable', 'missing', 'behind', 'exact'];

export function countPositions(groups: readonly Pick<GroupOffsets, 'partitions'>[]): number {
  return groups.reduce((sum, { partitions }) => sum + partitions.length, 0);
}

/** The groups with their worst positions alone, where all of them are more than a document may hold; else as they are. */
export function worstPositions<Group extends Pick<GroupOffsets, 'partitions'>>(
  groups: readonly Group[],
): readonly Group[] {
  if (countPositions(groups) <= MOST_POSITIONS) return groups;
  const all = groups.flatMap((group, index) => group.partitions.map((at) => ({ at, index })));
  const worst = all.toSorted((a, b) => byBadness(a.at, b.at)).slice(0, WORST_POSITIONS);
  const kept = new Map<number, Set<PartitionOffsets>>();
  for (const { at, index } of worst) kept.set(index, (kept.get(index) ?? new Set()).add(at));
  return groups.flatMap((group, index) => {
    const own = kept.get(index);
    return own === undefined ? [] : [{ ...group, partitions: group.partitions.filter((at) => own.has(at)) }];
  });
}

function byBadness(a: PartitionOffsets, b: PartitionOffsets): number {
  return BADNESS.indexOf(a.verdict) - BADNESS.indexOf(b.verdict) || readAgain(b) - readAgain(a);
}

function readAgain({ behindBy, bound }: PartitionOffsets): number {
  return Math.max(behindBy ?? 0, bound ?? 0);
}
