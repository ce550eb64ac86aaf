import { KmkError } from '../../domain/errors.ts';
import type { Connector, ConnectorType } from '../../domain/lab/connect-config.ts';
import { connectorName, connectorsOf } from '../../domain/lab/connect-config.ts';
import type { Flow } from '../../domain/setup.ts';
import { flowId } from '../../domain/setup.ts';
import type { Lab } from '../lab/lab.ts';
import { connectOf } from '../lab/lab.ts';
import type { ConnectApi, ConnectorReport, ConnectorState } from '../ports/connect-api.ts';
import { done, pending, waitUntil } from '../wait-until.ts';

/** A stop waits for the tasks' last commits: `task.shutdown.graceful.timeout.ms` is 3 s, a dead source adds to it. */
const STATE_LIMIT_MS = 60_000;

/** Creates the flow's connectors where they are missing and puts their config where it changed. True when any was. */
export async function ensureConnectors(
  lab: Lab,
  flow: Flow,
  initialState: 'RUNNING' | 'STOPPED',
  signal: AbortSignal,
  types: readonly ConnectorType[] = ['source', 'checkpoint', 'heartbeat'],
): Promise<boolean> {
  const wanted = connectorsOf(lab.layout, flow).filter((connector) => types.includes(connector.type));
  const changed = await Promise.all(
    wanted.map((connector) => ensureConnector(lab, flow, connector, initialState, signal)),
  );
  return changed.includes(true);
}

async function ensureConnector(
  lab: Lab,
  flow: Flow,
  connector: Connector,
  initialState: 'RUNNING' | 'STOPPED',
  signal: AbortSignal,
): Promise<boolean> {
  const connect = connectOf(lab, flow.target);
  if (await connect.create(connector.name, connector.config, initialState, signal)) {
    lab.tools.events.emit('connector.state', { flow: flowId(flow), connector: connector.name, state: initialState });
    return true;
  }
  const known = (await connect.config(connector.name, signal)) ?? {};
  // Connect adds the name to the config it gives back.
  if (sameConfig({ ...connector.config, name: connector.name }, { ...known, name: connector.name })) return false;
  await connect.putConfig(connector.name, connector.config, signal);
  return true;
}

/**
 * Waits until the worker tells the flow's connectors' config as it was put: from then on their next tasks have it. Throws
 * KMK_WAIT_TIMEOUT.
 */
export async function awaitConfigs(lab: Lab, flow: Flow, signal: AbortSignal): Promise<void> {
  const connect = connectOf(lab, flow.target);
  await waitUntil(
    lab.tools.clock,
    {
      what: `the config of the flow ${flowId(flow)} to be in force`,
      timeoutMs: STATE_LIMIT_MS,
      intervalMs: 100,
      probe: async () => {
        for (const { name, config } of connectorsOf(lab.layout, flow)) {
          const known = await connect.config(name, signal);
          if (known !== null && !sameConfig({ ...config, name }, { ...known, name }))
            return pending(`another of ${name}`);
        }
        return done(undefined);
      },
    },
    signal,
  );
}

