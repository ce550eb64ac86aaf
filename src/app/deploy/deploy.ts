import { KmkError } from '../../domain/errors.ts';
import type { LabRecord } from '../../domain/lab/lab-record.ts';
import type { LabPorts } from '../../domain/lab/ports.ts';
import { choosePorts } from '../../domain/lab/ports.ts';
import { renderedClusterId } from '../../domain/lab/cluster-id.ts';
import { movedNow } from '../../domain/plan/part.ts';
import type { RuntimeName, Setup } from '../../domain/setup.ts';
import { flowId } from '../../domain/setup.ts';
import { standbyTakesWrites } from '../../domain/standby.ts';
import type { Lab } from '../lab/lab.ts';
import { allOrAbort } from '../all-or-abort.ts';
import { fenceCluster, openMoved, openWholly } from '../failover/fence.ts';
import { closedStandbys, ownEnds } from '../failover/stray-records.ts';
import { healFaults } from '../disrupt/end-faults.ts';
import { adminOf, findLab, forwardFlows, labOf, saveRecord } from '../lab/lab.ts';
import { awaitCluster, awaitWorker, refuseFailed } from '../lab/readiness.ts';
import { startServices } from '../lab/start-services.ts';
import type { Toolbox } from '../ports/toolbox.ts';
import { awaitHeartbeat, sendCanary } from '../replicate/canary.ts';
import { ensureConnectors } from '../replicate/flow-connectors.ts';
import { recordTopicIds } from '../offsets/flow-translator.ts';
import { createSourceTopics, createTargetTopics } from '../replicate/flow-topics.ts';
import { firstEpoch, spreadEpoch } from '../state/state-topic.ts';
import { step } from '../step.ts';
import { nameOrphans, postConnectors, startUi } from './container-services.ts';
import { destroy, sweepLab } from './destroy.ts';
import { removeOldFlows } from './old-flows.ts';
import { refuseUndeployable, refuseOtherLab, refuseOwnFilters, refusePromoted } from './deploy-rules.ts';

export interface DeployRequest {
  readonly setup: Setup;
  /** Already resolved: `auto` is the caller's to decide. */
  readonly runtime: RuntimeName;
  /** Start the web UI where the setup and the runtime have one. */
  readonly ui: boolean;
  /** Wait until a canary record and a heartbeat have crossed each flow. */
  readonly wait: boolean;
}

const STOP_GRACE_MS = 10_000;

export interface DeployOutcome {
  readonly lab: Lab;
  /** False when everything ran already. */
  readonly changed: boolean;
  readonly durationMs: number;
  /** Per flow: milliseconds the canary took; empty without waiting. */
  readonly crossings: readonly { readonly flow: string; readonly ms: number }[];
}

/**
 * Stands the lab up, or completes it; what runs unchanged is left alone. A first deploy that fails or is interrupted
 * removes what it started. The caller holds the state directory's lock.
 */
export async function deploy(tools: Toolbox, request: DeployRequest, signal: AbortSignal): Promise<DeployOutcome> {
  const startedAt = tools.clock.now();
  refuseUndeployable(request.setup, request.runtime);
  const known = await findLab(tools);
  if (known !== null) {
    refuseOtherLab(known.record, request.setup, request.runtime);
    refusePromoted(known.record);
    refuseOwnFilters(known.record, request.setup);
  }
  const whole = known?.record.complete === true ? known : null;
  const runtime = tools.runtime({
    project: request.setup.name,
    runtime: request.runtime,
    kafkaVersion: request.setup.kafka.version,
    setup: request.setup,
  });
  await step(tools, 'prepare', 'deploy', `preparing Kafka ${request.setup.kafka.version}`, () =>
    runtime.prepare(
      (text, done, total) => tools.events.emit('step.progress', progress('prepare', text, done, total)),
      signal,
    ),
  );
  if (whole === null && (await tools.store.hasLabFolder())) {
    const left = { project: request.setup.name, kafkaVersion: request.setup.kafka.version, keepData: false };
    tools.events.emit('note', { text: 'removing what an unfinished deploy left' });
    await destroy(tools, left);
  }
  const lab = labOf(
    tools,
    whole === null ? await newRecord(tools, request) : { ...whole.record, setup: request.setup },
  );
  const before = await runningNames(lab);
  try {
    await tools.store.saveLab(lab.record);
    await tools.projects.claim(request.setup.name);
    return await standUp(lab, request, whole?.record.setup ?? null, startedAt, signal);
  } catch (failure) {
    const error = await explained(lab, failure);
    if (whole === null) await rollBack(lab, error);
    else await stopStarted(lab, before);
    throw error;
  }
}

