import type { ScenarioCheck } from '../../../domain/scenario.ts';
import { takeAccounts } from '../accounts.ts';
import type { Evidence } from '../checks.ts';
import { LEDGER_CHECKS } from '../checks.ts';
import type { Drill } from '../drill.ts';
import { judge } from '../drill.ts';
import { checkNames, checkPositions, samplePartitions } from '../live-checks.ts';

/** Reads all logs once and answers each check; the answers carry the step's id, for a drill may check more than once. */
export async function runCheck(
  drill: Drill,
  id: string,
  checks: readonly ScenarioCheck[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const { workload } = drill;
  if (workload === null) return undefined;
  const { lab, audits } = await takeAccounts(drill, signal);
  const evidence: Evidence = { lab, workload, audits };
  await samplePartitions(evidence, signal);
  for (const check of checks) {
    const [verdict, message] = await answer(check, evidence, signal);
    judge(drill, `${id}.${check}`, verdict, message);
  }
  return `${audits.reduce((sum, audit) => sum + audit.records, 0)} records read`;
}

function answer(check: ScenarioCheck, evidence: Evidence, signal: AbortSignal) {
  if (check === 'remote-names') return checkNames(evidence, signal);
  if (check === 'groups-positioned') return checkPositions(evidence, signal);
  return LEDGER_CHECKS[check](evidence);
}
