import type { CheckResult, Loss, ScenarioStepResult } from '../../domain/documents.ts';
import type { CheckVerdict } from '../../domain/events.ts';
import type { LedgerTotals } from '../../domain/ledger-summary.ts';
import type { Scenario } from '../../domain/scenario.ts';
import type { Lab } from '../lab/lab.ts';
import { openLab } from '../lab/lab.ts';
import type { Toolbox } from '../ports/toolbox.ts';
import type { Run } from '../run.ts';
import type { Site } from '../workload/site.ts';
import type { Workload } from '../workload/workload.ts';

/** The instant after which writes on the old active no longer count, and where clients went from there. */
export interface DrillCut {
  readonly at: number;
  readonly from: string;
  /** Set once another cluster is active. */
  to: Site | null;
}

/** One drill under way. */
export interface Drill {
  readonly scenario: Scenario;
  readonly seed: number;
  /** From 0 to below 1, following from the seed. */
  readonly random: () => number;
  readonly run: Run;
  /** The toolbox of the lab that the drill runs on. */
  readonly tools: Toolbox;
  /** A topic's or group's name on the clusters. */
  readonly nameOf: (name: string) => string;
  readonly workload: Workload | null;
  readonly steps: ScenarioStepResult[];
  readonly checks: CheckResult[];
  cut: DrillCut | null;
  loss: Loss | null;
  /** Of the last read of all logs; null when the world has changed since. */
  totals: LedgerTotals | null;
  /** The most that any read of the logs found. */
  worstSkipped: number;
}

/** The lab as it is recorded now: moves change the record. */
export async function labOfDrill(drill: Pick<Drill, 'tools'>): Promise<Lab> {
  return openLab(drill.tools);
}

/** A check's answer. */
export function judge(drill: Drill, id: string, verdict: CheckVerdict, message: string): void {
  drill.checks.push({ id, verdict, message });
  drill.tools.events.emit('check.evaluated', { id, verdict, message });
}
