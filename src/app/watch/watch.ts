import type { FailoverDocument } from '../../domain/documents.ts';
import { KmkError, abortError } from '../../domain/errors.ts';
import type { Flow } from '../../domain/setup.ts';
import type { Finding, Suspicion } from '../../domain/watch/detector.ts';
import { UNSUSPECTED, judge } from '../../domain/watch/detector.ts';
import type { WatchDocument, WatchState } from '../../domain/watch/document.ts';
import { viewOf } from '../../domain/watch/document.ts';
import type { Lab } from '../lab/lab.ts';
import { flowBetween, openLab, standbyOf } from '../lab/lab.ts';
import type { AskWitness } from '../ports/watch-endpoint.ts';
import type { Toolbox } from '../ports/toolbox.ts';
import type { Observation } from './observe.ts';
import { heartbeatLimitMs, observe } from './observe.ts';
import { Sampler } from './sampler.ts';

const CHECK_MS = 1000;
/** Once a check has failed, the next ones follow faster: detection is part of the recovery time. */
const SUSPECT_MS = 500;
/** What one look may take: a frozen broker is given up after the 3 s of the fast-fail profile. */
const LOOK_LIMIT_MS = 4000;
const WITNESS_LIMIT_MS = 1000;

export interface WatchRequest {
  /** Failed checks in a row before the source is dead, at least 1. */
  readonly checks: number;
  /** Base URLs of other watches. */
  readonly witnesses: readonly string[];
  readonly askWitness: AskWitness;
  /** Carries out a failover of this lab now; null where the watch only watches. */
  readonly failOver: (() => Promise<FailoverDocument>) | null;
  /** Told every check. */
  readonly onCheck: (document: WatchDocument) => void;
}

interface Memory {
  /** Which cluster was active, and since which promotion: suspicion belongs to one source. */
  readonly situation: string;
  readonly suspicion: Suspicion;
  readonly check: number;
  readonly failover: WatchDocument['failover'];
  /** The check at which a failover of this watch was left half done; null where none was. */
  readonly halfDoneAt: number | null;
}

/**
 * Checks both sites until the signal aborts, and when armed fails over from a source that is dead (see `judge`). A
 * refused failover is told and tried again after as many failed checks; so is one that has promoted the standby and did not
 * come to its end, since clients may be let in nowhere then. Throws KMK_NOT_DEPLOYED, the signal's error.
 */
export async function watch(tools: Toolbox, request: WatchRequest, signal: AbortSignal): Promise<never> {
  const sampler = new Sampler();
  let memory: Memory = {
    ...{ situation: '', suspicion: UNSUSPECTED, check: 0, failover: { runId: null, refused: null } },
    halfDoneAt: null,
  };
  for (;;) {
    const startedAt = tools.clock.now();
    const lab = await openLab(tools);
    const { document, after, aliveMs } = await checkOnce(lab, { ...request, sampler }, memory, signal);
    if (signal.aborted) throw abortError(signal);
    request.onCheck(document);
    memory = after;
    if (request.failOver !== null && (document.state === 'dead' || isLeftHalfDone(lab, after, request.checks))) {
      const { failover, halfDone } = await tryFailover(tools, request.failOver);
      const suspicion = { ...after.suspicion, failed: 0 };
      memory = { ...after, suspicion, failover, halfDoneAt: halfDone ? document.check : null };
      continue;
    }
    await tools.clock.sleep(Math.max(0, startedAt + pauseMs(document, aliveMs) - tools.clock.now()), signal);
  }
}

/** From the beginning of a check to the next one. Held back by a heartbeat, it follows as soon as that is too old. */
function pauseMs({ failedChecks, state, durationMs, flow }: WatchDocument, aliveMs: number): number {
  if (failedChecks === 0) return CHECK_MS;
  const age = flow.heartbeatAgeMs ?? Number.POSITIVE_INFINITY;
  return state === 'held' && age <= aliveMs ? Math.min(SUSPECT_MS, durationMs + aliveMs - age + 1) : SUSPECT_MS;
}

/** Promoted by this watch, not completed, and so many checks ago. */
function isLeftHalfDone({ record: { promotion } }: Lab, { check, halfDoneAt }: Memory, checks: number): boolean {
  return promotion?.unfinished === true && halfDoneAt !== null && check - halfDoneAt >= checks;
}

