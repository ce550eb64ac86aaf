import type { StrayPart } from './stray-records.ts';
import type { TailPart } from './stranded-tail.ts';
import type { CheckVerdict, StepState } from './events.ts';
import type { GroupOffsets } from './offsets-documents.ts';

export type * from './offsets-documents.ts';

/**
 * The JSON documents that scripts rely on: fields only grow. Offsets are decimal strings, counts numbers, `...Ms`
 * milliseconds, times ISO 8601 UTC.
 */
export type Verdict = 'pass' | 'fail' | 'inconclusive';

export interface PartitionCount {
  readonly partition: number;
  readonly firstOffset: string;
  readonly lastOffset: string;
  readonly count: number;
}

export interface ProduceDocument {
  readonly schema: 'kmk.produce/v1';
  readonly cluster: string;
  readonly topic: string;
  readonly requested: number;
  readonly acknowledged: number;
  readonly failed: number;
  /** Key and value bytes of acknowledged records. */
  readonly bytes: number;
  readonly durationMs: number;
  readonly recordsPerSecond: number;
  readonly partitions: readonly PartitionCount[];
  /** Records that were not acknowledged, by their numbers in the call counted from 1: `4-10`, `12`. */
  readonly unacknowledged: readonly string[];
}

/** A header's value; null where it has none. */
export type HeaderText = string | null;

export interface ConsumedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  /** ISO 8601 UTC. */
  readonly timestamp: string;
  /** Text where the bytes are UTF-8, else base64 (see `keyEncoding`); null where there is no key. */
  readonly key: string | null;
  /** As `key`; null for a tombstone. */
  readonly value: string | null;
  /** By name; a name that occurs several times has a list. Text, or base64 where `headerEncodings` names it. */
  readonly headers: Readonly<Record<string, HeaderText | readonly HeaderText[]>>;
  /** Only where the key is not UTF-8: `key` is base64. */
  readonly keyEncoding?: 'base64';
  /** Only where the value is not UTF-8: `value` is base64. */
  readonly valueEncoding?: 'base64';
  /** Only where a header is not UTF-8: the names whose values (all of that name) are base64. */
  readonly headerEncodings?: Readonly<Record<string, 'base64'>>;
}

export interface ConsumeDocument {
  readonly schema: 'kmk.consume/v1';
  readonly cluster: string;
  readonly topic: string;
  readonly group: string | null;
  readonly count: number;
  readonly records: readonly ConsumedRecord[];
}

export interface DeployDocument {
  readonly schema: 'kmk.deploy/v1';
  readonly runId: string;
  readonly project: string;
  readonly runtime: string;
  /** False when everything ran already. */
  readonly changed: boolean;
  readonly durationMs: number;
  readonly clusters: readonly {
    readonly alias: string;
    readonly role: 'active' | 'standby';
    readonly bootstrap: string;
    readonly clusterId: string | null;
  }[];
  /** Per flow how long the canary took; empty without waiting. */
  readonly crossings: readonly { readonly flow: string; readonly ms: number }[];
  readonly journal: string;
}

export interface DestroyDocument {
  readonly schema: 'kmk.destroy/v1';
  readonly project: string;
  readonly removed: readonly { readonly kind: string; readonly name: string }[];
  readonly keepData: boolean;
}

export interface TaskStatus {
  readonly id: number;
  readonly state: string;
  readonly error: string | null;
}

export interface ConnectorStatus {
  readonly name: string;
  readonly type: 'source' | 'checkpoint' | 'heartbeat' | 'other';
  readonly state: string;
  readonly tasks: readonly TaskStatus[];
}

export interface BrokerStatus {
  readonly id: number;
  readonly host: string;
  readonly port: number;
  readonly state: 'up' | 'down';
}

export interface ClusterStatus {
  readonly alias: string;
  readonly role: 'active' | 'standby';
  readonly state: 'running' | 'degraded' | 'unreachable' | 'stopped';
  readonly bootstrap: string;
  readonly clusterId: string | null;
  readonly kafkaVersion: string | null;
  readonly brokers: readonly BrokerStatus[];
  /** Of a closed side: records that somebody else than MM2 wrote there, and the partitions with most of them (at most 100). */
  readonly strays?: { readonly records: number; readonly partitions: readonly StrayPart[] };
}

