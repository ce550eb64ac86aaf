import type { ScenarioDocument } from '../../domain/documents.ts';
import { KmkError } from '../../domain/errors.ts';
import type { EventData, EventName } from '../../domain/events.ts';
import { createRandom } from '../../domain/ledger-record.ts';
import type { EventSink } from '../ports/event-sink.ts';
import { healAndWait } from '../disrupt/end-faults.ts';
import { openLab } from '../lab/lab.ts';
import type { Run } from '../run.ts';
import type { Workload } from '../workload/workload.ts';
import { takeAccounts } from './accounts.ts';
import type { TopicsBefore } from './cleanup.ts';
import { cleanUp, DRILL_PREFIX, topicsNow } from './cleanup.ts';
import type { Drill } from './drill.ts';
import { sampleLag } from './lag-sampler.ts';
import { createWorkloadTopics, workloadOf } from './prepare-workload.ts';
import type { Stage, StageRequest } from './stage.ts';
import { openStage, prepareStage, sweepStage } from './stage.ts';
import { runStep, timed } from './steps.ts';
import { documentOf, judgeObjectives, objectivesOf } from './verdict.ts';

export interface ScenarioRequest extends StageRequest {
  readonly seed: number;
  /** Leave the lab that the drill brought running. */
  readonly keep: boolean;
}

/** Removal must also work after Ctrl-C, and must not take for ever. */
const CLEANUP_LIMIT_MS = 60_000;

/**
 * Runs a drill from the stage's set-up to its removal and answers with the verdict. Whatever happens, the lab that the
 * drill brought is removed and one that was there before is left as it was found, else the error says what is left.
 */
export async function runScenario(run: Run, request: ScenarioRequest, signal: AbortSignal): Promise<ScenarioDocument> {
  // The workload hears of a new active cluster as the journal does.
  const listeners: Listeners = { workload: null, created: new Map() };
  const events = followed(run.tools.events, listeners);
  await using stage = await openStage({ ...run.tools, events }, request);
  const progress: Progress = {
    steps: [],
    listeners,
    before: null,
    suffix: stage.origin === 'own' ? '' : `-${run.tools.random.id(4)}`,
  };
  let document: ScenarioDocument;
  try {
    document = await play(stage, run, request, progress, signal);
  } catch (error) {
    await listeners.workload?.stop();
    throw await afterFailure(stage, request, progress, error);
  }
  const left = await strike(stage, request, progress);
  if (left.length > 0) throw notAsFound(left);
  return document;
}

/** What hears of the drill's events. */
interface Listeners {
  workload: Workload | null;
  /** Topics created on the way, by alias. */
  readonly created: Map<string, Set<string>>;
}

interface Progress {
  readonly steps: Drill['steps'];
  readonly listeners: Listeners;
  /** User topics of each cluster before the drill did anything. */
  before: TopicsBefore | null;
  /** Ends the names of the drill's topics and groups on a lab that is not its own. */
  readonly suffix: string;
}

async function play(
  stage: Stage,
  run: Run,
  request: ScenarioRequest,
  progress: Progress,
  signal: AbortSignal,
): Promise<ScenarioDocument> {
  const { scenario, seed } = request;
  const { steps, suffix } = progress;
  const { tools } = stage;
  const nameOf = (name: string): string => (suffix === '' ? name : `${DRILL_PREFIX}${name}${suffix}`);
  await timed({ tools, steps }, 'stage', 'deploy', stageTitle(stage), () =>
    prepareStage(stage, request.scenario, signal),
  );
  const lab = await openLab(tools);
  if (stage.origin === 'found') progress.before = await topicsNow(lab, signal);
  const workload = workloadOf(lab, scenario, { runId: run.runId, seed }, nameOf);
  const drill: Drill = {
    ...{ scenario, seed, random: createRandom(seed), run: { ...run, tools }, tools, nameOf, workload, steps },
    ...{ checks: [], cut: null, loss: null, totals: null, worstSkipped: 0 },
  };
  const sampling = new AbortController();
  const topics = new Set(scenario.workload.topics.map(({ name }) => nameOf(name)));
  let sampler = Promise.resolve();
  try {
    if (workload !== null) {
      await timed(drill, 'workload', 'workload', 'creating topics, starting clients', async () => {
        const named = scenario.workload.topics.map((topic) => ({ ...topic, name: nameOf(topic.name) }));
        await createWorkloadTopics(lab, named, signal);
        workload.start();
        progress.listeners.workload = workload;
      });
      sampler = sampleLag(tools, topics, sampling.signal);
    }
    for (const step of scenario.steps) await runStep(drill, step, signal);
    if (drill.totals === null)
      await timed(drill, 'accounts', 'check', 'reading all logs', () => takeAccounts(drill, signal));
  } finally {
    sampling.abort();
    await Promise.all([sampler, workload?.stop()]);
  }
  judgeObjectives(drill, objectivesOf(drill, stage.setup.objectives));
  const document = documentOf(drill);
  tools.events.emit('result.recorded', { schema: document.schema, document });
  await tools.store.saveRunFile(run.runId, 'result.json', `${JSON.stringify(document, null, 2)}\n`);
  return document;
}

