import type { CopiesRange } from '../../domain/copies-around.ts';
import { CopiesAround, copiesToRead, joinRanges } from '../../domain/copies-around.ts';
import { fingerprint } from '../../domain/fingerprint.ts';
import type { KnownPosition } from '../../domain/position-verdict.ts';
import type { Flow } from '../../domain/setup.ts';
import { partitionKey } from '../../domain/topic.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import { mapLimited } from '../map-limited.ts';

/** Partitions read at once. */
const PARALLEL_PARTITIONS = 4;

/** What was read of the copies, by `partitionKey` of the source partition. */
export type Copies = ReadonlyMap<string, readonly CopiesAround[]>;

interface Place {
  readonly key: string;
  readonly remoteTopic: string;
  readonly partition: number;
  readonly ranges: readonly CopiesRange[];
}

/**
 * Reads the copies around the syncs that positions rest on, where a task may have died that had not written any: only its
 * records themselves tell. At most 42,000 records for each run of the task that is asked about.
 */
export async function readCopies(
  lab: Lab,
  flow: Flow,
  positions: readonly KnownPosition[],
  signal: AbortSignal,
): Promise<Copies> {
  const target = await adminOf(lab, flow.target);
  const places = placesOf(positions);
  const topics = [...new Set(places.map(({ remoteTopic }) => remoteTopic))];
  const times = new Map(
    await mapLimited(topics, PARALLEL_PARTITIONS, async (topic) => {
      const { 'message.timestamp.type': type } = await target.topicOverrides(topic, signal);
      return [topic, type !== 'LogAppendTime'] as const;
    }),
  );
  const readAll = async ({ key, remoteTopic, partition, ranges }: Place) => {
    const found: CopiesAround[] = [];
    const withTimestamp = times.get(remoteTopic) ?? true;
    for (const range of ranges) {
      const around = new CopiesAround(range);
      await target.readPartition(
        { topic: remoteTopic, partition },
        (record) => around.add(record.offset, fingerprint(record, withTimestamp)),
        { ...range, uncommitted: true, signal },
      );
      found.push(around);
    }
    return [key, found] as const;
  };
  return new Map(await mapLimited(places, PARALLEL_PARTITIONS, readAll));
}

/** A sync lies in one range alone: another one, cut off elsewhere, might mislead. */
function placesOf(positions: readonly KnownPosition[]): readonly Place[] {
  const places = new Map<string, Place>();
  for (const { topic, remoteTopic, partition, committed, syncs, voidBecause, ...range } of positions) {
    if (committed === null || voidBecause !== null) continue;
    const read = copiesToRead(syncs, committed, range);
    if (read === null) continue;
    const key = partitionKey({ topic, partition });
    const ranges = joinRanges([...(places.get(key)?.ranges ?? []), read]);
    places.set(key, { key, remoteTopic, partition, ranges });
  }
  return [...places.values()];
}