export interface FlowStatus {
  readonly source: string;
  readonly target: string;
  readonly state: 'running' | 'paused' | 'stopped' | 'faulted' | 'unknown' | 'absent';
  readonly policy: string;
  readonly mode: string;
  /** Records the flow has still to copy; null where one side cannot be read. */
  readonly lagRecords: number | null;
  readonly lagMs: number | null;
  readonly heartbeatAgeMs: number | null;
  readonly checkpointAgeMs: number | null;
  readonly connectors: readonly ConnectorStatus[];
}

export interface ServiceStatus {
  readonly name: string;
  readonly kind: string;
  readonly state: 'running' | 'frozen' | 'stopped' | 'exited';
  readonly endpoint: string;
  readonly log: string;
}

/** What a failover would cost at the moment of looking. */
export interface Forecast {
  readonly from: string;
  readonly to: string;
  /** Records of users' topics that have no copy yet: lost, or late. Null where it cannot be known. */
  readonly notCopied: number | null;
  /** Records that groups may read again, at most. Null where positions could not be read. */
  readonly reread: number | null;
  /** Groups with a partition that nothing gives a position for. */
  readonly fromBeginning: number | null;
  /** How old what is known of the source is: 0 while it answers, else since its last heartbeat crossed. */
  readonly knowledgeAgeMs: number | null;
  readonly groups: readonly {
    readonly group: string;
    readonly reread: number;
    readonly partitionsFromBeginning: number;
  }[];
}

export interface StatusDocument {
  readonly schema: 'kmk.status/v1';
  readonly project: string;
  readonly runtime: string | null;
  readonly state: 'running' | 'degraded' | 'stopped' | 'absent';
  readonly active: string | null;
  readonly clusters: readonly ClusterStatus[];
  readonly flows: readonly FlowStatus[];
  readonly services: readonly ServiceStatus[];
  /** One for each flow from the active cluster; none after a failover. */
  readonly forecasts?: readonly Forecast[];
  /** Topics that waves have moved: clients of these work on `to`; absent where none has. */
  readonly moved?: readonly { readonly topic: string; readonly from: string; readonly to: string }[];
}

export interface CheckResult {
  readonly id: string;
  readonly verdict: CheckVerdict;
  readonly message: string;
}

export interface Phase {
  readonly id: string;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly state: StepState;
}

export interface Recovery {
  /** Cut to the first acknowledged write / the first processed record on the new active; the larger is the RTO. */
  readonly writeMs: number | null;
  readonly readMs: number | null;
  readonly rtoMs: number | null;
}

export interface Loss {
  readonly records: number | null;
  readonly ms: number | null;
  readonly basis: 'ledger' | 'offsets' | 'estimate';
  /** Where these records lie on the source, of the partitions of which that is known; absent where nothing is lost. */
  readonly ranges?: readonly LostRange[];
}

/** Source offsets from the first one without a copy up to the end that was seen. Decimal strings. */
export interface LostRange {
  readonly topic: string;
  readonly partition: number;
  readonly from: string;
  /** The first offset behind it. */
  readonly to: string;
}

export interface FailoverGroup extends GroupOffsets {
  readonly redelivered: number | null;
  readonly skipped: number | null;
}

export interface FailoverDocument {
  readonly schema: 'kmk.failover/v1';
  readonly runId: string;
  readonly kind: 'failover' | 'switchover' | 'failback';
  readonly simulated: boolean;
  readonly from: string;
  readonly to: string;
  readonly verdict: Verdict;
  readonly phases: readonly Phase[];
  readonly recovery: Recovery;
  readonly loss: Loss;
  readonly duplicates: number | null;
  readonly stranded: number | null;
  /** All of them, unless `positions` is there: then the worst. */
  readonly groups: readonly FailoverGroup[];
  /** Where positions are too many for one document: how many there are, and the file that has a line for each group. */
  readonly positions?: PositionsFile;
  /** Of a failback that found records which had never crossed: what became of them. */
  readonly tail?: StrandedTail;
  /** The topics that were moved, where it was a wave, or the return of waves. */
  readonly topics?: readonly string[];
  readonly checks: readonly CheckResult[];
  readonly journal: string;
  readonly report: string | null;
}