function stageTitle({ origin, setup }: Stage): string {
  if (origin === 'found') return `using the lab of project "${setup.name}"`;
  return origin === 'own' ? 'deploying a lab for this drill' : `deploying project "${setup.name}" for this drill`;
}

/** Takes the stage down: the drill's own lab as a whole, of another one what the drill made there. What is left. */
async function strike(stage: Stage, request: ScenarioRequest, progress: Progress): Promise<readonly string[]> {
  const { tools, origin } = stage;
  if (origin === 'found') {
    const limit = AbortSignal.timeout(CLEANUP_LIMIT_MS);
    await healAndWait(await openLab(tools), limit);
    return timed({ tools, steps: [] }, 'clean-up', 'clean-up', "removing the drill's topics and groups", () =>
      cleanUp(tools, { suffix: progress.suffix, before: progress.before, created: progress.listeners.created }, limit),
    );
  }
  if (!request.keep) await sweepStage(stage);
  return [];
}

async function afterFailure(
  stage: Stage,
  request: ScenarioRequest,
  progress: Progress,
  error: unknown,
): Promise<unknown> {
  try {
    // The lab of a drill that failed is kept by nobody.
    const left = await strike(stage, { ...request, keep: false }, progress);
    if (stage.origin !== 'found') return withoutLab(error);
    return left.length === 0 ? error : withLeft(error, left);
  } catch (second) {
    const text = second instanceof Error ? second.message : String(second);
    stage.tools.events.emit('warning', { text: `could not clean up: ${text}`, hint: 'Run `kmk destroy --yes`.' });
    return error;
  }
}

/** Commands that go on with the lab make no sense once it is removed. */
function withoutLab(error: unknown): unknown {
  if (!KmkError.is(error) || ['environment', 'internal', 'config'].includes(error.kind)) return error;
  const code =
    error.code === 'KMK_PARTLY_DONE' && error.cause !== undefined && KmkError.is(error.cause)
      ? error.cause.code
      : error.code;
  return new KmkError(code, error.message, {
    hints: ["The drill's lab was removed; `kmk report` shows how far it came."],
    context: error.context,
    cause: error,
  });
}

/** An interruption stays one and says what is left; anything else is "partly done". */
function withLeft(error: unknown, left: readonly string[]): KmkError {
  // How a single move goes on is no help once the whole drill has ended.
  const known = KmkError.is(error) ? error.hints.filter((hint) => !hint.startsWith('Done so far')) : [];
  const hints = [...known, ...leftHints(left)];
  const message = error instanceof Error ? error.message : String(error);
  if (KmkError.is(error) && ['interrupted', 'terminated'].includes(error.kind)) {
    return new KmkError(error.code, message, { hints, context: error.context });
  }
  return new KmkError('KMK_PARTLY_DONE', message, { hints, cause: error });
}

function notAsFound(left: readonly string[]): KmkError {
  return new KmkError('KMK_PARTLY_DONE', 'the lab is not as the drill found it', { hints: leftHints(left) });
}

function leftHints(left: readonly string[]): readonly string[] {
  const promoted = left.some((text) => text.endsWith('is still promoted'));
  return [
    `Still there: ${left.join(', ')}.`,
    promoted
      ? 'Run `kmk failback` to go back, or `kmk destroy` to remove the lab.'
      : 'Remove it with `kmk topic delete`.',
  ];
}

/** Passes events on, notes created topics and tells the workload when another cluster is active. */
function followed(events: EventSink, listeners: Listeners): EventSink {
  return {
    emit<N extends EventName>(event: N, data: EventData[N], level?: Parameters<EventSink['emit']>[2]): void {
      events.emit(event, data, level);
      if (event === 'topic.created') {
        const { cluster, topic } = data as EventData['topic.created'];
        listeners.created.set(cluster, (listeners.created.get(cluster) ?? new Set()).add(topic));
      }
      if (event !== 'active.changed') return;
      const { to, epoch } = data as EventData['active.changed'];
      listeners.workload?.follow(to, epoch);
    },
  };
}
