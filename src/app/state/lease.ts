import type { Lease, LeaseState, StateEntries } from '../../domain/cluster-state.ts';
import {
  epochOf,
  judgeLease,
  LEASE_KEY,
  LEASE_MS,
  leased,
  leaseOf,
  planKey,
  refuseSplitBrain,
  RENEW_MS,
} from '../../domain/cluster-state.ts';
import { KmkError } from '../../domain/errors.ts';
import type { Lab } from '../lab/lab.ts';
import type { Changes } from './state-topic.ts';
import { changeState, readShortState } from './state-topic.ts';

const GIVE_BACK_LIMIT_MS = 5000;

export interface LeaseRequest {
  /** The cluster that keeps the lease: the target of the setup's flow, which a move cannot do without. */
  readonly home: string;
  readonly command: string;
  readonly runId: string;
  /** Take the lease of an owner that is dead or has not renewed it in time. */
  readonly breakLock: boolean;
}

/** Throws KMK_LOCKED where the lease is somebody else's by now, or what keeps it from being read. */
export type StillHeld = (signal: AbortSignal) => Promise<void>;

/**
 * Works under the clusters' lease, which is renewed meanwhile and given back at the end, also after an error. Throws
 * KMK_LOCKED naming the other operator, KMK_SPLIT_BRAIN_RISK where the cluster was told of a move that is not known here. The work's signal aborts where the lease is lost; who was stopped for a while and
 * wakes up must ask before it touches anything (`stillHeld`).
 */
export async function withLease<T>(
  lab: Lab,
  request: LeaseRequest,
  signal: AbortSignal,
  work: (signal: AbortSignal, stillHeld: StillHeld) => Promise<T>,
): Promise<T> {
  const lease = await takeLease(lab, request, signal);
  const [lost, over] = [new AbortController(), new AbortController()];
  const renewing = renew(lab, request.home, lease, over.signal).catch((error: unknown) => {
    if (!over.signal.aborted) lost.abort(error);
  });
  try {
    return await work(AbortSignal.any([signal, lost.signal]), async (limit) =>
      refuseLost(lease, leaseOf((await readShortState(lab, request.home, limit)).entries)),
    );
  } finally {
    over.abort();
    await renewing;
    await giveBack(lab, request.home, lease);
  }
}

/** Throws KMK_LOCKED where somebody else works on the clusters or has left a run unfinished. */
export async function refuseLeased(lab: Lab, entries: StateEntries): Promise<void> {
  const lease = leaseOf(entries);
  const state = await judge(lab, lease, entries);
  if (lease !== null && (state === 'held' || state === 'left')) throw leased(lease, state);
}

/** A lease that was left without a plan is free: it has changed nothing yet, or all of it is over. */
async function judge(lab: Lab, lease: Lease | null, entries: StateEntries): Promise<LeaseState> {
  const { operator, clock } = lab.tools;
  const { host } = await operator.me();
  const gone = lease !== null && (await operator.isGone(lease));
  const state = judgeLease(lease, { state: lab.tools.stateMark(), host, nowMs: clock.now(), gone });
  return state === 'left' && lease !== null && !entries.has(planKey(lease.runId)) ? 'free' : state;
}

async function takeLease(lab: Lab, request: LeaseRequest, signal: AbortSignal): Promise<Lease> {
  const { operator, clock, random } = lab.tools;
  const me = await operator.me();
  const { home, command, runId, breakLock } = request;
  const nowMs = clock.now();
  const lease: Lease = {
    ...{ schema: 'kmk.lease/v1', ...me, id: random.id(12), state: lab.tools.stateMark(), command, runId },
    ...{ renewedAtMs: nowMs, expiresAtMs: nowMs + LEASE_MS },
  };
  const decide = async (entries: StateEntries): Promise<Changes> => {
    // The guard before it waits for no slow cluster, and another kmk may have moved clients since.
    refuseSplitBrain(lab.record, { [home]: epochOf(entries) });
    const seen = leaseOf(entries);
    const state = await judge(lab, seen, entries);
    if (seen !== null && (state === 'held' || (state === 'left' && !breakLock))) throw leased(seen, state);
    return { [LEASE_KEY]: lease };
  };
  await changeState(lab, home, decide, signal);
  return lease;
}

/** Until the signal aborts. Throws where the lease is somebody else's, or could not be renewed before it ran out. */
async function renew(lab: Lab, home: string, lease: Lease, signal: AbortSignal): Promise<void> {
  const { clock } = lab.tools;
  let heldUntil = lease.expiresAtMs;
  while (!signal.aborted) {
    await clock.sleep(RENEW_MS, signal);
    try {
      const nowMs = clock.now();
      const renewed: Lease = { ...lease, renewedAtMs: nowMs, expiresAtMs: nowMs + LEASE_MS };
      await changeState(
        lab,
        home,
        (entries) => {
          refuseLost(lease, leaseOf(entries));
          return { [LEASE_KEY]: renewed };
        },
        signal,
      );
      heldUntil = renewed.expiresAtMs;
    } catch (error) {
      if (KmkError.is(error) && error.kind === 'dependency' && clock.now() < heldUntil) continue;
      throw error;
    }
  }
}

function refuseLost(mine: Lease, now: Lease | null): void {
  if (now?.id === mine.id) return;
  const who = now === null ? 'somebody' : `\`kmk ${now.command}\` (pid ${now.pid} on ${now.host})`;
  throw new KmkError('KMK_LOCKED', `${who} has taken the lease of this run`, {
    hints: ['Leave the run to it, and look with `kmk status`.'],
  });
}

/** A lease that cannot be given back runs out, and is free without a plan that somebody could go on with. */
async function giveBack(lab: Lab, home: string, lease: Lease): Promise<void> {
  const decide = (entries: StateEntries): Changes => (leaseOf(entries)?.id === lease.id ? { [LEASE_KEY]: null } : {});
  await changeState(lab, home, decide, AbortSignal.timeout(GIVE_BACK_LIMIT_MS)).catch(() => undefined);
}