export interface PositionsFile {
  /** JSON lines, each as an element of `groups`. */
  readonly file: string;
  readonly groups: number;
  readonly positions: number;
  /** Records that groups processed again, over all of them; null where nobody measured. */
  readonly redelivered: number | null;
}

export interface StrandedTail {
  readonly resolution: 'late' | 'exported' | 'replayed' | 'discarded';
  readonly records: number;
  /** Where groups that had read everything else were put. */
  readonly groups: 'skip' | 'redeliver';
  readonly file: string | null;
  readonly partitions: readonly TailPart[];
}

export interface ScenarioStepResult {
  readonly id: string;
  readonly kind: string;
  readonly state: StepState;
  readonly durationMs: number;
}

export interface ScenarioDocument {
  readonly schema: 'kmk.scenario/v1';
  readonly runId: string;
  readonly scenario: string;
  readonly seed: number;
  readonly verdict: Verdict;
  readonly steps: readonly ScenarioStepResult[];
  readonly loss: Loss;
  readonly recovery: Recovery;
  readonly redelivered: number;
  readonly skipped: number;
  readonly duplicates: number;
  readonly checks: readonly CheckResult[];
  readonly journal: string;
  readonly report: string | null;
}

export interface VerifyDocument {
  readonly schema: 'kmk.verify/v1';
  readonly verdict: Verdict;
  readonly checks: readonly CheckResult[];
  readonly topics: readonly {
    readonly topic: string;
    readonly remoteTopic: string;
    readonly partitions: readonly { readonly partition: number; readonly source: number; readonly target: number }[];
  }[];
  readonly groups: readonly GroupOffsets[];
  /** With --deep only. */
  readonly deep?: DeepAudit;
}

/** What comparing the contents of every partition with its copy gave. */
export interface DeepAudit {
  /** Read on both sides together. */
  readonly records: number;
  readonly durationMs: number;
  readonly recordsPerSecond: number;
  readonly partitions: readonly PartitionAudit[];
}

export interface PartitionAudit {
  readonly topic: string;
  readonly remoteTopic: string;
  readonly partition: number;
  /** False when so much differs that the rest was not compared. */
  readonly complete: boolean;
  /** What was compared: the log from its start to the end found at the start. */
  readonly source: AuditedRange;
  readonly target: AuditedRange;
  readonly matched: number;
  /** Records of the source that the flow had not come to. */
  readonly inFlight: number;
  /** Records of the target whose originals retention deleted on the source, and the other way round. */
  readonly cutOnSource: number;
  readonly cutOnTarget: number;
  /** Records that compaction removed on one side. */
  readonly compacted: number;
  /** Records that the target's own clients wrote after a promotion under the identity policy. */
  readonly own: number;
  readonly missing: number;
  readonly extra: number;
  readonly duplicated: number;
  readonly reordered: number;
  readonly altered: number;
  /** In the order of the logs; the first 1000. */
  readonly findings: readonly AuditFinding[];
}

export interface AuditedRange {
  readonly start: string;
  readonly end: string;
  readonly records: number;
}

/** Neighbouring records with which the same is wrong. */
export interface AuditFinding {
  readonly kind: 'missing' | 'extra' | 'duplicated' | 'reordered' | 'altered';
  readonly count: number;
  readonly sourceFirst: string | null;
  readonly sourceLast: string | null;
  readonly targetFirst: string | null;
  readonly targetLast: string | null;
  /** Parts of an altered record: key, value, headers, timestamp. */
  readonly differs: readonly string[];
  readonly reason: string | null;
}

/** What `kmk resume --rollback` answers. */
export interface RollbackDocument {
  readonly schema: 'kmk.rollback/v1';
  readonly runId: string;
  readonly kind: string;
  readonly from: string;
  readonly to: string;
  readonly active: string;
  /** Steps that were taken back, last first. */
  readonly undone: readonly string[];
}

export interface ErrorDocument {
  readonly schema: 'kmk.error/v1';
  readonly code: string;
  readonly kind: string;
  readonly message: string;
  readonly hints: readonly string[];
  readonly context: Readonly<Record<string, string | number | boolean | null>>;
}
