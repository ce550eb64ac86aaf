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

/** What was read for that position; empty where nothing had to be: what was read for another one says nothing of it. */
export type Copies = (position: KnownPosition) => readonly CopiesAround[];

interface Place {
  readonly key: string;
  readonly remoteTopic: string;
  readonly partition: number;
  readonly ranges: readonly CopiesRange[];
}

/**
 * Reads the copies around the syncs that positions rest on, where a task may have died that had not written any: only its
 * records themselves tell. As a rule as many as a task sent again when it began, twice; at most some 350,000 for each run
 * of the task that is asked about.
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
  const read = new Map(await mapLimited(places, PARALLEL_PARTITIONS, readAll));
  return (position) => {
    const range = rangeOf(position);
    if (range === null) return [];
    const around = read.get(partitionKey(position)) ?? [];
    return around.filter(({ from, to }) => from <= range.from && to >= range.to);
  };
}

/** What to read for a position; null where there is nothing to learn. */
function rangeOf(position: KnownPosition): CopiesRange | null {
  const { committed, syncs, voidBecause } = position;
  return committed === null || voidBecause !== null ? null : copiesToRead(syncs, committed, position);
}

/** A sync lies in one range alone: another one, cut off elsewhere, might mislead. */
function placesOf(positions: readonly KnownPosition[]): readonly Place[] {
  const places = new Map<string, Place>();
  for (const position of positions) {
    const { remoteTopic, partition } = position;
    const [read, key] = [rangeOf(position), partitionKey(position)];
    if (read === null) continue;
    const ranges = joinRanges([...(places.get(key)?.ranges ?? []), read]);
    places.set(key, { key, remoteTopic, partition, ranges });
  }
  return [...places.values()];
}
