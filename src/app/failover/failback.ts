import type { FailoverDocument, PlanDocument, Recovery } from '../../domain/documents.ts';
import { KmkError } from '../../domain/errors.ts';
import { CONNECTOR_TYPES } from '../../domain/lab/connect-config.ts';
import type { Promotion } from '../../domain/lab/lab-record.ts';
import { DEDICATED_FAILBACK, planFailback } from '../../domain/plan.ts';
import type { Flow } from '../../domain/setup.ts';
import { flowId } from '../../domain/setup.ts';
import { partitionKey } from '../../domain/topic.ts';
import type { Lab } from '../lab/lab.ts';
import { flowBetween, saveRecord } from '../lab/lab.ts';
import { awaitWorker } from '../lab/readiness.ts';
import { startServices } from '../lab/start-services.ts';
import { withFreeWorkerPort } from '../lab/worker-port.ts';
import { readGroupPositions } from '../offsets/group-positions.ts';
import { awaitHeartbeat, sendCanary } from '../replicate/canary.ts';
import { ensureConnectors, resumeConnectors, stopConnectors } from '../replicate/flow-connectors.ts';
import { ofUsers, readLag, totalLag } from '../replicate/positions.ts';
import type { Run } from '../run.ts';
import { done, pending, waitUntil } from '../wait-until.ts';
import { readEnds } from './disaster.ts';
import { checkForward, checkNothingTwice, remoteEnds } from './failback-checks.ts';
import { fenceCluster, openCluster } from './fence.ts';
import { returnGroups } from './group-return.ts';
import { awaitIdleGroups } from './idle-groups.ts';
import type { Move } from './move-context.ts';
import { newMove, orPartlyDone, phase, recordDocument, verdictOf } from './move-context.ts';
import { returnFenced } from './return-primary.ts';
import { seedForwardAtEnd, seedReverseFlow } from './seed-reverse.ts';
import { probeService } from './service-probe.ts';
import { strandedTail } from './stranded.ts';

/** A backlog of a drill drains in seconds; a long outage may take minutes. Ctrl-C leaves the reverse flow running. */
const CATCH_UP_LIMIT_MS = 30 * 60_000;
/** A flow that copies what it finds within this is close behind: Connect tells positions once a second. */
const CLOSE_MS = 5000;
/** Opening a cluster that answers takes milliseconds. */
const REOPEN_LIMIT_MS = 5000;
/** A last commit of a consumer follows within its commit interval (5 s by default in Java clients). */
const DRAIN_LIMIT_MS = 60_000;

/** What a failback would do now. Throws KMK_WRONG_STATE when nothing was failed over. */
export function previewFailback(lab: Lab): PlanDocument {
  const { forward } = failbackFlows(lab);
  const { mode, policy } = lab.record.setup.replication;
  return planFailback({ from: forward.target, to: forward.source, mode, policy });
}

/**
 * Brings the old primary back fenced, catches it up through a reverse flow that is seeded at the watermark (nothing is
 * copied twice), switches clients back and lets the forward flow run again. Interrupted anywhere, a second call goes on.
 */
export async function failback(lab: Lab, run: Run, signal: AbortSignal): Promise<FailoverDocument> {
  const { forward, reverse, promotion } = failbackFlows(lab);
  if (lab.record.setup.replication.mode === 'dedicated') {
    throw new KmkError('KMK_WRONG_STATE', DEDICATED_FAILBACK, {
      hints: ['Set replication.mode to "connect" in kmk.yaml for setups that must fail back.'],
    });
  }
  const move = newMove(run);
  return orPartlyDone(move, 'kmk failback --yes', () => carryOut(lab, { forward, reverse, promotion }, move, signal));
}

interface Flows {
  readonly forward: Flow;
  readonly reverse: Flow;
  readonly promotion: Promotion;
}

function failbackFlows(lab: Lab): Flows {
  const { promotion } = lab.record;
  if (promotion === null) {
    throw new KmkError('KMK_WRONG_STATE', `nothing was failed over: "${lab.record.active}" is active`, {
      hints: ['Run `kmk failover --simulate` for a rehearsal first.'],
    });
  }
  const forward = flowBetween(lab, promotion.from, promotion.to);
  const reverse = flowBetween(lab, promotion.to, promotion.from);
  if (forward === null || reverse === null) throw new Error('the promotion names clusters without a flow');
  return { forward, reverse, promotion };
}

