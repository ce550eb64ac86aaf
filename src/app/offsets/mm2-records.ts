import type { Checkpoint } from '../../domain/checkpoint.ts';
import { decodeCheckpoint } from '../../domain/checkpoint.ts';
import { KmkError } from '../../domain/errors.ts';
import { decodeOffsetSync } from '../../domain/offset-sync.ts';
import type { SyncPair } from '../../domain/sync-history.ts';
import { Syncs } from '../../domain/sync-history.ts';
import type { Flow } from '../../domain/setup.ts';
import { partitionKey } from '../../domain/topic.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import type { BatchHeader } from '../ports/kafka-admin.ts';

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
 * Reads the flow's whole offset-syncs topic. A malformed record is named in a warning and skipped. Where the topic is on
 * a source that does not answer nothing is known, and a warning says so.
 */
export async function readSyncs(lab: Lab, flow: Flow, signal: AbortSignal): Promise<SyncHistory> {
  const { alias, topic } = syncsPlace(lab, flow);
  const admin = await adminOf(lab, alias);
  const history = new Map<string, SyncPair[]>();
  try {
    if ((await admin.logRanges([topic], signal)).length === 0) return new Map();
    await admin.readPartition(
      { topic, partition: 0 },
      ({ key, value, offset, batch }) => {
        const decoded = decodeOffsetSync(key, value);
        if (decoded.kind === 'malformed') warnMalformed(lab, topic, offset, decoded.reason);
        if (decoded.kind !== 'record') return;
        const { topic: source, partition, upstreamOffset: upstream, downstreamOffset: downstream } = decoded.record;
        const at = partitionKey({ topic: source, partition });
        const pairs = history.get(at) ?? [];
        pairs.push({ upstream, downstream, generation: generationOf(batch) });
        history.set(at, pairs);
      },
      { signal },
    );
  } catch (error) {
    if (alias !== flow.source || !KmkError.is(error) || error.code !== 'KMK_KAFKA_UNREACHABLE') throw error;
    const text = `the offset syncs of "${flow.source}" are on that cluster, which does not answer: only checkpoints are known`;
    lab.tools.events.emit('warning', { text });
  }
  return new Map([...history].map(([at, pairs]) => [at, new Syncs(pairs)]));
}

/** Each run of the source task has a producer of its own, so a producer id of its own (ADR 0017). */
function generationOf(batch: BatchHeader | undefined): string | null {
  return batch === undefined || batch.producerId < 0n ? null : `${batch.producerId}:${batch.producerEpoch}`;
}

/** MM2's checkpoints of a flow. */
export interface Checkpoints {
  /** The newest of each group and remote partition, by group and then by `partitionKey`. */
  readonly newest: ReadonlyMap<string, ReadonlyMap<string, Checkpoint>>;
  /** Epoch ms of the last one of all, by the worker's clock; null without any. */
  readonly newestMs: number | null;
  /** Group and `partitionKey`, with a blank between, of what an earlier checkpoint told a higher commit of. */
  readonly rewound: ReadonlySet<string>;
}

export async function readCheckpoints(lab: Lab, flow: Flow, signal: AbortSignal): Promise<Checkpoints> {
  const admin = await adminOf(lab, flow.target);
  const topic = lab.layout.policy.checkpointsTopic(flow.source);
  const byGroup = new Map<string, Map<string, Checkpoint>>();
  const rewound = new Set<string>();
  let newestMs: number | null = null;
  if ((await admin.logRanges([topic], signal)).length === 0) return { newest: byGroup, newestMs, rewound };
  await admin.readPartition(
    { topic, partition: 0 },
    ({ key, value, offset, timestampMs }) => {
      const decoded = decodeCheckpoint(key, value);
      if (decoded.kind === 'malformed') warnMalformed(lab, topic, offset, decoded.reason);
      if (decoded.kind !== 'record') return;
      const checkpoint = decoded.record;
      const at = partitionKey(checkpoint);
      const group = byGroup.get(checkpoint.group) ?? new Map<string, Checkpoint>();
      const earlier = group.get(at);
      if (earlier !== undefined && earlier.upstreamOffset > checkpoint.upstreamOffset)
        rewound.add(`${checkpoint.group} ${at}`);
      group.set(at, checkpoint);
      byGroup.set(checkpoint.group, group);
      newestMs = Math.max(newestMs ?? 0, timestampMs);
    },
    { signal },
  );
  return { newest: byGroup, newestMs, rewound };
}

function warnMalformed(lab: Lab, topic: string, offset: bigint, reason: string): void {
  lab.tools.events.emit('warning', { text: `skipped a malformed record at ${topic}-0 offset ${offset}: ${reason}` });
}
