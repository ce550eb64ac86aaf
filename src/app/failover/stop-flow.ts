import { CONNECTOR_TYPES, connectorName } from '../../domain/lab/connect-config.ts';
import type { Flow } from '../../domain/setup.ts';
import { flowId } from '../../domain/setup.ts';
import type { Lab } from '../lab/lab.ts';
import { connectOf, flowsInto, workerOf } from '../lab/lab.ts';
import { awaitWorker } from '../lab/readiness.ts';
import { startServices } from '../lab/start-services.ts';
import { startWorkers } from '../lab/start-workers.ts';
import { existingConnectors } from '../replicate/flow-connectors.ts';

/** With a dead source the process hangs on its way down; its positions were flushed within a second. */
const MM2_STOP_GRACE_MS = 3000;
/** The source tasks commit their positions on the way down: measured 10 to 250 ms, also with a dead source. */
const SOURCE_TASKS_GRACE_MS = 5000;
/**
 * With a dead source the checkpoint and heartbeat tasks hang in requests to it for up to 60 s (measured: 58 s) and
 * meanwhile the checkpoint task goes on writing group offsets on the target every second.
 */
const OTHER_TASKS_GRACE_MS = 1000;
const POLL_MS = 20;
/** The checkpoint connector first: what it writes is what must not come later. */
const STOP_ORDER = ['checkpoint', 'source', 'heartbeat'] as const;

export interface StoppedFlow {
  /** Its worker may have got another port. */
  readonly lab: Lab;
  /** True when the worker had to be killed to end hanging tasks: `restartWorker` brings it back. */
  readonly workerKilled: boolean;
}

/**
 * Ends a flow so that it neither copies nor writes positions any more. STOPPED is stored in Connect's config topic
 * before its tasks end, so a worker whose tasks hang can be killed: nothing of the flow runs when it comes back. With
 * the source gone they would hang, so it is killed as soon as the source tasks have committed their positions; the
 * heartbeat connector, which writes on the source only, is stopped when the worker is back (`restartStopped`).
 */
export async function stopFlow(
  lab: Lab,
  flow: Flow,
  { sourceGone }: { readonly sourceGone: boolean },
  signal: AbortSignal,
): Promise<StoppedFlow> {
  if (lab.record.setup.replication.mode === 'dedicated') {
    await lab.runtime.stop(`${flow.target}-mm2`, { graceMs: MM2_STOP_GRACE_MS });
    return { lab, workerKilled: false };
  }
  const worker = (await lab.runtime.list()).find(({ name }) => name === workerOf(lab, flow.target).name);
  // Killed by an earlier failover that was cut short, or crashed: what it is told to stop is kept for its next start.
  if (worker?.state !== 'running') {
    return stopFlow(await restartWorker(lab, flow.target, signal), flow, { sourceGone }, signal);
  }
  const names = await existingConnectors(lab, flow, STOP_ORDER, signal);
  if (sourceGone && servesOnly(lab, flow)) {
    const [source, checkpoint] = [connectorName(flow, 'source'), connectorName(flow, 'checkpoint')];
    // One after the other: the rebalance after the first one of several could refuse the next one for 3 s.
    if (names.includes(source)) await storeStop(lab, flow, source, signal);
    await tasksGone(lab, flow, ['source'], SOURCE_TASKS_GRACE_MS, signal);
    if (names.includes(checkpoint)) await storeStop(lab, flow, checkpoint, signal);
  } else {
    // All at once: from the first rebalance on the worker waits for tasks that hang, and answers no request for 3 s.
    await Promise.all(names.map((name) => storeStop(lab, flow, name, signal)));
    await tasksGone(lab, flow, ['source'], SOURCE_TASKS_GRACE_MS, signal);
    if (await tasksGone(lab, flow, CONNECTOR_TYPES, OTHER_TASKS_GRACE_MS, signal)) return { lab, workerKilled: false };
  }
  const { name } = workerOf(lab, flow.target);
  await lab.runtime.kill(name);
  lab.tools.events.emit('service.stopped', { name, how: 'kill' });
  return { lab, workerKilled: true };
}

/** Its tasks end afterwards. */
async function storeStop(lab: Lab, flow: Flow, name: string, signal: AbortSignal): Promise<void> {
  await connectOf(lab, flow.target).stop(name, signal);
  lab.tools.events.emit('connector.state', { flow: flowId(flow), connector: name, state: 'STOPPED' });
}

/** No other flow is hurt when the worker is killed. */
function servesOnly(lab: Lab, flow: Flow): boolean {
  return flowsInto(lab, flow.target).every(({ source }) => source === flow.source);
}

/** Whether no task of the flow runs; a worker that does not run has none. */
export async function isFlowStopped(lab: Lab, flow: Flow, signal: AbortSignal): Promise<boolean> {
  const dedicated = lab.record.setup.replication.mode === 'dedicated';
  const name = dedicated ? `${flow.target}-mm2` : workerOf(lab, flow.target).name;
  const service = (await lab.runtime.list()).find((known) => known.name === name);
  if (service?.state !== 'running') return true;
  return !dedicated && tasksGone(lab, flow, CONNECTOR_TYPES, 0, signal);
}

/** Lets a stopped flow run again. It does not wait for its tasks: their source may not answer. */
export async function restartFlow(lab: Lab, flow: Flow, signal: AbortSignal): Promise<Lab> {
  if (lab.record.setup.replication.mode === 'dedicated') {
    await startServices(lab, { clusters: [], workers: [flow.target] }, signal);
    return lab;
  }
  const current = await restartWorker(lab, flow.target, signal);
  const connect = connectOf(current, flow.target);
  for (const name of await existingConnectors(current, flow, CONNECTOR_TYPES, signal)) {
    await connect.resume(name, signal);
  }
  return current;
}

/** Brings back a worker that `stopFlow` has killed, with no connector of the flow to run. */
export async function restartStopped(lab: Lab, flow: Flow, signal: AbortSignal): Promise<Lab> {
  const current = await restartWorker(lab, flow.target, signal);
  for (const name of await existingConnectors(current, flow, STOP_ORDER, signal)) {
    const report = await connectOf(current, flow.target).report(name, signal);
    if (report?.state !== 'STOPPED') await storeStop(current, flow, name, signal);
  }
  return current;
}

/** Starts a worker that does not run; its stopped connectors stay STOPPED. Gives the lab whose record says its port. */
export async function restartWorker(lab: Lab, alias: string, signal: AbortSignal): Promise<Lab> {
  const current = await startWorkers(lab, [alias], signal);
  await awaitWorker(current, alias, signal);
  return current;
}

type ConnectorTypes = readonly (typeof CONNECTOR_TYPES)[number][];

/** Whether the connectors have no task any more within the time. */
async function tasksGone(
  lab: Lab,
  flow: Flow,
  types: ConnectorTypes,
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
