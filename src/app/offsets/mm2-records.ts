import type { Checkpoint } from '../../domain/checkpoint.ts';
import { decodeCheckpoint } from '../../domain/checkpoint.ts';
import { decodeOffsetSync } from '../../domain/offset-sync.ts';
import type { SyncPair } from '../../domain/offset-translation.ts';
import type { Flow } from '../../domain/setup.ts';
import { partitionKey } from '../../domain/topic.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';

/** Syncs of a flow in the order they were written, by `partitionKey` of the source partition. */
export type SyncHistory = ReadonlyMap<string, readonly SyncPair[]>;

/** Reads the flow's whole offset-syncs topic on its target. A malformed record is named in a warning and skipped. */
export async function readSyncs(lab: Lab, flow: Flow, signal: AbortSignal): Promise<SyncHistory> {
  const admin = await adminOf(lab, flow.target);
  const topic = lab.layout.policy.offsetSyncsTopic(flow.source);
  const history = new Map<string, SyncPair[]>();
  if ((await admin.logRanges([topic], signal)).length === 0) return history;
  await admin.readPartition(
    { topic, partition: 0 },
    ({ key, value, offset }) => {
      const decoded = decodeOffsetSync(key, value);
      if (decoded.kind === 'malformed') warnMalformed(lab, topic, offset, decoded.reason);
      if (decoded.kind !== 'record') return;
      const { topic: source, partition, upstreamOffset, downstreamOffset } = decoded.record;
      const at = partitionKey({ topic: source, partition });
      const pairs = history.get(at) ?? [];
      pairs.push({ upstream: upstreamOffset, downstream: downstreamOffset });
      history.set(at, pairs);
    },
    { signal },
  );
  return history;
}

/** The newest checkpoint of each group and remote partition, by group and then by `partitionKey`. */
export type Checkpoints = ReadonlyMap<string, ReadonlyMap<string, Checkpoint>>;

export async function readCheckpoints(lab: Lab, flow: Flow, signal: AbortSignal): Promise<Checkpoints> {
  const admin = await adminOf(lab, flow.target);
  const topic = lab.layout.policy.checkpointsTopic(flow.source);
  const byGroup = new Map<string, Map<string, Checkpoint>>();
  if ((await admin.logRanges([topic], signal)).length === 0) return byGroup;
  await admin.readPartition(
    { topic, partition: 0 },
    ({ key, value, offset }) => {
      const decoded = decodeCheckpoint(key, value);
      if (decoded.kind === 'malformed') warnMalformed(lab, topic, offset, decoded.reason);
      if (decoded.kind !== 'record') return;
      const checkpoint = decoded.record;
      const group = byGroup.get(checkpoint.group) ?? new Map<string, Checkpoint>();
      group.set(partitionKey(checkpoint), checkpoint);
      byGroup.set(checkpoint.group, group);
    },
    { signal },
  );
  return byGroup;
}

function warnMalformed(lab: Lab, topic: string, offset: bigint, reason: string): void {
  lab.tools.events.emit('warning', { text: `skipped a malformed record at ${topic}-0 offset ${offset}: ${reason}` });
}