async function carryOut(lab: Lab, flows: Flows, move: Move, signal: AbortSignal): Promise<FailoverDocument> {
  const { forward, promotion } = flows;
  const stranded =
    lab.record.active === forward.source
      ? 0
      : await phase(move, 'stranded', `looking for records on "${forward.source}" that never crossed`, async () => {
          await returnFenced(lab, forward.source, signal);
          return strandedTail(lab, forward, promotion, signal);
        });
  const { returned, recovery, duplicates } =
    lab.record.active === forward.source
      ? { returned: lab, recovery: NOT_MEASURED, duplicates: null }
      : await switchBack(lab, flows, move, signal);
  const whole = await phase(move, 'forward', `resuming the flow ${flowId(forward)}`, () =>
    resumeForward(returned, flows, signal),
  );
  await phase(move, 'verify', 'checking that the forward flow is whole', async () => {
    await awaitDrained(whole, forward, 'verify', DRAIN_LIMIT_MS, signal);
    await checkForward(whole, forward, move, signal);
  });
  const document = await documentOf(whole, flows, move, { stranded, recovery, duplicates }, signal);
  await recordDocument(whole, move, document);
  // Last of all: until then a second run goes on here.
  await saveRecord(whole, { promotion: null });
  return document;
}

/** An earlier, interrupted failback has switched already: there is nothing left to measure. */
const NOT_MEASURED: Recovery = { writeMs: null, readMs: null, rtoMs: null };

interface Switched {
  readonly returned: Lab;
  readonly recovery: Recovery;
  readonly duplicates: number;
}

/** Everything up to the moment in which clients write on the returned cluster again. */
async function switchBack(lab: Lab, flows: Flows, move: Move, signal: AbortSignal): Promise<Switched> {
  const { forward, reverse } = flows;
  const [from, to] = [reverse.source, reverse.target];
  const seeded = await phase(move, 'reverse', `starting the flow ${flowId(reverse)} at the watermark`, () =>
    startReverse(lab, flows, signal),
  );
  await phase(move, 'catch-up', `waiting until "${to}" has caught up`, () =>
    Promise.all([
      awaitCaughtUp(seeded, reverse, 'catch-up', signal),
      // Before clients are refused: what cannot be positioned must not hold them up.
      awaitIdleGroups(seeded, forward, signal),
    ]),
  );
  try {
    return await behindFence(seeded, flows, move, signal);
  } catch (error) {
    // Cut short: the cluster that is still active must not stay closed to clients.
    if ((await lab.tools.store.loadLab())?.active === from)
      await openCluster(seeded, from, AbortSignal.timeout(REOPEN_LIMIT_MS));
    throw error;
  }
}

/** From the moment in which clients are refused on the one side until they may write on the other. */
async function behindFence(seeded: Lab, flows: Flows, move: Move, signal: AbortSignal): Promise<Switched> {
  const { forward, reverse } = flows;
  const [from, to] = [reverse.source, reverse.target];
  const cutAt = seeded.tools.clock.now();
  await phase(move, 'fence', `refusing client writes on "${from}" and draining`, async () => {
    await fenceCluster(seeded, from, signal);
    await awaitDrained(seeded, reverse, 'fence', DRAIN_LIMIT_MS, signal);
  });
  await phase(move, 'offsets', `committing the groups' positions on "${to}"`, async () => {
    await stopConnectors(seeded, reverse, ['checkpoint'], signal);
    await returnGroups(seeded, forward, reverse, signal);
  });
  const duplicates = await phase(move, 'compare', 'checking that nothing was copied twice', async () => {
    await stopConnectors(seeded, reverse, CONNECTOR_TYPES, signal);
    return checkNothingTwice(seeded, reverse, move, signal);
  });
  return phase(move, 'switch-back', `making "${to}" active again`, async () => {
    // Before clients write there: under the identity policy the forward flow must not copy what came from the other side.
    if (seeded.record.setup.replication.policy === 'identity') await seedForwardAtEnd(seeded, forward, signal);
    const epoch = seeded.record.epoch + 1;
    const returned = await saveRecord(seeded, { active: to, epoch });
    await openCluster(returned, to, signal);
    seeded.tools.events.emit('active.changed', { from, to, epoch });
    return { returned, duplicates, recovery: await probeService(returned, to, cutAt, signal) };
  });
}

