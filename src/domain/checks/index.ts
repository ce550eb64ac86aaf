import type { VerifyDocument } from '../documents.ts';
import type { CheckResult } from '../documents.ts';
import { countsEqual } from './counts-equal.ts';
import { flowRunning } from './flow-running.ts';
import { checkpointsFresh, offsetsNotAhead } from './groups.ts';
import type { FlowSnapshot } from './snapshot.ts';
import { configsEqual, partitionsEqual, topicsIdentity, topicsPresent } from './topics.ts';

const CHECKS = [
  flowRunning,
  topicsPresent,
  topicsIdentity,
  partitionsEqual,
  configsEqual,
  countsEqual,
  checkpointsFresh,
  offsetsNotAhead,
];

/** Every check of `kmk verify`, in the order they are shown. */
export function evaluateAll(flows: readonly FlowSnapshot[]): readonly CheckResult[] {
  return CHECKS.map((check) => check(flows));
}

/** One failure fails; without one, a single open question leaves it open. */
export function overallVerdict(checks: readonly CheckResult[]): VerifyDocument['verdict'] {
  if (checks.some(({ verdict }) => verdict === 'fail')) return 'fail';
  return checks.some(({ verdict }) => verdict === 'inconclusive') ? 'inconclusive' : 'pass';
}
