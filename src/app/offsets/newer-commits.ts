import type { GroupDescription } from '../../domain/consumer-group.ts';
import { coordinatorPartition, decodeStoredCommit } from '../../domain/group-commit.ts';
import { ratesOf } from '../../domain/lab/replication-profile.ts';
import type { TopicPartition } from '../../domain/topic.ts';
import { partitionKey } from '../../domain/topic.ts';
import type { Flow } from '../../domain/setup.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import { mapLimited } from '../map-limited.ts';
import type { Scope } from './flow-translator.ts';

const PARALLEL_PARTITIONS = 8;
const OFFSETS_TOPIC = '__consumer_offsets';
/** For a loaded machine, and for two clocks: checkpoints carry the worker's time, commits the broker's. */
const SLACK_MS = 5000;

/** Commits by group and then by `partitionKey` of the remote partition. */
export type NewerCommits = ReadonlyMap<string, ReadonlyMap<string, bigint>>;

/**
 * Commits on the target that MM2 made of commits that its checkpoints do not tell yet. MirrorCheckpointTask commits from
 * memory on a timer of its own, while its poll, which emits what it has found, waits in vain for the next group of a
 * source that has died. Such a commit is younger than every checkpoint, by little more than the two intervals, and of a
 * group that never had a member there. One of before a rewind is older than the checkpoint that tells of the rewind.
 */
export async function readNewerCommits(
  { lab, flow, checkpoints }: Scope,
  descriptions: readonly GroupDescription[],
  signal: AbortSignal,
): Promise<NewerCommits> {
  const untouched = descriptions.filter(
    ({ exists, protocolType, members }) => exists && protocolType === '' && members.length === 0,
  );
  const { newestMs, rewound } = checkpoints;
  if (untouched.length === 0 || newestMs === null || flow.config['sync.group.offsets.enabled'] === 'false')
    return new Map();
  const admin = await adminOf(lab, flow.target);
  const [topic] = await admin.describeTopics([OFFSETS_TOPIC], signal);
  if (topic === undefined) return new Map();
  const latestMs = newestMs + syncWindowMs(lab, flow);
  const from = new Map(
    (await admin.offsetsAtTime(OFFSETS_TOPIC, newestMs + 1, signal)).map(({ partition, offset }) => [
      partition,
      offset,
    ]),
  );
  const names = new Set(untouched.map(({ group }) => group));
  const found = new Map<string, Map<string, bigint>>();
  const partitions = new Set([...names].map((group) => coordinatorPartition(group, topic.partitions.length)));
  // All commits of a group are in one partition.
  await mapLimited([...partitions], PARALLEL_PARTITIONS, async (partition) => {
    const start = from.get(partition);
    if (start === undefined) return;
    await admin.readPartition(
      { topic: OFFSETS_TOPIC, partition },
      ({ key, value, timestampMs }) => {
        const decoded = decodeStoredCommit(key, value);
        if (decoded.kind !== 'record' || decoded.record === null || !names.has(decoded.record.group)) return;
        const { group, offset } = decoded.record;
        const at = partitionKey(decoded.record satisfies TopicPartition);
        const of = found.get(group) ?? new Map<string, bigint>();
        found.set(group, of);
        // A later one of somebody else takes its place.
        if (timestampMs <= newestMs || timestampMs > latestMs || rewound.has(`${group} ${at}`)) of.delete(at);
        else of.set(at, offset);
      },
      { from: start, signal },
    );
  });
  return found;
}

/** Until MM2 commits on the target what a poll has found: its two timers, one after the other. */
export function syncWindowMs({ record }: Lab, { config }: Flow): number {
  const rates = ratesOf(record.setup.replication.profile);
  const seconds = (key: string, otherwise: number): number => Number(config[key] ?? otherwise);
  const emit = seconds('emit.checkpoints.interval.seconds', rates.checkpoints);
  const sync = seconds('sync.group.offsets.interval.seconds', rates.groupSync);
  return (emit + sync) * 1000 + SLACK_MS;
}