function progress(id: string, text: string, done?: number, total?: number) {
  return { id, text, ...(done === undefined ? {} : { done }), ...(total === undefined ? {} : { total }) };
}

async function newRecord(tools: Toolbox, request: DeployRequest): Promise<LabRecord> {
  const { setup } = request;
  return {
    version: 1,
    project: setup.name,
    runtime: request.runtime,
    kmkVersion: tools.kmkVersion,
    deployedAt: new Date(tools.clock.now()).toISOString(),
    setup,
    ports: await portsOf(tools, request),
    clusterIds: newClusterIds(tools, request),
    active: setup.active,
    epoch: 1,
    promotion: null,
    complete: false,
  };
}

/** A rendered docker-compose.yml must give the same cluster again: its ids come from names. With ZooKeeper a cluster makes up its own. */
function newClusterIds(tools: Toolbox, { setup, runtime }: DeployRequest): LabRecord['clusterIds'] {
  if (setup.kafka.mode === 'zookeeper') return {};
  const idOf = (alias: string): string =>
    runtime === 'docker' ? renderedClusterId(setup.name, alias) : tools.random.kafkaUuid();
  return Object.fromEntries(setup.clusters.map(({ alias }) => [alias, idOf(alias)]));
}

async function portsOf(tools: Toolbox, { setup, runtime, ui }: DeployRequest): Promise<LabPorts> {
  const ports = await choosePorts(setup, tools.choosePort);
  if (runtime !== 'docker' || !ui || !setup.ui.enabled) return ports;
  return { ...ports, ui: await tools.choosePort(setup.ui.port, { required: false, what: 'the web UI' }) };
}

async function standUp(
  lab: Lab,
  request: DeployRequest,
  earlier: Setup | null,
  startedAt: number,
  signal: AbortSignal,
): Promise<DeployOutcome> {
  const { tools } = lab;
  const flows = forwardFlows(lab);
  const moved = movedNow(lab.record);
  const targets = [...new Set([...flows.map((flow) => flow.target), ...(moved === null ? [] : [moved.from])])];
  const connect = lab.record.setup.replication.mode === 'connect';
  let changed = await step(tools, 'start', 'deploy', 'starting brokers and replication', async () => {
    const healed = await healFaults(lab, signal);
    return (await startServices(lab, { workers: targets }, signal)) || healed.length > 0;
  });
  await step(tools, 'ready', 'deploy', 'waiting for brokers and replication to answer', async () => {
    const aliases = lab.layout.clusters.map((cluster) => cluster.alias);
    await allOrAbort(signal, [
      ...aliases.map((alias) => async (either: AbortSignal) => {
        await awaitCluster(lab, alias, either);
        for (const flow of flows) {
          if (flow.source === alias) await createSourceTopics(lab, flow, either);
          if (flow.target === alias) await createTargetTopics(lab, flow, either);
        }
      }),
      ...(connect ? targets.map((alias) => (either: AbortSignal) => awaitWorker(lab, alias, either)) : []),
    ]);
  });
  if (connect) {
    await postConnectors(lab, signal);
    const created = await step(tools, 'connectors', 'deploy', 'starting the MirrorMaker 2 connectors', () =>
      Promise.all(flows.map((flow) => ensureConnectors(lab, flow, 'RUNNING', signal))),
    );
    const removed = earlier !== null && (await removeOldFlows(lab, earlier, signal));
    changed ||= removed || created.includes(true);
  }
  // What clients write on a standby no flow carries; under the identity policy it would also mix two histories.
  const standbys = targets.filter((alias) => alias !== lab.record.active);
  if (!standbyTakesWrites(lab.record.setup)) {
    await step(tools, 'fence', 'deploy', 'fencing the standby against client writes', () =>
      Promise.all(
        standbys.map((alias) => (alias === moved?.to ? openMoved(lab, signal) : fenceCluster(lab, alias, signal))),
      ),
    );
  } else await Promise.all(standbys.map((alias) => openWholly(lab, alias, signal)));
  const closed = await closedEnds(lab, signal);
  const told = tellClusters(lab, earlier === null, signal);
  // Awaited below; what fails before must not leave it without anybody who listens.
  told.catch(() => undefined);
  const crossings: { flow: string; ms: number }[] = [];
  if (request.wait && (changed || earlier === null)) {
    await step(tools, 'canary', 'deploy', 'waiting for a canary record and a heartbeat to cross', async () => {
      await Promise.all(
        flows.map(async (flow) => {
          const canary = isClosed(lab, flow.source) ? null : sendCanary(lab, flow, signal);
          const [ms] = await Promise.all([canary, awaitHeartbeat(lab, flow, signal)]);
          if (ms !== null) crossings.push({ flow: flowId(flow), ms });
        }),
      );
    });
  }
  if (request.ui && (await startUi(lab, signal))) changed = true;
  await nameOrphans(lab);
  for (const flow of flows) await recordTopicIds(lab, flow, signal);
  const complete = await saveRecord(lab, {
    closed,
    epoch: await told,
    complete: true,
    clusterIds: await clusterIdsOf(lab, signal),
  });
  return { lab: complete, changed: changed || earlier === null, durationMs: tools.clock.now() - startedAt, crossings };
}

