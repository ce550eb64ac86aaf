import type { GroupOffsets } from '../../src/domain/documents.ts';
import { partitionKey } from '../../src/domain/topic.ts';
import { kcat } from './kafka-tools.ts';
import { labCluster } from './lab.ts';

/** A partition as kcat reads it, committed records alone. */
interface Log {
  readonly records: readonly { readonly offset: number; readonly content: string }[];
}

/** A partition and its copy. Contents of the original must all be different. */
export interface Twins {
  readonly source: Log;
  readonly copy: Log;
}

interface TwinsOf {
  readonly topic: string;
  readonly partition: number;
  /** Default: the name under the default policy. */
  readonly copy?: string;
}

type Alias = 'primary' | 'dr';

type Bootstrap = (alias: Alias) => string;

const shared: Bootstrap = (alias) => labCluster(alias).bootstrap;

async function readLog(bootstrap: string, topic: string, partition: number): Promise<Log> {
  const at = ['-b', bootstrap, '-C', '-t', topic, '-p', String(partition)];
  const text = await kcat([...at, '-e', '-q', '-f', '%o\t%k\t%s\n']);
  const lines = text.split('\n').filter((line) => line !== '');
  return {
    records: lines.map((line) => {
      const cut = line.indexOf('\t');
      return { offset: Number(line.slice(0, cut)), content: line.slice(cut + 1) };
    }),
  };
}

/** The last record's value; null where there is none. */
export async function lastValue(alias: Alias, topic: string, partition: number): Promise<string | null> {
  const at = ['-b', labCluster(alias).bootstrap, '-C', '-t', topic, '-p', String(partition)];
  // The last offsets may be a marker and holes.
  const text = await kcat([...at, '-o', '-20', '-e', '-q']).catch(() => '');
  return text.trim().split('\n').at(-1) ?? null;
}

/** Reads both sides, of the shared lab where no other is named, by `partitionKey` of the original. */
export async function readTwins(
  partitions: readonly TwinsOf[],
  bootstrap: Bootstrap = shared,
): Promise<ReadonlyMap<string, Twins>> {
  const twins = new Map<string, Twins>();
  for (const { topic, partition, copy = `primary.${topic}` } of partitions) {
    const both = {
      source: await readLog(bootstrap('primary'), topic, partition),
      copy: await readLog(bootstrap('dr'), copy, partition),
    };
    twins.set(partitionKey({ topic, partition }), both);
  }
  return twins;
}

/**
 * The greatest position in the copy at or above which every copied record at or after `committed` has a copy, told as
 * the first record there: markers and holes lie between positions that mean the same.
 */
function exactRecord({ source, copy }: Twins, committed: number): number {
  const unread = new Set(source.records.filter(({ offset }) => offset >= committed).map(({ content }) => content));
  const last = new Map(copy.records.map(({ offset, content }) => [content, offset]));
  return Math.min(Infinity, ...[...last].filter(([content]) => unread.has(content)).map(([, offset]) => offset));
}

/** The first record at or after a position; Infinity at the end. */
function recordAt({ copy }: Twins, position: string): number {
  return copy.records.find(({ offset }) => offset >= Number(position))?.offset ?? Infinity;
}

/**
 * Records of the copy from `exact` up to the exact place that the group has processed: none may be. A copy whose original
 * is gone (compaction) is of nobody knows which place, and must not be passed.
 */
function rereads(twins: Twins, committed: number, exact: number): readonly number[] {
  const read = new Set(twins.source.records.filter(({ offset }) => offset < committed).map(({ content }) => content));
  const wanted = exactRecord(twins, committed);
  const between = twins.copy.records.filter(({ offset }) => offset >= exact && offset < wanted);
  return between.filter(({ content }) => read.has(content)).map(({ offset }) => offset);
}

export interface Told {
  /** Rows with a commit on the source. */
  readonly committed: number;
  readonly exact: number;
  /** Those of which no exact position is told, in words. */
  readonly unproved: readonly string[];
  /** Rows that kmk calls ahead. */
  readonly ahead: number;
  /** What is not true, in words. */
  readonly wrong: readonly string[];
}

/** Holds what kmk says of groups against both logs: nothing it would commit, or MM2 committed, passes an unread record. */
export function judgeRows(groups: readonly GroupOffsets[], twins: ReadonlyMap<string, Twins>): Told {
  const rows = groups.flatMap(({ group, partitions }) => partitions.map((row) => ({ group, ...row })));
  const committed = rows.filter((row) => row.committed !== null);
  const unproved = committed
    .filter(({ exact }) => exact === null)
    .map(
      (row) =>
        `${row.group} ${partitionKey(row)} at ${String(row.committed)}: ${row.proof ?? row.verdict} ${String(row.best)}`,
    );
  const wrong = committed.flatMap((row) => {
    const logs = twins.get(partitionKey(row));
    if (logs === undefined) return [`${row.group}: nothing is known of ${partitionKey(row)}`];
    const wanted = exactRecord(logs, Number(row.committed));
    const where = `${row.group} ${partitionKey(row)} at ${String(row.committed)}`;
    const passes = (name: string, position: string | null): readonly string[] =>
      position !== null && recordAt(logs, position) > wanted ? [`${where}: ${name} ${position} passes ${wanted}`] : [];
    return [
      ...passes('best', row.best),
      ...passes('the commit of MM2', row.targetCommitted),
      ...(row.exact === null
        ? []
        : rereads(logs, Number(row.committed), Number(row.exact)).map(
            (at) => `${where}: exact ${String(row.exact)} reads ${at} again`,
          )),
    ];
  });
  return {
    committed: committed.length,
    exact: committed.length - unproved.length,
    unproved: unproved.slice(0, 10),
    ahead: rows.filter(({ verdict }) => verdict === 'ahead').length,
    wrong: wrong.slice(0, 10),
  };
}
