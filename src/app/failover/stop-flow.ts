import { CONNECTOR_TYPES, connectorName } from '../../domain/lab/connect-config.ts';
import type { Flow } from '../../domain/setup.ts';
import { flowId } from '../../domain/setup.ts';
import type { Lab } from '../lab/lab.ts';
import { connectOf, workerOf } from '../lab/lab.ts';
import { awaitWorker } from '../lab/readiness.ts';
import { startServices } from '../lab/start-services.ts';
import { withFreeWorkerPort } from '../lab/worker-port.ts';

/** With a dead source the process hangs on its way down; its positions were flushed within a second. */
const MM2_STOP_GRACE_MS = 3000;
/** The source tasks commit their positions on the way down: measured 10 to 250 ms, also with a dead source. */
const SOURCE_TASKS_GRACE_MS = 5000;
/**
 * With a dead source the checkpoint and heartbeat tasks hang in requests to it for up to 60 s (measured: 58 s) and
 * meanwhile the checkpoint task goes on writing group offsets on the target every second.
 */
const OTHER_TASKS_GRACE_MS = 1000;
const POLL_MS = 50;

export interface StoppedFlow {
  /** True when the worker had to be killed to end hanging tasks: `restartWorker` brings it back. */
  readonly workerKilled: boolean;
}

/**
 * Ends a flow so that it neither copies nor writes positions any more. STOPPED is stored in Connect's config topic
 * before its tasks end, so a worker whose tasks hang can be killed: nothing of the flow runs when it comes back.
 */
export async function stopFlow(lab: Lab, flow: Flow, signal: AbortSignal): Promise<StoppedFlow> {
  if (lab.record.setup.replication.mode === 'dedicated') {
    await lab.runtime.stop(`${flow.target}-mm2`, { graceMs: MM2_STOP_GRACE_MS });
    return { workerKilled: false };
  }
  const worker = (await lab.runtime.list()).find(({ name }) => name === workerOf(lab, flow.target).name);
  // Killed by an earlier failover that was cut short, or crashed: what it is told to stop is kept for its next start.
  if (worker?.state !== 'running') await restartWorker(lab, flow.target, signal);
  const connect = connectOf(lab, flow.target);
  await Promise.all(
    CONNECTOR_TYPES.map(async (type) => {
      const name = connectorName(flow, type);
      if ((await connect.report(name, signal)) === null) return;
      await connect.stop(name, signal);
      lab.tools.events.emit('connector.state', { flow: flowId(flow), connector: name, state: 'STOPPED' });
    }),
  );
  await tasksGone(lab, flow, ['source'], SOURCE_TASKS_GRACE_MS, signal);
  if (await tasksGone(lab, flow, CONNECTOR_TYPES, OTHER_TASKS_GRACE_MS, signal)) return { workerKilled: false };
  const { name } = workerOf(lab, flow.target);
  await lab.runtime.kill(name);
  lab.tools.events.emit('service.stopped', { name, how: 'kill' });
  return { workerKilled: true };
}

/** Starts the killed worker again; its connectors stay STOPPED. */
export async function restartWorker(lab: Lab, alias: string, signal: AbortSignal): Promise<void> {
  const current = await withFreeWorkerPort(lab, alias);
  await startServices(current, { clusters: [], workers: [alias] }, signal);
  await awaitWorker(current, alias, signal);
}

async function tasksGone(
  lab: Lab,
  flow: Flow,
  types: readonly (typeof CONNECTOR_TYPES)[number][],
  withinMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const { clock } = lab.tools;
  const deadline = clock.now() + withinMs;
  for (;;) {
    const names = types.map((type) => connectorName(flow, type));
    const reports = await Promise.all(names.map((name) => connectOf(lab, flow.target).report(name, signal)));
    if (reports.every((report) => report === null || report.tasks.length === 0)) return true;
    if (clock.now() >= deadline) return false;
    await clock.sleep(POLL_MS, signal);
  }
}
