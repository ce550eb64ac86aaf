import type { Disaster, Fault, FaultKind } from './fault.ts';
import type { Setup } from './setup.ts';

/** A drill as its file describes it, after defaults. Later versions of the language add kinds of steps and checks. */
export interface Scenario {
  readonly name: string;
  readonly summary: string;
  /** What is not given comes from the setup that the drill runs on. */
  readonly objectives: ScenarioObjectives;
  /** The lab that the drill brings along; null: the deployed one, else the project's own. */
  readonly topology: Setup | null;
  readonly workload: ScenarioWorkload;
  readonly steps: readonly ScenarioStep[];
}

export interface ScenarioObjectives {
  readonly lossRecords: number | null;
  readonly recoveryMs: number | null;
  readonly redelivered: number | null;
}

export interface ScenarioWorkload {
  readonly topics: readonly WorkloadTopic[];
  readonly groups: readonly WorkloadGroup[];
}

export interface WorkloadTopic {
  readonly name: string;
  readonly partitions: number;
  /** Records per second over all partitions and per cluster it is written on. */
  readonly rate: number;
  /** Bytes of a record's value. */
  readonly size: number;
  /** Aliases or roles; "active" follows the active cluster. One series of numbers each. */
  readonly writtenOn: readonly string[];
}

export interface WorkloadGroup {
  readonly name: string;
  /** Names of workload topics. */
  readonly topics: readonly string[];
  /** "active" follows the active cluster; "standby" and aliases stay. */
  readonly readsOn: string;
  readonly commitIntervalMs: number;
}

/** What each kind of step is given; the key is the step's key in the file. */
export interface StepActions {
  /** Let the workload run for a time or until that many more records are acknowledged. */
  readonly steady: { readonly durationMs: number | null; readonly records: number | null; readonly jitterMs: number };
  /** Stop writing and wait until the flows have copied and the groups processed everything. */
  readonly drain: { readonly timeoutMs: number };
  readonly disaster: { readonly cluster: string; readonly how: Disaster };
  /** A fault that service is expected to survive; it lasts until a `heal` or the end of the drill. */
  readonly fault: Omit<Fault, 'kind'> & { readonly fault: FaultKind };
  /** Ends every fault of the drill, and waits until the clusters answer. */
  readonly heal: object;
  readonly failover: { readonly force: boolean };
  /** Both take nothing. */
  readonly switchover: object;
  readonly failback: object;
  readonly wait: { readonly for: WaitFor; readonly max: number; readonly timeoutMs: number };
  readonly prompt: { readonly text: string; readonly lines: readonly string[] };
  /** Plain records, outside of the ledger. */
  readonly produce: {
    readonly topic: string;
    readonly cluster: string;
    readonly messages: number;
    /** What has to become of them: a cluster that clients have left refuses them. */
    readonly expect: ProduceOutcome;
  };
  readonly consume: {
    readonly topic: string;
    readonly cluster: string;
    readonly messages: number;
    readonly timeoutMs: number;
  };
  readonly check: { readonly checks: readonly ScenarioCheck[] };
}

export const PRODUCE_OUTCOMES = ['acknowledged', 'refused'] as const;
export type ProduceOutcome = (typeof PRODUCE_OUTCOMES)[number];

export type StepKind = keyof StepActions;
export type ScenarioStep = { [K in StepKind]: { readonly id: string; readonly kind: K } & StepActions[K] }[StepKind];

/** lag: records that the flows have still to copy. unprocessed: acknowledged records that a group has not processed. */
export const WAIT_FOR = ['lag', 'unprocessed'] as const;
export type WaitFor = (typeof WAIT_FOR)[number];

/** Every check by its name in a file and what it says when it passes. */
export const SCENARIO_CHECKS = {
  'counts-agree': 'every acknowledged record is on each cluster that the flows copy it to',
  'nothing-lost': 'every acknowledged record is on the active cluster',
  'no-duplicates': 'no log holds a record twice',
  'no-skips': 'no group stands past a record that it did not process',
  'no-redelivery': 'no group processed a record twice',
  'all-processed': 'every group processed every acknowledged record',
  contents: 'every record is what its number demands, in the partition it was written to',
  'in-order': 'the numbers rise in every log',
  'remote-names': 'copies are named as the replication policy says, and nothing is copied in a circle',
  'groups-positioned': 'every group has a position on the clusters that clients may move to',
} as const;
export type ScenarioCheck = keyof typeof SCENARIO_CHECKS;

/** True where somebody has to be asked on the way. */
export function hasPrompts(scenario: Scenario): boolean {
  return scenario.steps.some((step) => step.kind === 'prompt');
}
