import type { GroupType } from './consumer-group.ts';
import type { GroupCarriage } from './group-carriage.ts';
import type { Side } from './topic-identity.ts';

/** The JSON document of the `offsets` commands and its parts: fields only grow. Offsets are decimal strings. */
export type Proof = 'sync' | 'contiguity' | 'content' | 'end-of-log' | 'conservative';
export type TranslationVerdict = 'exact' | 'behind' | 'ahead' | 'untranslatable' | 'missing';

export interface PartitionOffsets {
  readonly topic: string;
  readonly remoteTopic: string;
  readonly partition: number;
  readonly direction: 'forward' | 'inverse';
  readonly committed: string | null;
  readonly checkpoint: string | null;
  readonly targetCommitted: string | null;
  readonly translated: string | null;
  readonly exact: string | null;
  readonly best: string | null;
  readonly proof: Proof | null;
  readonly bound: number | null;
  readonly verdict: TranslationVerdict;
  readonly behindBy: number | null;
  readonly reason: string | null;
  /** With the source gone: when a watch saw `committed` there (ISO 8601 UTC); absent where it is known otherwise. */
  readonly seenAt?: string;
  /** Sides of the topic that were deleted and created anew, where one was: then no position is translated. */
  readonly recreated?: readonly Side[];
}

export interface GroupOffsets {
  readonly group: string;
  readonly type: GroupType;
  readonly state: string;
  readonly partitions: readonly PartitionOffsets[];
  /** Whether MM2 carries it, for each flow whose source answers and has it. */
  readonly carriage?: readonly GroupCarriage[];
}

/** A position written, or removed where `offset` is null. */
export interface OffsetChange {
  readonly cluster: string;
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly previous: string | null;
  readonly offset: string | null;
  /** Why it may be written; null where it is put back. */
  readonly proof: Proof | null;
}

/** Where positions were kept, and of what they are. */
export interface KeptOffsets {
  readonly runId: string;
  readonly file: string;
  readonly cluster: string;
  readonly clusterId: string;
  readonly takenAt: string;
  readonly groups: number;
  readonly positions: number;
}

/** The answer of every `offsets` command. `groups` is as it is after the command. */
export interface OffsetsDocument {
  readonly schema: 'kmk.offsets/v1';
  readonly groups: readonly GroupOffsets[];
  /** Of `snapshot` what was kept; of `sync` and `restore` what undoes them. */
  readonly snapshot?: KeptOffsets;
  /** Of `sync` and `restore`: false for a dry run. */
  readonly committed?: boolean;
  /** Of `sync` and `restore`: empty where everything stood right already. */
  readonly changes?: readonly OffsetChange[];
  /** Of `sync` and `restore`: what was left alone, and why. */
  readonly left?: readonly {
    readonly group: string;
    readonly topic: string;
    readonly partition: number;
    readonly reason: string;
  }[];
}