async function tryFailover(
  tools: Toolbox,
  failOver: () => Promise<FailoverDocument>,
): Promise<{ readonly failover: WatchDocument['failover']; readonly halfDone: boolean }> {
  try {
    return { failover: { runId: (await failOver()).runId, refused: null }, halfDone: false };
  } catch (error) {
    if (
      !KmkError.is(error) ||
      error.kind === 'internal' ||
      error.kind === 'interrupted' ||
      error.kind === 'terminated'
    ) {
      throw error;
    }
    const [way = ''] = error.hints.slice(-1);
    const text =
      error.kind === 'partial'
        ? `the failover is partly done: ${error.message}. ${way}`
        : `the failover was not carried out: ${error.message}`;
    tools.events.emit('warning', { text });
    return { failover: { runId: null, refused: error.message }, halfDone: error.kind === 'partial' };
  }
}

async function checkOnce(
  lab: Lab,
  request: WatchRequest & { readonly sampler: Sampler },
  memory: Memory,
  signal: AbortSignal,
): Promise<{ readonly document: WatchDocument; readonly after: Memory; readonly aliveMs: number }> {
  const { clock } = lab.tools;
  const at = clock.now();
  const flow = watchedFlow(lab);
  const situation = `${lab.record.active} ${lab.record.promotion?.at ?? ''}`;
  const before = situation === memory.situation ? memory.suspicion : UNSUSPECTED;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(LOOK_LIMIT_MS)]);
  const seen = await observe(lab, flow, limit);
  // After a promotion the other side has its own clients: there is nothing to fail over to, so nothing to know.
  if (seen.source.up && lab.record.promotion === null) request.sampler.begin(lab, flow, seen.ends, signal);
  const witnesses = seen.source.up ? [] : await askWitnesses(request, seen, clock.now(), signal);
  const aliveMs = heartbeatLimitMs(lab, flow);
  const { after: suspicion, finding } = judge(
    before,
    {
      at,
      sourceUp: seen.source.up,
      silent: seen.silent,
      targetUp: seen.target.up,
      heartbeatAgeMs: seen.flow.heartbeatAgeMs,
      heartbeatAt: seen.heartbeatAt,
      heartbeatLimitMs: aliveMs,
      witnesses: witnesses.map(({ view }) => view),
    },
    request.checks,
  );
  const after = { ...memory, situation, suspicion, check: memory.check + 1 };
  const document: WatchDocument = {
    schema: 'kmk.watch/v1',
    project: lab.record.project,
    at: new Date(at).toISOString(),
    durationMs: clock.now() - at,
    check: after.check,
    active: lab.record.active,
    epoch: lab.record.epoch,
    armed: request.failOver !== null,
    ...stateOf(lab, finding),
    failedChecks: suspicion.failed,
    neededChecks: finding.kind === 'healthy' ? request.checks : finding.needed,
    clusters: [seen.source, seen.target],
    flow: seen.flow,
    samples: request.sampler.summary(clock.now()),
    witnesses,
    failover: memory.failover,
  };
  return { document, after, aliveMs };
}

/** The direction from the active cluster to the one that would take over. */
function watchedFlow(lab: Lab): Flow {
  const flow = flowBetween(lab, lab.record.active, standbyOf(lab));
  if (flow === null) throw new KmkError('KMK_WRONG_STATE', `no flow starts or ends at "${lab.record.active}"`);
  return flow;
}

function stateOf(lab: Lab, finding: Finding): { readonly state: WatchState; readonly reason: string | null } {
  // After a promotion there is nothing to fail over to until the old primary is back.
  if (lab.record.promotion !== null) return { state: 'failed-over', reason: null };
  return { state: finding.kind, reason: finding.kind === 'held' ? finding.reason : null };
}

async function askWitnesses(
  { witnesses, askWitness }: WatchRequest,
  { source }: Observation,
  at: number,
  signal: AbortSignal,
): Promise<WatchDocument['witnesses']> {
  return Promise.all(
    witnesses.map(async (url) => {
      const answer = await askWitness(url, WITNESS_LIMIT_MS, signal);
      return { url, view: answer === null ? 'unknown' : viewOf(answer, { clusterId: source.clusterId, at }) };
    }),
  );
}
