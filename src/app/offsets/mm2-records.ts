import type { Checkpoint } from '../../domain/checkpoint.ts';
import { decodeCheckpoint } from '../../domain/checkpoint.ts';
import { KmkError } from '../../domain/errors.ts';
import { decodeOffsetSync } from '../../domain/offset-sync.ts';
import type { SyncPair } from '../../domain/sync-history.ts';
import type { ReadSync } from '../../domain/watch/sampled-syncs.ts';
import { sampledHistory } from '../../domain/watch/sampled-syncs.ts';
import { min, Syncs } from '../../domain/sync-history.ts';
import type { Flow } from '../../domain/setup.ts';
import { partitionKey } from '../../domain/topic.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import type { BatchHeader } from '../ports/stored-record.ts';
import { foldedLog } from './folded-log.ts';
import { readSampledSyncs } from './sample-files.ts';

/** Syncs of a flow by `partitionKey` of the source partition. */
export type SyncHistory = ReadonlyMap<string, Syncs>;

export const NO_SYNCS = new Syncs([]);

/** Which cluster holds the flow's syncs, and in which topic (`offset-syncs.topic.location`). */
export function syncsPlace(lab: Lab, flow: Flow): { readonly alias: string; readonly topic: string } {
  const { policy } = lab.layout;
  return flow.config['offset-syncs.topic.location'] === 'source'
    ? { alias: flow.source, topic: policy.offsetSyncsTopic(flow.target) }
    : { alias: flow.target, topic: policy.offsetSyncsTopic(flow.source) };
}

/**
 * Reads the flow's whole offset-syncs topic, what was read before in this process only once. A malformed record is named
 * in a warning and skipped. Where the topic is on a source that does not answer, what a watch has read of it is all that
 * is known, and a warning says so.
 */
export async function readSyncs(lab: Lab, flow: Flow, signal: AbortSignal): Promise<SyncHistory> {
  const { alias, topic } = syncsPlace(lab, flow);
  try {
    const read = async (from: bigint) => {
      const { syncs, next } = await readSyncsFrom(lab, flow, { from, most: null }, signal);
      return { records: syncs, next };
    };
    const begin: SyncHistory = new Map();
    return await foldedLog(await adminOf(lab, alias), topic, { begin, fold: withSyncs, read }, signal);
  } catch (error) {
    if (alias !== flow.source || !KmkError.is(error) || error.code !== 'KMK_KAFKA_UNREACHABLE') {
      throw error;
    }
    return seenSyncs(lab, flow);
  }
}

function withSyncs(known: SyncHistory, more: readonly ReadSync[]): SyncHistory {
  const added = new Map<string, SyncPair[]>();
  for (const { topic, partition, upstreamOffset: upstream, downstreamOffset: downstream, generation } of more) {
    const at = partitionKey({ topic, partition });
    const pairs = added.get(at) ?? [];
    added.set(at, pairs);
    pairs.push({ upstream, downstream, generation });
  }
  const grown = [...added].map(([at, pairs]) => [at, (known.get(at) ?? NO_SYNCS).followedBy(pairs)] as const);
  return new Map([...known, ...grown]);
}

async function seenSyncs(lab: Lab, flow: Flow): Promise<SyncHistory> {
  const sampled = await readSampledSyncs(lab, flow);
  const known = sampled === null ? 'only checkpoints are known' : 'what a watch has read of them is known';
  const text = `the offset syncs of "${flow.source}" are on that cluster, which does not answer: ${known}`;
  lab.tools.events.emit('warning', { text });
  return sampled === null ? new Map() : sampledHistory(sampled);
}

/**
 * The syncs of `most` offsets of their topic from that one on, and where to read on. None where there is no such topic; to
 * be read from the beginning where it is another one, which ends before `from`.
 */
