import type { Recovery, ScenarioDocument, Verdict } from '../../domain/documents.ts';
import type { Objectives } from '../../domain/setup.ts';
import type { Drill } from './drill.ts';
import { judge } from './drill.ts';

/** The drill's own objectives, else those of the setup it runs on. */
export function objectivesOf({ scenario }: Pick<Drill, 'scenario'>, setup: Objectives): Objectives {
  const { lossRecords, recoveryMs, redelivered } = scenario.objectives;
  return {
    lossRecords: lossRecords ?? setup.lossRecords,
    recoveryMs: recoveryMs ?? setup.recoveryMs,
    redelivered: redelivered ?? setup.redelivered,
  };
}

/** Holds what was measured against the objectives; loss and recovery only where there was a move. */
export function judgeObjectives(drill: Drill, objectives: Objectives): void {
  if (drill.cut !== null) {
    judgeOne(
      drill,
      'objective-loss',
      drill.loss?.records ?? null,
      objectives.lossRecords,
      (n) => `${n} records lost at the failover`,
    );
    judgeOne(
      drill,
      'objective-recovery',
      recoveryOf(drill).rtoMs,
      objectives.recoveryMs,
      (ms) => `clients were served again after ${ms} ms`,
    );
  }
  if (drill.workload === null || drill.totals === null) return;
  judgeOne(
    drill,
    'objective-redelivered',
    drill.totals.redelivered,
    objectives.redelivered,
    (n) => `${n} records processed again`,
  );
}

function judgeOne(
  drill: Drill,
  id: string,
  measured: number | null,
  limit: number,
  words: (measured: number) => string,
): void {
  if (measured === null) judge(drill, id, 'inconclusive', 'could not be measured');
  else judge(drill, id, measured <= limit ? 'pass' : 'fail', `${words(measured)}, the objective is ${limit}`);
}

/** Cut to what clients did first on the other side. */
export function recoveryOf({ cut }: Pick<Drill, 'cut'>): Recovery {
  const since = (at: number | null): number | null => (at === null || cut === null ? null : at - cut.at);
  const [writeMs, readMs] = [since(cut?.to?.firstAckAt ?? null), since(cut?.to?.firstProcessedAt ?? null)];
  return { writeMs, readMs, rtoMs: writeMs === null && readMs === null ? null : Math.max(writeMs ?? 0, readMs ?? 0) };
}

/** fail beats inconclusive beats pass. */
export function verdictOfDrill({ checks }: Pick<Drill, 'checks'>): Verdict {
  if (checks.some(({ verdict }) => verdict === 'fail')) return 'fail';
  return checks.some(({ verdict }) => verdict === 'inconclusive') ? 'inconclusive' : 'pass';
}

export function documentOf(drill: Drill): ScenarioDocument {
  const { run, scenario, totals } = drill;
  return {
    schema: 'kmk.scenario/v1',
    runId: run.runId,
    scenario: scenario.name,
    seed: drill.seed,
    verdict: verdictOfDrill(drill),
    steps: drill.steps,
    loss: drill.loss ?? { records: drill.cut === null ? 0 : null, ms: null, basis: 'ledger' },
    recovery: recoveryOf(drill),
    redelivered: totals?.redelivered ?? 0,
    skipped: drill.worstSkipped,
    duplicates: totals?.duplicated ?? 0,
    checks: drill.checks,
    journal: run.journal,
    report: run.report,
  };
}
