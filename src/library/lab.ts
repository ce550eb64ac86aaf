import { deployProject } from '../app/deploy/deploy-project.ts';
import { destroyDocument, destroyProject, planDestroy } from '../app/deploy/destroy-project.ts';
import { failback as runFailback, previewFailback } from '../app/failover/failback.ts';
import type { SimulatedDisaster } from '../domain/fault.ts';
import { failover as runFailover, previewFailover } from '../app/failover/failover.ts';
import { previewSwitchover, switchover as runSwitchover } from '../app/failover/switchover.ts';
import { readStatus } from '../app/status/status.ts';
import { randomSeed, runDrill } from '../composition/drill.ts';
import { scenarioFolder } from '../composition/system.ts';
import { loadScenario } from '../config/scenario/load-scenario.ts';
import type {
  DeployDocument,
  DestroyDocument,
  FailoverDocument,
  ScenarioDocument,
  StatusDocument,
} from '../domain/documents.ts';
import type { PlanDocument } from '../domain/plan/plan.ts';
import { scopeAsked } from '../domain/plan/scope.ts';
import type { Setup } from '../domain/setup.ts';
import type { TailChoice, TailPosition, TailRequest } from '../domain/stranded-tail.ts';
import type { KmkOptions } from './options.ts';
import { changeLab, withKmk, withLab } from './session.ts';

export interface DeployOptions extends KmkOptions {
  /** Wait until a canary record and a heartbeat have crossed. Default true. */
  readonly wait?: boolean;
}

/** `kmk deploy`: stands the setup up, or completes it. */
export function deploy(options: DeployOptions = {}): Promise<DeployDocument> {
  return withKmk(options, 'deploy', ({ app, signal }) => {
    const { setup } = app;
    const request = { setup, runtime: setup.runtime, wait: options.wait ?? true, ui: true };
    return app.run((run) => deployProject(run, request, signal));
  });
}

/** `kmk status`: what runs where, and how far the flows are. Nothing deployed is an answer too (state "absent"). */
export function status(options: KmkOptions = {}): Promise<StatusDocument> {
  return withKmk(options, 'status', ({ app, signal }) => readStatus(app.tools, app.setup.name, signal));
}

export interface DestroyOptions extends KmkOptions {
  /** Keep storage and logs for the next deploy. Default false. */
  readonly keepData?: boolean;
}

/** `kmk destroy --yes`: removes what this project runs from this state directory, also what a crash left. */
export function destroy(options: DestroyOptions = {}): Promise<DestroyDocument> {
  return withKmk(options, 'destroy', async ({ app }) => {
    const plan = await planDestroy(app.tools, app.setup, options.keepData ?? false);
    if (plan.effects.length === 0) return destroyDocument(plan);
    return app.run(({ tools }) => destroyProject(tools, plan, app.openTools));
  });
}

export interface FailoverOptions extends KmkOptions {
  /** Cause the disaster first, in a lab. */
  readonly simulate?: SimulatedDisaster;
  /** Go on although the source is healthy. */
  readonly force?: boolean;
}

/** `kmk failover --yes`. A check that fails is in the document (verdict "fail"), not thrown. */
export function failover(options: FailoverOptions = {}): Promise<FailoverDocument> {
  const request = failoverRequest(options);
  return changeLab(options, 'failover', (lab, signal, run) => runFailover(lab, request, run, signal), {
    report: true,
  });
}

/** `kmk failover --dry-run`: steps, warnings and what stands against it. Changes nothing. */
export function planFailover(options: FailoverOptions = {}): Promise<PlanDocument> {
  return withLab(options, 'failover', async (lab, signal) => {
    const { plan } = await previewFailover(lab, failoverRequest(options), signal);
    return plan;
  });
}

function failoverRequest({ simulate, force }: FailoverOptions) {
  return { simulate: simulate ?? null, force: force ?? false };
}

export interface FailbackOptions extends KmkOptions {
  /** What becomes of records that never crossed; under the identity policy such records are refused without it. */
  readonly stranded?: TailChoice;
  /** Where groups go on that have read all else. Default "skip": behind the stranded records. */
  readonly tail?: TailPosition;
  /** The most records to give up: those that "discard" leaves behind, and those that the way back has not brought. */
  readonly acceptLoss?: number;
}

/** `kmk failback --yes`. A check that fails is in the document (verdict "fail"), not thrown. */
export function failback(options: FailbackOptions = {}): Promise<FailoverDocument> {
  const request = tailRequest(options);
  return changeLab(options, 'failback', (lab, signal, run) => runFailback(lab, request, run, signal), {
    report: true,
  });
}

/** `kmk failback --dry-run`. Changes nothing. */
export function planFailback(options: FailbackOptions = {}): Promise<PlanDocument> {
  const request = tailRequest(options);
  return withLab(options, 'failback', async (lab, signal) => (await previewFailback(lab, request, signal)).plan);
}

function tailRequest({ stranded, tail, acceptLoss }: FailbackOptions): TailRequest {
  return { stranded: stranded ?? null, tail: tail ?? 'skip', acceptLoss: acceptLoss ?? null };
}

export interface SwitchoverOptions extends KmkOptions {
  /** Refuse while the flow has more records than this to copy. Default: no limit, the backlog is copied first. */
  readonly maxLag?: number;
  /** Take the move back where clients are refused for longer, in ms. Default: 60,000. */
  readonly deadlineMs?: number;
  /** Move only these topics, and all groups that read them. */
  readonly topics?: readonly string[];
  /** Move only these groups, and all that they read. */
  readonly groups?: readonly string[];
  /** Move only the n-th of `waves` in kmk.yaml, counted from 1; not together with topics or groups. */
  readonly wave?: number;
}

/** `kmk switchover --yes`. A check that fails is in the document (verdict "fail"), not thrown. */
export function switchover(options: SwitchoverOptions = {}): Promise<FailoverDocument> {
  return withKmk(options, 'switchover', async ({ app, signal }) => {
    const request = switchoverRequest(options, app.setup);
    await app.requireLab();
    return app.run(async (run) => runSwitchover(await app.requireLab(run.tools), request, run, signal), {
      report: true,
    });
  });
}

/** `kmk switchover --dry-run`. Changes nothing. */
export function planSwitchover(options: SwitchoverOptions = {}): Promise<PlanDocument> {
  return withKmk(options, 'switchover', async ({ app, signal }) => {
    const request = switchoverRequest(options, app.setup);
    return (await previewSwitchover(await app.requireLab(), request, signal)).plan;
  });
}

function switchoverRequest({ maxLag, deadlineMs, topics = [], groups = [], wave }: SwitchoverOptions, setup: Setup) {
  return { maxLag: maxLag ?? null, deadlineMs: deadlineMs ?? null, scope: scopeAsked({ topics, groups, wave }, setup) };
}

export interface ScenarioOptions extends KmkOptions {
  /** Name of a shipped drill, or path of a file. */
  readonly scenario: string;
  /** Default: by chance; the document names it. */
  readonly seed?: number;
}

/** `kmk scenario run --yes`. Only the verdict "pass" has shown that recovery works. */
export function runScenario(options: ScenarioOptions): Promise<ScenarioDocument> {
  return withKmk(options, 'scenario run', async ({ app, signal }) => {
    const source = { wanted: options.scenario, folder: scenarioFolder, cwd: options.cwd ?? process.cwd() };
    const { scenario } = await loadScenario(source);
    const { seed = randomSeed() } = options;
    return runDrill(app, { scenario, setup: app.setup, seed, keep: false }, signal);
  });
}
