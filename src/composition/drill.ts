import { runScenario } from '../app/scenario/run-scenario.ts';
import type { ScenarioDocument } from '../domain/documents.ts';
import { EXIT_CODES } from '../domain/errors.ts';
import type { Scenario } from '../domain/scenario.ts';
import type { Setup } from '../domain/setup.ts';
import type { App } from './app.ts';

export interface DrillRequest {
  readonly scenario: Scenario;
  readonly setup: Setup;
  readonly seed: number;
  /** Leave the lab that the drill brings running. */
  readonly keep: boolean;
  /** Where the lab of a drill with a topology lives, and its project; by default the run's own. */
  readonly own?: { readonly dir: string; readonly project: string };
}

/** One drill as one run, with its report. Only "pass" is exit 0: what could not tell has not shown that recovery works. */
export function runDrill(app: App, request: DrillRequest, signal: AbortSignal): Promise<ScenarioDocument> {
  return app.run(
    (run) => {
      const own = request.own ?? { dir: `runs/${run.runId}`, project: `kmk-drill-${run.runId.slice(-4)}` };
      const stage = { ownDir: own.dir, ownProject: own.project, openTools: app.openTools };
      return runScenario(run, { ...request, ...stage }, signal);
    },
    { report: true, exitCodeOf: ({ verdict }) => (verdict === 'pass' ? 0 : EXIT_CODES.verification) },
  );
}

/** A seed that nobody chose: 32 bits. */
export function randomSeed(): number {
  return Math.floor(Math.random() * 2 ** 32);
}
