import { KmkError } from '../../../domain/errors.ts';
import type { FailoverDocument } from '../../../domain/documents.ts';
import type { StepActions } from '../../../domain/scenario.ts';
import { causeDisaster } from '../../failover/disaster.ts';
import { NOTHING_DECIDED } from '../../../domain/stranded-tail.ts';
import { failback } from '../../failover/failback.ts';
import { failover } from '../../failover/failover.ts';
import { switchover } from '../../failover/switchover.ts';
import { flowBetween, forwardFlows, resolveCluster, standbyOf } from '../../lab/lab.ts';
import { done, pending, waitUntil } from '../../wait-until.ts';
import { judgeLoss } from '../accounts.ts';
import type { Drill } from '../drill.ts';
import { judge, labOfDrill } from '../drill.ts';

/** Clients that were told where to go connect in milliseconds; a consumer joins its group within seconds. */
const CLIENTS_LIMIT_MS = 60_000;
/** What consumers may take to read on to the end before they leave. */
const LEAVE_LIMIT_MS = 15_000;

export async function runDisaster(drill: Drill, of: StepActions['disaster'], signal: AbortSignal): Promise<string> {
  const lab = await labOfDrill(drill);
  const { alias } = resolveCluster(lab, of.cluster);
  const other = alias === lab.record.active ? standbyOf(lab) : lab.record.active;
  const flow = flowBetween(lab, alias, other) ?? forwardFlows(lab).find(({ source }) => source === alias);
  if (flow === undefined) throw new KmkError('KMK_WRONG_STATE', `no flow starts or ends at "${alias}"`);
  const cut = await causeDisaster(lab, flow, of.how, signal);
  if (alias === lab.record.active) drill.cut = { at: cut.at, from: alias, to: null };
  return `"${alias}" is down`;
}

/** Fails over, waits for the clients to be served again, and judges the loss before the tail is resolved. */
export async function runFailover(drill: Drill, of: StepActions['failover'], signal: AbortSignal): Promise<string> {
  const lab = await labOfDrill(drill);
  drill.totals = null;
  const gone = drill.cut?.to === null;
  const cut = drill.cut?.to === null ? drill.cut : { at: drill.tools.clock.now(), from: lab.record.active, to: null };
  drill.cut = cut;
  const document = await failover(lab, { simulate: null, force: of.force, gone }, drill.run, signal);
  judgeMove(drill, document);
  const { workload } = drill;
  if (workload === null) {
    drill.loss = document.loss;
    return document.verdict;
  }
  cut.to = workload.active;
  if (workload.writing) await awaitClients(drill, signal);
  await judgeLoss(drill, signal);
  return `${drill.loss?.records ?? '?'} acknowledged records are not on "${document.to}"`;
}

/** Moves to the standby as planned; consumers read to the end and leave before their positions are taken along. */
export async function runSwitchover(drill: Drill, signal: AbortSignal): Promise<string> {
  drill.totals = null;
  const { workload, run, tools } = drill;
  const lab = await labOfDrill(drill);
  const beforePhase = async (id: string): Promise<void> => {
    if (id === 'fence') drill.cut = { at: tools.clock.now(), from: lab.record.active, to: null };
    if (id === 'offsets') await workload?.leaveActive(LEAVE_LIMIT_MS, signal);
    if (id === 'service' && workload !== null && drill.cut !== null) drill.cut.to = workload.active;
  };
  const document = await switchover(lab, { maxLag: null }, { ...run, beforePhase }, signal);
  judgeMove(drill, document);
  if (workload === null) {
    drill.loss = document.loss;
    return document.verdict;
  }
  if (workload.writing) await awaitClients(drill, signal);
  await judgeLoss(drill, signal);
  return `"${document.to}" is active, ${drill.loss?.records ?? '?'} acknowledged records are not there`;
}

/** Brings the old active back; consumers read to the end and leave before their positions are taken along. */
export async function runFailback(drill: Drill, signal: AbortSignal): Promise<string> {
  drill.totals = null;
  const { workload, run } = drill;
  const beforePhase = async (id: string): Promise<void> => {
    if (id === 'offsets') await workload?.leaveActive(LEAVE_LIMIT_MS, signal);
  };
  const document = await failback(await labOfDrill(drill), NOTHING_DECIDED, { ...run, beforePhase }, signal);
  judgeMove(drill, document);
  if (workload?.writing === true) await awaitClients(drill, signal);
  return `"${document.to}" is active again`;
}

/** The move's own checks are already journaled; in the drill they count as one. */
function judgeMove(drill: Drill, { kind, verdict, checks, from, to }: FailoverDocument): void {
  const failed = checks.filter((check) => check.verdict === 'fail').map(({ id }) => id);
  const text = failed.length === 0 ? `all ${checks.length} checks of the move passed` : `failed: ${failed.join(', ')}`;
  judge(drill, kind, verdict, `${kind} ${from}->${to}: ${text}`);
}

async function awaitClients(drill: Drill, signal: AbortSignal): Promise<void> {
  const { workload, tools } = drill;
  if (workload === null) return;
  const reads = workload.groups.some(({ readsOn }) => readsOn === 'active');
  await waitUntil(
    tools.clock,
    {
      what: 'the clients to write and read on the active cluster',
      timeoutMs: CLIENTS_LIMIT_MS,
      probe: () => {
        const { firstAckAt, firstProcessedAt } = workload.active;
        const served = firstAckAt !== null && (!reads || firstProcessedAt !== null);
        const seen = `${firstAckAt === null ? 'no write' : 'a write'}, ${firstProcessedAt === null ? 'no read' : 'a read'}`;
        return Promise.resolve(served ? done(undefined) : pending(seen));
      },
    },
    signal,
  );
}
