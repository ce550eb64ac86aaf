import type { Forecast } from './documents.ts';
import type { BypassedWrites } from './fence-bypass.ts';
import type { TailPart } from './stranded-tail.ts';

/**
 * The event registry: everything kmk says while it works. Terminal, plain output, JSON and the run journal are sinks
 * of this one stream, and reports are built from the journal alone. Names and data may only grow.
 */
export interface EventData {
  /** First event of every journal. `args` never holds secrets: no option takes one. */
  'run.started': { command: string; project: string; kmkVersion: string; args: readonly string[] };
  'run.finished': { exitCode: number; error: string | null };

  /** The plan of the run is `plan.json` beside the journal, what it was made from `snapshot.json`. */
  'plan.adopted': { plan: string; kind: string; from: string; to: string; steps: readonly string[] };
  /**
   * Written before a step starts and after it ended, and so for its undoing: what resume and roll-back go by. `findings`
   * is what it found.
   */
  'plan.step': {
    plan: string;
    step: string;
    state: 'started' | 'done' | 'skipped' | 'failed' | 'undoing' | 'undone';
    findings: Readonly<Record<string, unknown>> | null;
  };
  'plan.closed': { plan: string; state: 'completed' | 'rolled-back' };

  /** A named unit of work with a duration: deploy steps, phases of a failover, scenario steps. */
  'step.started': { id: string; kind: string; title: string };
  'step.progress': { id: string; text: string; done?: number; total?: number };
  'step.finished': { id: string; state: StepState; durationMs: number; detail?: string };

  'service.ready': { name: string; kind: string; endpoint: string; afterMs: number };
  'service.stopped': { name: string; how: 'stop' | 'kill' };
  'file.written': { path: string };

  'fault.injected': { fault: string; cluster: string; services: readonly string[] };
  'fault.healed': { fault: string; cluster: string };

  /** Offsets are decimal strings in every payload. */
  'offsets.committed': {
    cluster: string;
    group: string;
    topic: string;
    partition: number;
    offset: string;
    previous: string | null;
    proof: string;
  };
  /** A position that there is no longer: an undo took it away. */
  'offsets.removed': { cluster: string; group: string; topic: string; partition: number; previous: string };
  'topic.created': { cluster: string; topic: string; partitions: number };
  'watermark.recorded': {
    source: string;
    target: string;
    topic: string;
    partition: number;
    u: string | null;
    d: string;
  };
  'flow.seeded': { flow: string; topic: string; partition: number; offset: string };
  'connector.state': { flow: string; connector: string; state: string };
  /** Records of one producer in one partition behind a fence that should have refused them. */
  'fence.bypassed': { cluster: string } & BypassedWrites;
  /** What became of the records that never crossed; offsets in `parts` are decimal strings. */
  'tail.resolved': {
    cluster: string;
    choice: string;
    records: number;
    parts: readonly TailPart[];
    file: string | null;
  };
  /** A program of the user's around a step; its arguments are left out. */
  'hook.finished': { hook: string; program: string; exitCode: number | null; durationMs: number };
  'active.changed': { from: string; to: string; epoch: number };
  /** A wave of a switchover: clients of these topics work on `to` from now on, all others where they were. */
  'topics.moved': { from: string; to: string; topics: readonly string[]; groups: readonly string[]; epoch: number };

  /** What a failover was expected to cost just before it began. */
  'move.forecast': Forecast;

  /** One sample of what a flow still has to copy, summed over partitions. */
  'flow.lag.sampled': { flow: string; lagRecords: number; lagMs: number | null };
  /** Snapshot of both sides of one partition. */
  'partition.sampled': {
    topic: string;
    remoteTopic: string;
    partition: number;
    sourceEnd: string | null;
    remoteEnd: string | null;
  };

  /** Totals of a ledger; the records themselves are in files beside the journal. */
  'ledger.summarised': LedgerSummary;
  'group.position': {
    group: string;
    topic: string;
    remoteTopic: string;
    partition: number;
    committed: string | null;
    targetCommitted: string | null;
  };

  'check.evaluated': { id: string; verdict: CheckVerdict; message: string };
  'result.recorded': { schema: string; document: unknown };
  note: { text: string };
  warning: { text: string; hint?: string };
}

export type EventName = keyof EventData;
export type StepState = 'done' | 'failed' | 'skipped' | 'aborted';
export type CheckVerdict = 'pass' | 'fail' | 'inconclusive' | 'skipped';
export type EventLevel = 'error' | 'warn' | 'result' | 'info' | 'debug';

/** Per partition what was sent, acknowledged, replicated, lost and stored twice; counts are records. */
export interface LedgerSummary {
  readonly topic: string;
  readonly partitions: readonly {
    readonly partition: number;
    readonly sent: number;
    readonly acknowledged: number;
    readonly replicated: number;
    readonly lost: number;
    readonly late: number;
    readonly duplicated: number;
    readonly processed: number;
    readonly redelivered: number;
    readonly skipped: number;
  }[];
}

export interface KmkEvent<N extends EventName = EventName> {
  /** Version of the envelope. */
  readonly v: 1;
  readonly seq: number;
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly runId: string;
  readonly level: EventLevel;
  readonly event: N;
  readonly data: EventData[N];
}

/** Any event, discriminated by its name. */
export type AnyEvent = { [N in EventName]: KmkEvent<N> }[EventName];

/** The level an event is shown at unless the emitter says otherwise. */
export const EVENT_LEVELS: Readonly<Record<EventName, EventLevel>> = {
  'run.started': 'debug',
  'run.finished': 'debug',
  'plan.adopted': 'debug',
  'plan.step': 'debug',
  'plan.closed': 'debug',
  'step.started': 'info',
  'step.progress': 'info',
  'step.finished': 'info',
  'service.ready': 'debug',
  'service.stopped': 'debug',
  'file.written': 'debug',
  'fault.injected': 'info',
  'fault.healed': 'info',
  'offsets.committed': 'debug',
  'offsets.removed': 'debug',
  'topic.created': 'debug',
  'watermark.recorded': 'debug',
  'flow.seeded': 'debug',
  'connector.state': 'debug',
  'fence.bypassed': 'warn',
  'tail.resolved': 'info',
  'hook.finished': 'info',
  'active.changed': 'info',
  'topics.moved': 'info',
  'move.forecast': 'debug',
  'flow.lag.sampled': 'debug',
  'partition.sampled': 'debug',
  'ledger.summarised': 'debug',
  'group.position': 'debug',
  'check.evaluated': 'info',
  'result.recorded': 'debug',
  note: 'info',
  warning: 'warn',
};
