import type { CheckResult } from '../documents.ts';
import type { RuntimeName, Setup } from '../setup.ts';
import type { ResolvedTail } from '../stranded-tail.ts';
import type { LabPorts } from './ports.ts';

/** End of the target partition and, where known, the source position it stands for, read when a flow was stopped. */
export interface Watermark {
  readonly topic: string;
  readonly partition: number;
  /** Offset after the last source record that has a copy; null while the source is gone and no sync tells. */
  readonly u: string | null;
  /** End of the partition that the new active writes on from. */
  readonly d: string;
}

/** Where a flow began anew in a partition: `u` on its source, `d` on its target. */
export interface Settled extends Watermark {
  /** Of the topic on the source; in another one of that name it stands for nothing. Absent where it was not known. */
  readonly topicId?: string;
}

/** What a failback knew when it let clients in again. A second run that completes it can measure none of this anew. */
export interface SwitchedBack {
  /** Records that never crossed; absent for waves, which strand none. */
  readonly stranded?: number;
  /** Records that the way back had stored twice. */
  readonly duplicates?: number;
  /** Records that groups were put before although they had gone on behind them, by group. */
  readonly redelivered?: Readonly<Record<string, number>>;
  readonly checks: readonly CheckResult[];
}

/** What a failover left behind for the failback that undoes it. */
export interface Promotion {
  readonly from: string;
  readonly to: string;
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly runId: string;
  /** Partitions of local topics on the new active, as they were before clients came: where the reverse flow starts. */
  readonly watermarks: readonly Watermark[];
  /** Partitions of the mirrored topics at the cut: `u` is the offset after the last source record with a copy. */
  readonly mirrored: readonly Watermark[];
  /** Ends, by partition, of own topics of the new active that the way back leaves out; absent in older records. */
  readonly outside?: Readonly<Record<string, string>>;
  /** True once the reverse flow was seeded and its seeds read back: it must never be seeded again. */
  readonly seeded: boolean;
  /** True until the failover that made it has proved service and checked the result: a second run does only that. */
  readonly unfinished?: boolean;
  /** Ends of the reverse flow's copies before it started: what they grew by since is what it copied. */
  readonly reverseStart?: readonly Watermark[];
  /** What the failback did, or is doing, with records that never crossed. */
  readonly tail?: ResolvedTail;
  /** Set when the failback has let clients in on `from` again. */
  readonly switched?: SwitchedBack;
}

/** What waves of a switchover have moved while the rest stays where it was: `active` is the rest's. */
export interface Moved extends Pick<Promotion, 'from' | 'to' | 'watermarks' | 'mirrored'> {
  /** Names on `from`. */
  readonly topics: readonly string[];
  /** Groups that read these topics and no others. */
  readonly groups: readonly string[];
  /** Topics that the way back copies: their seeds were read back, and they must never be seeded again. */
  readonly seeded: readonly string[];
  /** Ends of the way back's copies before it copied into them. */
  readonly reverseStart: readonly Watermark[];
  /** True once a failback has let clients in on `from` again: what is left is to let the setup's flow copy all of it. */
  readonly returned?: boolean;
  /** Set with `returned`. */
  readonly switched?: SwitchedBack;
}

/** What deploy recorded about a lab: enough to find, read, restart and remove it from another process. */
export interface LabRecord {
  readonly version: 1;
  readonly project: string;
  readonly runtime: RuntimeName;
  readonly kmkVersion: string;
  readonly deployedAt: string;
  readonly setup: Setup;
  readonly ports: LabPorts;
  readonly clusterIds: Readonly<Record<string, string>>;
  readonly active: string;
  readonly epoch: number;
  /** Set from a failover until its failback is complete. */
  readonly promotion: Promotion | null;
  /**
   * Set from the first wave until its failback is complete, or until the way back of a whole promotion copies these
   * topics like all others.
   */
  readonly moved?: Moved | null;
  /**
   * By flow id, where its copying began anew after a failback: what lies before `u` on the source will not be copied any
   * more, and before `d` on the target nothing was copied since.
   */
  readonly settled?: Readonly<Record<string, readonly Settled[]>>;
  /**
   * By alias, where the own partitions of a closed side ended when it was closed, by `topic/partition`; what is not named
   * ended at 0. A side that is not here is open, or was closed by an older kmk.
   */
  readonly closed?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** False until the first deploy has seen a canary record cross. */
  readonly complete: boolean;
}
