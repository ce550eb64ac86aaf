import { CONNECTOR_TYPES } from '../../domain/lab/connect-config.ts';
import type { ExtentFlows, Part } from '../../domain/plan/part.ts';
import { joinMarks } from '../../domain/plan/part.ts';
import type { Flow } from '../../domain/setup.ts';
import type { Lab } from '../lab/lab.ts';
import { flowsInto, saveRecord, workerOf } from '../lab/lab.ts';
import { awaitWorker } from '../lab/readiness.ts';
import { startServices } from '../lab/start-services.ts';
import { startWorkers } from '../lab/start-workers.ts';
import { awaitHeartbeat, sendCanary } from '../replicate/canary.ts';
import { awaitConfigs, ensureConnectors, resumeConnectors } from '../replicate/flow-connectors.ts';
import { awaitCaughtUp } from './drain.ts';
import { remoteEnds } from './failback-checks.ts';
import { closeStandby, openCluster, openWholly } from './fence.ts';
import { seedReverseFlow, widenReverseFlow } from './seed-reverse.ts';

/** A worker that has nothing to copy ends within a second or two. */
const WORKER_STOP_GRACE_MS = 10_000;

/** Starts the worker at the returning cluster, and the reverse flow: each topic is seeded once, it is resumed every time. */
export async function startReverse(
  lab: Lab,
  { forward, reverse, standing }: ExtentFlows,
  signal: AbortSignal,
): Promise<Lab> {
  const workers = [reverse.target, forward.target];
  await startServices(lab, { clusters: [reverse.target], workers: [] }, signal);
  const started = await startWorkers(lab, workers, signal);
  await Promise.all(workers.map((alias) => awaitWorker(started, alias, signal)));
  const current = await seedOnce(started, { reverse, all: standing.reverse }, signal);
  await resumeConnectors(current, reverse, CONNECTOR_TYPES, signal);
  return current;
}

interface Back {
  readonly reverse: Flow;
  /** With everything that it is to copy. */
  readonly all: Flow;
}

/** Seeds what is not seeded yet, and records that it is. */
async function seedOnce(lab: Lab, { reverse, all }: Back, signal: AbortSignal): Promise<Lab> {
  const { promotion, moved } = lab.record;
  const waves = moved?.returned === true ? null : (moved ?? null);
  const marks = promotion?.watermarks ?? waves?.watermarks;
  if (marks === undefined) throw new Error('no promotion says where the reverse flow starts');
  const seeded = waves?.seeded ?? [];
  if (promotion?.seeded === true) return lab;
  if (promotion === null && waves?.topics.every((topic) => seeded.includes(topic)) === true) return lab;
  // Of waves before it runs already, for their topics alone, and with the marks of heartbeats and canaries.
  if (seeded.length === 0) await seedReverseFlow(lab, all, marks, signal);
  else await widenReverseFlow(lab, all, { marks, running: seeded }, signal);
  // What runs already has begun to fill its copies, also those that did not exist when it began.
  const { policy } = lab.layout;
  const running = new Set(seeded.map((topic) => policy.remoteTopic(all.source, topic)));
  const begun = (await remoteEnds(lab, reverse, signal)).filter(({ topic }) => !running.has(topic));
  const reverseStart = joinMarks(waves?.reverseStart ?? [], begun);
  return promotion === null
    ? saveRecord(lab, { moved: waves === null ? null : { ...waves, seeded: waves.topics, reverseStart } })
    : saveRecord(lab, { promotion: { ...promotion, seeded: true, reverseStart }, moved: null });
}

/** The setup's own flow runs again from where it stopped; the side that was left is a standby and closed as such. */
export async function resumeForward(
  lab: Lab,
  { standing: { forward }, reverse, part }: ExtentFlows & { readonly part: Part | null },
  signal: AbortSignal,
): Promise<Lab> {
  // Open already, unless an earlier failback was interrupted just before.
  await (part === null
    ? openWholly(lab, forward.source, signal)
    : openCluster(lab, forward.source, signal, part.topics));
  const current = await startWorkers(lab, [forward.target], signal);
  await awaitWorker(current, forward.target, signal);
  await ensureConnectors(current, forward, 'RUNNING', signal);
  await awaitConfigs(current, forward, signal);
  await resumeConnectors(current, forward, CONNECTOR_TYPES, signal);
  await closeStandby(current, reverse.source, signal);
  await Promise.all([sendCanary(current, forward, signal), awaitHeartbeat(current, forward, signal)]);
  await awaitCaughtUp(current, forward, 'forward', signal);
  await stopIdleWorker(current, reverse.target);
  return current;
}

/**
 * Ends the worker of a way back that nothing is copied by any more. Where a flow of the setup ends at the same cluster it
 * runs that one, too.
 */
export async function stopIdleWorker(lab: Lab, alias: string): Promise<void> {
  if (flowsInto(lab, alias).length > 0) return;
  await lab.runtime.stop(workerOf(lab, alias).name, { graceMs: WORKER_STOP_GRACE_MS });
}
