import type { Loss, Recovery, Verdict } from './documents.ts';
import type { CheckVerdict, LedgerSummary, StepState } from './events.ts';

/**
 * What a report says about one run: assembled from the journal alone, rendered as HTML, Markdown, JSON and JUnit.
 * It is JSON-safe and is itself the `kmk.report/v1` document, so fields only grow. Offsets are decimal strings;
 * `atMs` and `startMs` are milliseconds since the start of the run.
 */
export interface ReportModel {
  readonly schema: 'kmk.report/v1';
  readonly runId: string;
  /** What was run, for example "scenario run"; "unknown" where the journal's beginning is missing. */
  readonly command: string;
  readonly args: readonly string[];
  readonly project: string;
  readonly kmkVersion: string | null;
  readonly scenario: string | null;
  readonly seed: number | null;
  /** ISO 8601 UTC; null for an empty journal. */
  readonly startedAt: string | null;
  /** Null while `state` is "unfinished". */
  readonly finishedAt: string | null;
  /** Up to the end of the run, or to the last event of an unfinished one. */
  readonly durationMs: number;
  /** "unfinished": the journal ends without `run.finished`, so kmk still runs, crashed or was killed. */
  readonly state: 'finished' | 'unfinished';
  readonly exitCode: number | null;
  readonly error: string | null;
  readonly verdict: ReportVerdict;
  readonly summary: ReportSummary;
  readonly moves: readonly ReportMove[];
  readonly forecasts: readonly ReportForecast[];
  readonly checks: readonly ReportCheck[];
  /** In order of their start. */
  readonly steps: readonly ReportStep[];
  readonly marks: readonly ReportMark[];
  readonly lag: readonly LagSeries[];
  readonly ledgers: readonly ReportLedger[];
  readonly groups: readonly ReportGroup[];
  /** Last snapshot of each partition's log ends. */
  readonly partitions: readonly ReportPartition[];
  readonly offsetsCommitted: readonly ReportCommit[];
  readonly watermarks: readonly ReportWatermark[];
  readonly seeds: readonly ReportSeed[];
  readonly connectors: readonly ReportConnectorChange[];
  readonly services: readonly ReportService[];
  readonly topicsCreated: readonly ReportTopic[];
  readonly warnings: readonly ReportWarning[];
  readonly notes: readonly ReportNote[];
  /** Events that this version does not know: the journal of a newer kmk. */
  readonly unknownEvents: readonly { readonly event: string; readonly count: number }[];
}

/** "none": the run had nothing to judge, for example a deploy. */
export type ReportVerdict = Verdict | 'none';

/** Null where the run did not measure it. Counts are records. */
export interface ReportSummary {
  readonly loss: Loss | null;
  readonly recovery: Recovery | null;
  readonly redelivered: number | null;
  readonly skipped: number | null;
  /** Stored twice in one log. */
  readonly duplicates: number | null;
  /** Arrived after the failover, from the old active's tail. */
  readonly late: number | null;
  readonly stranded: number | null;
}

/** One failover, switchover or failback inside the run. */
export interface ReportMove {
  readonly atMs: number;
  readonly kind: string;
  readonly from: string;
  readonly to: string;
  readonly simulated: boolean;
  readonly verdict: ReportVerdict;
  readonly loss: Loss | null;
  readonly recovery: Recovery | null;
  readonly duplicates: number | null;
  readonly stranded: number | null;
}

/** What a failover was expected to cost just before it began, and what it did cost. Null where it is not known. */
export interface ReportForecast {
  readonly atMs: number;
  readonly from: string;
  readonly to: string;
  readonly knowledgeAgeMs: number | null;
  readonly notCopied: number | null;
  readonly lost: number | null;
  /** At most. */
  readonly reread: number | null;
  readonly redelivered: number | null;
  readonly fromBeginning: number | null;
}

export interface ReportCheck {
  readonly atMs: number;
  readonly id: string;
  readonly verdict: CheckVerdict;
  readonly message: string;
}

/** "interrupted": it started and the journal does not say how it ended. */
export type ReportStepState = StepState | 'interrupted';

export interface ReportStep {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly startMs: number;
  readonly durationMs: number;
  readonly state: ReportStepState;
  /** 0 for the outermost; deduced from which steps were open at its start. */
  readonly depth: number;
  readonly detail: string | null;
  /** The last progress text before the end. */
  readonly progress: string | null;
}

export interface ReportMark {
  readonly atMs: number;
  readonly kind: 'fault' | 'heal' | 'active';
  readonly label: string;
}

export interface LagSample {
  readonly atMs: number;
  readonly lagRecords: number;
  readonly lagMs: number | null;
}

export interface LagSeries {
  readonly flow: string;
  readonly peakRecords: number;
  readonly peakMs: number | null;
  readonly lastRecords: number;
  /** In order of time. */
  readonly samples: readonly LagSample[];
}

/** The last summary of one topic's ledger with its totals. */
export interface ReportLedger extends LedgerSummary {
  readonly atMs: number;
  readonly totals: Omit<LedgerSummary['partitions'][number], 'partition'>;
}

export interface ReportGroup {
  readonly group: string;
  /** The move that looked at it, for example "failover primary->dr"; null for positions sampled on their own. */
  readonly context: string | null;
  readonly type: string | null;
  readonly state: string | null;
  readonly redelivered: number | null;
  readonly skipped: number | null;
  readonly positions: readonly ReportGroupPosition[];
}

export interface ReportGroupPosition {
  readonly atMs: number;
  readonly topic: string;
  readonly remoteTopic: string;
  readonly partition: number;
  /** Position on the source and on the target. */
  readonly committed: string | null;
  readonly targetCommitted: string | null;
  readonly translated: string | null;
  readonly exact: string | null;
  readonly best: string | null;
  readonly proof: string | null;
  readonly verdict: string | null;
  readonly behindBy: number | null;
  readonly reason: string | null;
}

export interface ReportPartition {
  readonly atMs: number;
  readonly topic: string;
  readonly remoteTopic: string;
  readonly partition: number;
  readonly sourceEnd: string | null;
  readonly remoteEnd: string | null;
}

export interface ReportCommit {
  readonly atMs: number;
  readonly cluster: string;
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly previous: string | null;
  readonly offset: string | null;
  readonly proof: string;
}

export interface ReportWatermark {
  readonly atMs: number;
  readonly source: string;
  readonly target: string;
  readonly topic: string;
  readonly partition: number;
  readonly u: string | null;
  readonly d: string | null;
}

export interface ReportSeed {
  readonly atMs: number;
  readonly flow: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string | null;
}

export interface ReportConnectorChange {
  readonly atMs: number;
  readonly flow: string;
  readonly connector: string;
  readonly state: string;
}

export interface ReportService {
  readonly atMs: number;
  readonly name: string;
  readonly kind: string;
  readonly endpoint: string;
  readonly change: 'ready' | 'stopped' | 'killed';
  /** Time from its start until it was ready; null for other changes. */
  readonly afterMs: number | null;
}

export interface ReportTopic {
  readonly atMs: number;
  readonly cluster: string;
  readonly topic: string;
  readonly partitions: number | null;
}

export interface ReportWarning {
  readonly atMs: number;
  readonly text: string;
  readonly hint: string | null;
}

export interface ReportNote {
  readonly atMs: number;
  readonly text: string;
}
