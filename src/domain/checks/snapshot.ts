import type { CheckResult, FlowStatus, GroupOffsets } from '../documents.ts';
import type { Recreated } from '../topic-identity.ts';

/** What verification reads of one flow; every check judges this and nothing else. */
export interface FlowSnapshot {
  /** `source->target`. */
  readonly flow: string;
  readonly policy: 'default' | 'identity';
  readonly state: FlowStatus['state'];
  /** The target was promoted: groups make their own progress there, and nothing positions them any more. */
  readonly promoted: boolean;
  readonly topics: readonly TopicPair[];
  /** Those of which a side was deleted and created anew. */
  readonly recreated: readonly Recreated[];
  readonly groups: readonly GroupOffsets[];
  readonly checkpoints: readonly CheckpointState[];
}

/** A topic that the flow copies, and its copy. */
export interface TopicPair {
  readonly topic: string;
  readonly remoteTopic: string;
  readonly sourcePartitions: number;
  /** null where the copy does not exist. */
  readonly targetPartitions: number | null;
  /** Settings on the topics themselves that MM2 is to keep equal. */
  readonly sourceConfig: Readonly<Record<string, string>>;
  readonly targetConfig: Readonly<Record<string, string>>;
  readonly partitions: readonly PartitionPair[];
}

export interface PartitionPair {
  readonly partition: number;
  readonly sourceStart: bigint;
  readonly sourceEnd: bigint;
  readonly targetStart: bigint;
  readonly targetEnd: bigint;
  /** Records up to `sourceEnd` that MM2 has no position behind yet. */
  readonly inFlight: bigint;
  /** True when the source got more records after `sourceEnd` was read. */
  readonly growing: boolean;
  /** Records found by reading both sides, where offsets alone did not tell; null where that was not done. */
  readonly counted: { readonly source: number; readonly target: number } | null;
}

/** What MM2 last said of one group on one partition, beside what the group had committed before it was asked. */
export interface CheckpointState {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly committed: bigint;
  /** Upstream offset of the newest checkpoint; null without one. */
  readonly upstream: bigint | null;
}

/** One named check over all flows. */
export type VerifyCheck = (flows: readonly FlowSnapshot[]) => CheckResult;

const SHOWN = 5;

/** The first findings in a line, and how many there are besides. */
export function listed(findings: readonly string[]): string {
  const more = findings.length > SHOWN ? ` and ${findings.length - SHOWN} more` : '';
  return `${findings.slice(0, SHOWN).join(', ')}${more}`;
}
