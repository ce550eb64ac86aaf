import { userTopicFilter } from '../../domain/flow-filter.ts';
import type { SeenCommit } from '../../domain/last-commit.ts';
import { estimateCopiedEnd } from '../../domain/offset-translation.ts';
import type { Flow } from '../../domain/setup.ts';
import { partitionKey, partitionOfKey } from '../../domain/topic.ts';
import type { Samples } from '../../domain/watch/samples.ts';
import { youngestMs } from '../../domain/watch/samples.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import { readSyncs } from './mm2-records.ts';
import { readSamples } from './sample-files.ts';
import { settledSyncs } from './settled-syncs.ts';

/** What the watch saw a group commit on a source partition, by its `partitionKey`. */
export function seenCommit(samples: Samples | null, group: string, key: string): SeenCommit | null {
  const sampled = samples?.groups[group];
  const offset = sampled?.offsets[key];
  if (sampled === undefined || offset === undefined) return null;
  return {
    offset: BigInt(offset),
    beganMs: sampled.beganMs,
    checkpointsEnd: BigInt(sampled.checkpointsEnd),
    lowered: sampled.lowered[key] !== undefined,
  };
}

/**
 * How long ago the source was last heard of: by a watch, or by a heartbeat that crossed. Null where neither is known.
 */
export async function knowledgeAgeMs(lab: Lab, flow: Flow, heartbeatAgeMs: number | null): Promise<number | null> {
  const samples = await readSamples(lab, flow);
  const seenMs = samples === null ? null : youngestMs(samples);
  if (seenMs === null) return heartbeatAgeMs;
  return Math.max(0, Math.min(lab.tools.clock.now() - seenMs, heartbeatAgeMs ?? Number.POSITIVE_INFINITY));
}

/** Ends of the source's logs of users' topics by `partitionKey`, as a watch saw them last; null without one. */
export async function seenEnds(lab: Lab, flow: Flow): Promise<ReadonlyMap<string, bigint> | null> {
  const samples = await readSamples(lab, flow);
  if (samples?.ends === undefined || samples.ends === null) return null;
  const copied = userTopicFilter(flow, lab.layout.policy);
  const ends = Object.entries(samples.ends.offsets).filter(([key]) => copied(partitionOfKey(key).topic));
  return new Map(ends.map(([key, end]) => [key, BigInt(end)]));
}

/**
 * Records of users' topics that were on the source when a watch looked last, and have no copy: at least so many are lost,
 * or late. Null where no watch has looked.
 */
export async function seenLag(lab: Lab, flow: Flow, signal: AbortSignal): Promise<number | null> {
  const ends = await seenEnds(lab, flow);
  if (ends === null) return null;
  const { policy } = lab.layout;
  const copies = [...new Set([...ends.keys()].map((key) => partitionOfKey(key).topic))];
  const target = await adminOf(lab, flow.target);
  const ranges = await target.logRanges(
    copies.map((topic) => policy.remoteTopic(flow.source, topic)),
    signal,
  );
  const syncsOf = settledSyncs(lab, flow, await readSyncs(lab, flow, signal));
  const remoteEnds = new Map(ranges.map((range) => [partitionKey(range), range.end]));
  let lag = 0n;
  for (const [key, end] of ends) {
    const { topic, partition } = partitionOfKey(key);
    const remoteEnd = remoteEnds.get(partitionKey({ topic: policy.remoteTopic(flow.source, topic), partition })) ?? 0n;
    const copiedEnd = estimateCopiedEnd(syncsOf(key), remoteEnd) ?? 0n;
    if (end > copiedEnd) lag += end - copiedEnd;
  }
  return Number(lag);
}
