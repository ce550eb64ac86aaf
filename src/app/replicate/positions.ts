import { topicFilter } from '../../domain/flow-filter.ts';
import { connectorName } from '../../domain/lab/connect-config.ts';
import { isInternalTopic } from '../../domain/replication-policy.ts';
import type { Flow } from '../../domain/setup.ts';
import type { LogRange, TopicPartition } from '../../domain/topic.ts';
import { partitionKey } from '../../domain/topic.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf, connectOf } from '../lab/lab.ts';
import type { ConnectorPosition } from '../ports/connect-api.ts';
import { withoutMarkers } from './marker-tails.ts';
import { copiedTopics } from './source-topics.ts';

/** Next source offset MM2 will read, by `partitionKey`. */
export type Positions = ReadonlyMap<string, bigint>;

/** What of one source partition has not been copied yet. */
export interface PartitionLag extends TopicPartition {
  readonly position: bigint;
  readonly start: bigint;
  readonly end: bigint;
  readonly lag: bigint;
}

/**
 * Positions of the flow's source connector. Connect flushes them every `offset.flush.interval.ms`, so they are late by
 * up to that, never early. The stored offset is the last record copied: MM2 goes on at the next (MirrorUtils).
 */
export async function readPositions(lab: Lab, flow: Flow, signal: AbortSignal): Promise<Positions> {
  const rows =
    lab.record.setup.replication.mode === 'connect'
      ? await connectOf(lab, flow.target).positions(connectorName(flow, 'source'), signal)
      : await dedicatedRows(lab, flow, signal);
  const positions = new Map<string, bigint>();
  for (const { partition, offset } of rows) {
    if (offset === null || partition['cluster'] !== flow.source) continue;
    const at = { topic: String(partition['topic']), partition: Number(partition['partition']) };
    positions.set(partitionKey(at), BigInt(offset['offset'] ?? -1) + 1n);
  }
  return positions;
}

/** Dedicated MM2 has no REST API: its storage topic on the target is the only view (mm2-ground-truth 1.4). */
async function dedicatedRows(lab: Lab, flow: Flow, signal: AbortSignal): Promise<readonly ConnectorPosition[]> {
  const admin = await adminOf(lab, flow.target);
  const topic = `mm2-offsets.${flow.source}.internal`;
  const decoder = new TextDecoder();
  const rows = new Map<string, ConnectorPosition>();
  for (const range of await admin.logRanges([topic], signal)) {
    await admin.readPartition(
      range,
      ({ key, value }) => {
        if (key === null) return;
        const [name, partition] = JSON.parse(decoder.decode(key)) as [string, Record<string, string | number>];
        if (name !== 'MirrorSourceConnector') return;
        const offset = value === null ? null : (JSON.parse(decoder.decode(value)) as Record<string, number>);
        rows.set(decoder.decode(key), { partition, offset });
      },
      { signal },
    );
  }
  return [...rows.values()];
}

/** Lag of every partition the flow copies; a partition MM2 has no position for lags by all it holds. */
export function lagOf(
  flow: Flow,
  lab: Lab,
  ranges: readonly LogRange[],
  positions: Positions,
): readonly PartitionLag[] {
  const copied = topicFilter(flow, lab.layout.policy);
  return ranges
    .filter((range) => copied(range.topic))
    .map((range) => {
      const position = positions.get(partitionKey(range)) ?? range.start;
      const from = position > range.start ? position : range.start;
      return {
        topic: range.topic,
        partition: range.partition,
        position,
        start: range.start,
        end: range.end,
        lag: max0(range.end - from),
      };
    });
}

/**
 * Reads both and combines them: source ends first, so that what is written meanwhile never shows as negative. Markers and
 * aborted records at the end of a log are no lag.
 */
export async function readLag(lab: Lab, flow: Flow, signal: AbortSignal): Promise<readonly PartitionLag[]> {
  const source = await adminOf(lab, flow.source);
  const topics = await copiedTopics(lab, flow, signal);
  const ranges = await source.logRanges(topics, signal);
  return withoutMarkers(lab, flow, lagOf(flow, lab, ranges, await readPositions(lab, flow, signal)), signal);
}

/** Records of users' topics still to copy; heartbeats and canaries are always under way and say nothing. */
export function totalLag(lags: readonly PartitionLag[]): number {
  return Number(ofUsers(lags).reduce((sum, { lag }) => sum + lag, 0n));
}

export function ofUsers(lags: readonly PartitionLag[]): readonly PartitionLag[] {
  return lags.filter(({ topic }) => !isInternalTopic(topic));
}

function max0(value: bigint): bigint {
  return value > 0n ? value : 0n;
}