/** Starts the worker at the returning cluster, and the reverse flow: seeded once, resumed every time. */
async function startReverse(lab: Lab, { forward, reverse, promotion }: Flows, signal: AbortSignal): Promise<Lab> {
  const workers = [reverse.target, forward.target];
  let current = lab;
  for (const alias of workers) current = await withFreeWorkerPort(current, alias);
  const started = current;
  await startServices(started, { clusters: [reverse.target], workers }, signal);
  await Promise.all(workers.map((alias) => awaitWorker(started, alias, signal)));
  if (!promotion.seeded) {
    await seedReverseFlow(current, reverse, promotion.watermarks, signal);
    const reverseStart = await remoteEnds(current, reverse, signal);
    current = await saveRecord(current, { promotion: { ...promotion, seeded: true, reverseStart } });
  }
  await resumeConnectors(current, reverse, CONNECTOR_TYPES, signal);
  return current;
}

/**
 * Waits until the flow has copied everything that its source held when this was called: under traffic there is always
 * something newer. Behind a fence nothing newer comes, and that is all there is.
 */
async function awaitDrained(lab: Lab, flow: Flow, id: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
  const wanted = await readEnds(lab, flow, signal);
  await waitUntil(
    lab.tools.clock,
    {
      what: `the flow ${flowId(flow)} to drain`,
      timeoutMs,
      intervalMs: 200,
      probe: async () => {
        const lags = ofUsers(await readLag(lab, flow, signal));
        const left = lags.reduce((sum, at) => sum + leftOf(at.position, wanted.get(partitionKey(at)), at.start), 0n);
        lab.tools.events.emit('flow.lag.sampled', { flow: flowId(flow), lagRecords: totalLag(lags), lagMs: null });
        lab.tools.events.emit('step.progress', { id, text: `${left} records to copy` }, 'debug');
        return left === 0n ? done(undefined) : pending(`${left} records to copy`);
      },
    },
    signal,
  );
}

/** Drains again and again until one round took less than CLOSE_MS: then a fence will be up for no longer than that. */
async function awaitCaughtUp(lab: Lab, flow: Flow, id: string, signal: AbortSignal): Promise<void> {
  const { clock } = lab.tools;
  const deadline = clock.now() + CATCH_UP_LIMIT_MS;
  for (;;) {
    const startedAt = clock.now();
    await awaitDrained(lab, flow, id, Math.max(1, deadline - startedAt), signal);
    if (clock.now() - startedAt < CLOSE_MS) return;
  }
}

/** What of a partition lies between the flow's position (or the log start, where records are gone) and the end wanted. */
function leftOf(position: bigint, wanted: bigint | undefined, start: bigint): bigint {
  const from = position > start ? position : start;
  return wanted !== undefined && wanted > from ? wanted - from : 0n;
}

/** The setup's own flow runs again from where it stopped; the side that was left is writable again (default policy). */
async function resumeForward(lab: Lab, { forward, reverse }: Flows, signal: AbortSignal): Promise<Lab> {
  // Open already, unless an earlier failback was interrupted just before.
  await openCluster(lab, forward.source, signal);
  await startServices(lab, { clusters: [], workers: [forward.target] }, signal);
  await awaitWorker(lab, forward.target, signal);
  await ensureConnectors(lab, forward, 'RUNNING', signal);
  await resumeConnectors(lab, forward, CONNECTOR_TYPES, signal);
  if (lab.record.setup.replication.policy === 'default') await openCluster(lab, reverse.source, signal);
  await Promise.all([sendCanary(lab, forward, signal), awaitHeartbeat(lab, forward, signal)]);
  await awaitCaughtUp(lab, forward, 'forward', signal);
  // The worker at the returned cluster has nothing to run until the next failback.
  await lab.runtime.stop(`${reverse.target}-connect`, { graceMs: 10_000 });
  return lab;
}

async function documentOf(
  lab: Lab,
  { forward, reverse }: Flows,
  move: Move,
  found: { readonly stranded: number; readonly recovery: Recovery; readonly duplicates: number | null },
  signal: AbortSignal,
): Promise<FailoverDocument> {
  const groups = await readGroupPositions(lab, { flow: forward, groups: [], sourceReachable: true }, signal);
  return {
    schema: 'kmk.failover/v1',
    runId: move.run.runId,
    kind: 'failback',
    simulated: false,
    from: reverse.source,
    to: reverse.target,
    verdict: verdictOf(move.checks),
    phases: move.phases,
    recovery: found.recovery,
    loss: { records: 0, ms: 0, basis: 'offsets' },
    duplicates: found.duplicates,
    stranded: found.stranded,
    groups: groups.map((group) => ({ ...group, redelivered: null, skipped: null })),
    checks: move.checks,
    journal: move.run.journal,
    report: move.run.report,
  };
}