/** Where the sides that are closed now end, but for those of which that is known from when they were closed. */
async function closedEnds(lab: Lab, signal: AbortSignal): Promise<NonNullable<LabRecord['closed']>> {
  const sides = closedStandbys(lab).map(async (alias) => {
    return [alias, lab.record.closed?.[alias] ?? (await ownEnds(lab, alias, signal))] as const;
  });
  return Object.fromEntries(await Promise.all(sides));
}

/** Whether clients, as which the canary is written, are refused there: then a heartbeat alone shows that a flow works. */
function isClosed({ record }: Lab, alias: string): boolean {
  return alias !== record.active && !standbyTakesWrites(record.setup);
}

/** Tells every cluster who is active. A new lab on storage that was kept begins above what that knows. Gives the epoch. */
async function tellClusters(lab: Lab, first: boolean, signal: AbortSignal): Promise<number> {
  const epoch = first ? await firstEpoch(lab, signal) : lab.record.epoch;
  await spreadEpoch(labOf(lab.tools, { ...lab.record, epoch }, lab.layout.closed), signal);
  return epoch;
}

/** As given at the format of the storage, else as the brokers report them. */
async function clusterIdsOf(lab: Lab, signal: AbortSignal): Promise<LabRecord['clusterIds']> {
  const ids = lab.layout.clusters.map(async ({ alias }): Promise<[string, string]> => {
    const known = lab.record.clusterIds[alias];
    return [alias, known ?? (await (await adminOf(lab, alias)).describeCluster(signal)).clusterId];
  });
  return Object.fromEntries(await Promise.all(ids));
}

/** Removes what this run started; an error of the removal does not hide the one that caused it. */
async function rollBack(lab: Lab, cause: unknown): Promise<void> {
  const { events } = lab.tools;
  // A bug report needs the logs; an environment problem (a taken port) is explained by its message.
  const keepsLogs = KmkError.is(cause) && cause.code === 'KMK_SERVICE_EXITED';
  try {
    if (keepsLogs) await lab.tools.store.saveRunFile('last-failed-deploy', 'services.log', await lastLogs(lab));
    await sweepLab(lab, { keepData: false });
    events.emit('note', { text: 'removed what this run had started' });
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    events.emit('warning', { text: `could not remove everything: ${text}`, hint: 'Run `kmk destroy --yes`.' });
  }
}

/** A service that has ended explains why another did not answer. */
async function explained(lab: Lab, error: unknown): Promise<unknown> {
  if (!KmkError.is(error) || (error.kind !== 'dependency' && error.kind !== 'timeout')) return error;
  const services = await lab.runtime.list();
  return refuseFailed(
    lab,
    services.map(({ name }) => name),
  ).then(
    () => error,
    (cause: unknown) => cause,
  );
}

/** Of a lab that was whole before, only what this run started is stopped again; its data stays. */
async function stopStarted(lab: Lab, before: ReadonlySet<string>): Promise<void> {
  for (const name of await runningNames(lab)) {
    if (before.has(name)) continue;
    await lab.runtime.stop(name, { graceMs: STOP_GRACE_MS });
    lab.tools.events.emit('service.stopped', { name, how: 'stop' });
  }
}

async function runningNames(lab: Lab): Promise<ReadonlySet<string>> {
  const services = await lab.runtime.list();
  return new Set(services.filter(({ state }) => state === 'running' || state === 'frozen').map(({ name }) => name));
}

async function lastLogs(lab: Lab): Promise<string> {
  const parts: string[] = [];
  for (const service of await lab.runtime.list()) {
    parts.push(`== ${service.name} (${service.state})`, ...(await lab.runtime.tail(service.name, 200)), '');
  }
  return parts.join('\n');
}
