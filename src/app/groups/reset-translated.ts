import type { PartitionOffsets } from '../../domain/documents.ts';
import { KmkError } from '../../domain/errors.ts';
import type { TranslatedTarget } from '../../domain/group-reset.ts';
import type { LogRange, TopicPartition } from '../../domain/topic.ts';
import { partitionKey, partitionOfKey } from '../../domain/topic.ts';
import type { Lab } from '../lab/lab.ts';
import { flowsInto } from '../lab/lab.ts';
import { readGroupPositions } from '../offsets/group-positions.ts';
import { answers, unknownPosition } from '../offsets/show-offsets.ts';

interface Request {
  readonly cluster: string;
  readonly group: string;
  readonly to: TranslatedTarget;
}

/** What MM2 or kmk makes of a group's commits on the source, by `partitionKey` of the copy. */
export interface TranslatedPositions {
  readonly offsets: ReadonlyMap<string, bigint>;
  /** Why there is none, where there are commits. */
  readonly refused: ReadonlyMap<string, string>;
}

/**
 * Positions of a group on copies: MM2's last checkpoints, or what is proved. Throws KMK_WRONG_STATE where no flow ends at
 * the cluster, KMK_GROUP_UNKNOWN for a group without a position on a copy there.
 */
export async function translatedPositions(
  lab: Lab,
  { cluster, group, to }: Request,
  signal: AbortSignal,
): Promise<TranslatedPositions> {
  const flows = flowsInto(lab, cluster);
  if (flows.length === 0) {
    throw new KmkError('KMK_WRONG_STATE', `no flow ends at "${cluster}", so there is nothing to reset to there`, {
      hints: ['Name the target of a flow with `--cluster`.'],
      context: { cluster },
    });
  }
  const offsets = new Map<string, bigint>();
  const refused = new Map<string, string>();
  for (const flow of flows) {
    const sourceReachable = await answers(lab, flow, signal);
    const of = { flow, groups: [group], sourceReachable, compare: to.kind === 'exact' };
    const [found] = await readGroupPositions(lab, of, signal);
    for (const at of found?.partitions ?? []) {
      const key = partitionKey({ topic: at.remoteTopic, partition: at.partition });
      const reason = at.recreated === undefined ? reasonAgainst(to, at) : at.reason;
      const offset = positionOf(to, at);
      if (reason === null && offset !== null) offsets.set(key, offset);
      else if (at.committed !== null || at.checkpoint !== null) refused.set(key, reason ?? 'there is none');
    }
  }
  if (offsets.size + refused.size === 0) throw await unknownPosition(lab, group, signal);
  return { offsets, refused };
}

/** Partitions of copies that the group has a commit or a checkpoint for. */
export function partitionsOf({ offsets, refused }: TranslatedPositions): readonly TopicPartition[] {
  return [...offsets.keys(), ...refused.keys()].map(partitionOfKey);
}

/** The position of one partition. Throws KMK_WRONG_STATE with the reason where there is none to reset to. */
export function translatedAt(
  { offsets, refused }: TranslatedPositions,
  { group, to }: Request,
  { topic, partition }: LogRange,
): bigint {
  const key = partitionKey({ topic, partition });
  const offset = offsets.get(key);
  if (offset !== undefined) return offset;
  const what = to.kind === 'checkpoint' ? 'a checkpoint' : 'a proved position';
  const reason = refused.get(key) ?? 'the group has no commit there on a source';
  throw new KmkError('KMK_WRONG_STATE', `group "${group}" has not ${what} on ${topic}-${partition}: ${reason}`, {
    hints: [
      ...(to.kind === 'exact' && !to.acceptBest
        ? ['Use `--accept-best` to take the best position, which re-reads.']
        : []),
      'Name the partitions that have one, as in `--topic primary.orders:0,2`.',
    ],
    context: { group, topic, partition },
  });
}

function positionOf(to: TranslatedTarget, { checkpoint, exact, best }: PartitionOffsets): bigint | null {
  const text = to.kind === 'checkpoint' ? checkpoint : to.acceptBest ? best : exact;
  return text === null ? null : BigInt(text);
}

function reasonAgainst(
  to: TranslatedTarget,
  { checkpoint, exact, best, bound, reason }: PartitionOffsets,
): string | null {
  if (to.kind === 'checkpoint') return checkpoint === null ? 'MM2 has written none' : null;
  if (best === null) return reason ?? 'no offset sync at or before the commit';
  if (exact !== null || to.acceptBest) return null;
  return `${best} is the best known, and up to ${bound ?? 'any number of'} records short`;
}
