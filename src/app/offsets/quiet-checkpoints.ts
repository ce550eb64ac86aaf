import { KmkError } from '../../domain/errors.ts';
import { connectorName } from '../../domain/lab/connect-config.ts';
import type { Flow } from '../../domain/setup.ts';
import { flowId } from '../../domain/setup.ts';
import type { Lab } from '../lab/lab.ts';
import { connectOf, workerOf } from '../lab/lab.ts';
import type { ConnectorReport } from '../ports/connect-api.ts';
import { awaitState } from '../replicate/flow-connectors.ts';
import { step } from '../step.ts';
import { done, pending, waitUntil } from '../wait-until.ts';

/** A connector that was stopped has its tasks again within seconds, and a rebalance may come between. */
const RESUME_LIMIT_MS = 60_000;

/**
 * Work while no checkpoint connector of the flows writes group positions on their targets: those that could are stopped,
 * and afterwards each is brought back into the state it was found in, also when the work fails or is interrupted. One
 * that is absent, STOPPED, has failed altogether or whose worker does not run is left alone. A PAUSED one is stopped,
 * too: its task's own timer goes on writing. Throws KMK_WRONG_STATE for dedicated MM2, which can not stop one connector;
 * KMK_PARTLY_DONE where the work was done and a connector did not come back.
 */
export async function withQuietCheckpoints<T>(
  lab: Lab,
  flows: readonly Flow[],
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  refuseDedicated(lab, flows);
  const stopped: Stopped[] = [];
  const outcome = await attempt(async () => {
    for (const flow of flows) await quieten(lab, flow, stopped, signal);
    return work();
  });
  const unresumed: string[] = [];
  for (const one of stopped) await resume(lab, one).catch(() => unresumed.push(flowId(one.flow)));
  if (unresumed.length === 0) {
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
  }
  throw notResumed(unresumed, 'error' in outcome ? outcome.error : null);
}

/** Throws KMK_WRONG_STATE where MM2 runs as a process of its own: a flow there can not stop writing positions. */
export function refuseDedicated(lab: Lab, flows: readonly Flow[]): void {
  const [flow] = flows;
  if (flow === undefined || lab.record.setup.replication.mode !== 'dedicated') return;
  const text = `flow ${flowId(flow)} runs in dedicated MM2, which can not stop writing group positions`;
  throw new KmkError('KMK_WRONG_STATE', text, {
    hints: ['Set `replication.mode: connect` in kmk.yaml and deploy anew: Connect can stop one connector.'],
  });
}

interface Stopped {
  readonly flow: Flow;
  readonly found: ConnectorReport;
}

type Outcome<T> = { readonly value: T } | { readonly error: unknown };

async function attempt<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error };
  }
}

async function quieten(lab: Lab, flow: Flow, stopped: Stopped[], signal: AbortSignal): Promise<void> {
  const worker = workerOf(lab, flow.target).name;
  if ((await lab.runtime.list()).find(({ name }) => name === worker)?.state !== 'running') return;
  const connect = connectOf(lab, flow.target);
  const name = connectorName(flow, 'checkpoint');
  const found = await connect.report(name, signal);
  if (found === null || !mayWrite(found)) return;
  const title = `stopping the checkpoint connector of ${flowId(flow)}`;
  await step(lab.tools, `offsets.quiet ${flowId(flow)}`, 'offsets', title, async () => {
    // Before it is asked: an answer that is lost must not leave it stopped.
    stopped.push({ flow, found });
    await connect.stop(name, signal);
    await awaitState(lab, flow, name, 'STOPPED', signal);
    lab.tools.events.emit('connector.state', { flow: flowId(flow), connector: name, state: 'STOPPED' });
  });
}

/** Tasks of a running connector may be there any moment; those that failed have ended. */
function mayWrite({ state, tasks }: ConnectorReport): boolean {
  if (state === 'STOPPED' || (state === 'FAILED' && tasks.length === 0)) return false;
  return tasks.length === 0 || tasks.some((task) => task.state !== 'FAILED');
}

/** Not ended by Ctrl-C: what was stopped must run again. */
async function resume(lab: Lab, { flow, found }: Stopped): Promise<void> {
  const connect = connectOf(lab, flow.target);
  const { name, tasks } = found;
  const state = found.state === 'PAUSED' ? 'PAUSED' : 'RUNNING';
  const title = `bringing the checkpoint connector of ${flowId(flow)} back to ${state}`;
  const limit = AbortSignal.timeout(RESUME_LIMIT_MS);
  await step(lab.tools, `offsets.resume ${flowId(flow)}`, 'offsets', title, async () => {
    if (state === 'PAUSED') await connect.pause(name, limit);
    else await connect.resume(name, limit);
    await awaitState(lab, flow, name, state, limit);
    // A stopped connector that is paused has no tasks until it is resumed.
    if (state === 'RUNNING' && tasks.length > 0) await awaitTasks(lab, flow, name, limit);
    lab.tools.events.emit('connector.state', { flow: flowId(flow), connector: name, state });
  });
}

async function awaitTasks(lab: Lab, flow: Flow, name: string, signal: AbortSignal): Promise<void> {
  const connect = connectOf(lab, flow.target);
  await waitUntil(
    lab.tools.clock,
    {
      what: `the tasks of connector "${name}"`,
      timeoutMs: RESUME_LIMIT_MS,
      intervalMs: 100,
      probe: async () => {
        const tasks = (await connect.report(name, signal))?.tasks ?? [];
        return tasks.length > 0 && tasks.every((task) => task.state === 'RUNNING') ? done(undefined) : pending('none');
      },
    },
    signal,
  );
}

function notResumed(flows: readonly string[], error: unknown): KmkError {
  const text = `the checkpoint connector of ${flows.join(', ')} was stopped and did not come back`;
  const hints = flows.map((flow) => `Run \`kmk flow resume ${flow.replace('->', ':')}\` to start it again.`);
  if (error === null) {
    const done = 'The positions are written and read back.';
    return new KmkError('KMK_PARTLY_DONE', text, { hints: [done, ...hints] });
  }
  if (!KmkError.is(error)) return new KmkError('KMK_PARTLY_DONE', text, { hints, cause: error });
  return new KmkError(error.code, error.message, {
    hints: [...error.hints, `Besides, ${text}.`, ...hints],
    context: error.context,
    cause: error,
  });
}