function sameConfig(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

/** Stops the connectors (tasks end, positions stay) and waits until Connect says so. Connectors that do not exist are skipped. */
export async function stopConnectors(
  lab: Lab,
  flow: Flow,
  types: readonly ConnectorType[],
  signal: AbortSignal,
): Promise<void> {
  await setState(lab, flow, types, 'STOPPED', signal);
}

/** Resumes stopped or paused connectors and waits until connector and tasks are RUNNING. */
export async function resumeConnectors(
  lab: Lab,
  flow: Flow,
  types: readonly ConnectorType[],
  signal: AbortSignal,
): Promise<void> {
  await setState(lab, flow, types, 'RUNNING', signal);
}

export async function pauseConnectors(
  lab: Lab,
  flow: Flow,
  types: readonly ConnectorType[],
  signal: AbortSignal,
): Promise<void> {
  await setState(lab, flow, types, 'PAUSED', signal);
}

async function setState(
  lab: Lab,
  flow: Flow,
  types: readonly ConnectorType[],
  state: 'STOPPED' | 'RUNNING' | 'PAUSED',
  signal: AbortSignal,
): Promise<void> {
  const connect = connectOf(lab, flow.target);
  await Promise.all(
    types.map(async (type) => {
      const name = connectorName(flow, type);
      const report = await connect.report(name, signal);
      if (!(await exists(connect, name, report, signal))) return;
      if (report === null || !isIn(report, state)) {
        if (state === 'STOPPED') await connect.stop(name, signal);
        else if (state === 'PAUSED') await connect.pause(name, signal);
        else await connect.resume(name, signal);
        await awaitState(lab, flow, name, state, signal);
      }
      lab.tools.events.emit('connector.state', { flow: flowId(flow), connector: name, state });
    }),
  );
}

/** The names of those of the flow's connectors that its worker holds, in the order of `types`. */
export async function existingConnectors(
  lab: Lab,
  flow: Flow,
  types: readonly ConnectorType[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const connect = connectOf(lab, flow.target);
  const names = types.map((type) => connectorName(flow, type));
  const found = await Promise.all(
    names.map(async (name) => exists(connect, name, await connect.report(name, signal), signal)),
  );
  return names.filter((_, index) => found[index]);
}

/** Connect tells no state of a connector before its worker has started it, or stopped it: seconds after its creation. */
async function exists(
  connect: ConnectApi,
  name: string,
  report: ConnectorReport | null,
  signal: AbortSignal,
): Promise<boolean> {
  return report !== null || (await connect.config(name, signal)) !== null;
}

/** Waits for the state of the connector and all its tasks; a FAILED task ends the wait with KMK_CONNECT_TASK_FAILED. */
export async function awaitState(
  lab: Lab,
  flow: Flow,
  name: string,
  state: ConnectorState,
  signal: AbortSignal,
): Promise<void> {
  await waitUntil(
    lab.tools.clock,
    {
      what: `connector "${name}" to be ${state}`,
      timeoutMs: STATE_LIMIT_MS,
      // Of a switchover's source connector clients wait for it.
      intervalMs: state === 'STOPPED' ? 25 : 100,
      probe: async () => {
        const report = await connectOf(lab, flow.target).report(name, signal);
        if (report === null) return pending('absent');
        if (state === 'RUNNING') refuseFailed(report);
        return isIn(report, state) ? done(undefined) : pending(describe(report));
      },
    },
    signal,
  );
}

function isIn(report: ConnectorReport, state: ConnectorState): boolean {
  if (report.state !== state) return false;
  if (state === 'STOPPED') return report.tasks.length === 0;
  // A checkpoint connector has no task while no group has a commit on a mirrored topic; the others always have one.
  const mayBeIdle = report.name.endsWith('MirrorCheckpointConnector');
  return (mayBeIdle || report.tasks.length > 0) && report.tasks.every((task) => task.state === state);
}

export function refuseFailed(report: ConnectorReport): void {
  const task = report.tasks.find((candidate) => candidate.state === 'FAILED');
  if (report.state !== 'FAILED' && task === undefined) return;
  const where = task === undefined ? `connector "${report.name}"` : `task ${task.id} of connector "${report.name}"`;
  const reason = (task?.trace ?? report.trace ?? '').split('\n')[0] ?? '';
  throw new KmkError('KMK_CONNECT_TASK_FAILED', `${where} is FAILED: ${reason}`, {
    hints: ['Run `kmk flow describe` for the whole trace and `kmk flow restart` once the cause is gone.'],
    context: { connector: report.name },
  });
}

function describe(report: ConnectorReport): string {
  return `${report.state}, tasks ${report.tasks.map((task) => task.state).join(' ') || 'none'}`;
}