export async function readSyncsFrom(
  lab: Lab,
  flow: Flow,
  { from, most }: { readonly from: bigint; readonly most: bigint | null },
  signal: AbortSignal,
): Promise<{ readonly syncs: readonly ReadSync[]; readonly next: bigint }> {
  const { alias, topic } = syncsPlace(lab, flow);
  const admin = await adminOf(lab, alias);
  const syncs: ReadSync[] = [];
  const [range] = await admin.logRanges([topic], signal);
  if (range === undefined || from > range.end) return { syncs, next: 0n };
  const begin = from > range.start ? from : range.start;
  const { next } = await admin.readPartition(
    { topic, partition: 0 },
    ({ key, value, offset, batch }) => {
      const decoded = decodeOffsetSync(key, value);
      if (decoded.kind === 'malformed') warnMalformed(lab, topic, offset, decoded.reason);
      if (decoded.kind === 'record') syncs.push({ ...decoded.record, generation: generationOf(batch) });
    },
    { from: begin, to: most === null ? range.end : min(range.end, begin + most), signal },
  );
  return { syncs, next };
}

/** Each run of the source task has a producer of its own, so a producer id of its own (ADR 0017). */
function generationOf(batch: BatchHeader | undefined): string | null {
  return batch === undefined || batch.producerId < 0n ? null : `${batch.producerId}:${batch.producerEpoch}`;
}

/** A checkpoint and its record. */
export interface StoredCheckpoint extends Checkpoint {
  /** Its offset in the checkpoints topic. */
  readonly at: bigint;
  /** MirrorCheckpointTask takes the time before it reads the group's commits. */
  readonly timestampMs: number;
}

/** MM2's checkpoints of a flow. */
export interface Checkpoints {
  /** The newest of each group and remote partition, by group and then by `partitionKey`. */
  readonly newest: ReadonlyMap<string, ReadonlyMap<string, StoredCheckpoint>>;
  /** Epoch ms of the last one of all, by the worker's clock; null without any. */
  readonly newestMs: number | null;
  /** Group and `partitionKey`, with a blank between, of what an earlier checkpoint told a higher commit of. */
  readonly rewound: ReadonlySet<string>;
}

const NO_CHECKPOINTS: Checkpoints = { newest: new Map(), newestMs: null, rewound: new Set() };

/** Reads MM2's checkpoints of the flow, what was read before in this process only once. */
export async function readCheckpoints(lab: Lab, flow: Flow, signal: AbortSignal): Promise<Checkpoints> {
  const admin = await adminOf(lab, flow.target);
  const topic = lab.layout.policy.checkpointsTopic(flow.source);
  const read = async (from: bigint) => {
    const records: StoredCheckpoint[] = [];
    const [range] = await admin.logRanges([topic], signal);
    if (range === undefined || from > range.end) return { records, next: 0n };
    const { next } = await admin.readPartition(
      { topic, partition: 0 },
      ({ key, value, offset, timestampMs }) => {
        const decoded = decodeCheckpoint(key, value);
        if (decoded.kind === 'malformed') warnMalformed(lab, topic, offset, decoded.reason);
        if (decoded.kind === 'record') records.push({ ...decoded.record, at: offset, timestampMs });
      },
      { from, signal },
    );
    return { records, next };
  };
  return foldedLog(admin, topic, { begin: NO_CHECKPOINTS, fold: withCheckpoints, read }, signal);
}

function withCheckpoints(known: Checkpoints, more: readonly StoredCheckpoint[]): Checkpoints {
  const newest = new Map([...known.newest].map(([group, partitions]) => [group, new Map(partitions)]));
  const rewound = new Set(known.rewound);
  let { newestMs } = known;
  for (const checkpoint of more) {
    const at = partitionKey(checkpoint);
    const group = newest.get(checkpoint.group) ?? new Map<string, StoredCheckpoint>();
    const earlier = group.get(at);
    if (earlier !== undefined && earlier.upstreamOffset > checkpoint.upstreamOffset)
      rewound.add(`${checkpoint.group} ${at}`);
    group.set(at, checkpoint);
    newest.set(checkpoint.group, group);
    newestMs = Math.max(newestMs ?? 0, checkpoint.timestampMs);
  }
  return { newest, newestMs, rewound };
}

function warnMalformed(lab: Lab, topic: string, offset: bigint, reason: string): void {
  lab.tools.events.emit('warning', { text: `skipped a malformed record at ${topic}-0 offset ${offset}: ${reason}` });
}
