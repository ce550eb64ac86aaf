import type { PlanDocument, PlanStep } from './plan/plan.ts';
import type { Findings } from './plan/progress.ts';

export type HookMoment = 'before' | 'after' | 'undo';

/** Long enough for a DNS change, short enough for the night. */
export const DEFAULT_HOOK_POLICY = { timeoutMs: 30_000, onFailure: 'stop' } as const;

/** What a hook reads from its standard input, as one JSON document. */
export interface HookFacts {
  readonly schema: 'kmk.hook/v1';
  readonly when: HookMoment;
  readonly project: string;
  readonly runId: string;
  readonly plan: string;
  readonly kind: PlanDocument['kind'];
  readonly from: string;
  readonly to: string;
  readonly step: PlanStep;
  /** Client bootstrap addresses by alias. */
  readonly bootstrap: Readonly<Record<string, string>>;
  /** What the steps so far have found. */
  readonly found: Findings;
}

/** The facts that fit a variable: `KMK_HOOK_STEP`, ... */
export function hookVariables({ when, project, runId, plan, kind, from, to, step, bootstrap }: HookFacts) {
  return {
    ...{ KMK_HOOK_WHEN: when, KMK_HOOK_STEP: step.id, KMK_HOOK_MOVE: kind, KMK_HOOK_PROJECT: project },
    ...{ KMK_HOOK_RUN: runId, KMK_HOOK_PLAN: plan, KMK_HOOK_FROM: from, KMK_HOOK_TO: to },
    ...{ KMK_HOOK_FROM_BOOTSTRAP: bootstrap[from] ?? '', KMK_HOOK_TO_BOOTSTRAP: bootstrap[to] ?? '' },
  };
}

/** Its key in kmk.yaml. */
export function hookName(when: HookMoment, step: string): string {
  return `${when}-${step}`;
}
