import { KmkError } from './errors.ts';
import type { LabRecord } from './lab/lab-record.ts';

/** On every cluster, compacted: who is active, who works, and what another machine needs to go on. */
export const STATE_TOPIC = '__kmk_state';

/** Only one kmk changes a cluster's state at a time: beginning a transaction of this id fences the others. */
export function stateTransaction(project: string): string {
  return `kmk-epoch-${project}`;
}

/** Who is active, as a cluster was told last. A cluster that was told less than another counts as fenced. */
export interface EpochRecord {
  readonly schema: 'kmk.epoch/v1';
  readonly project: string;
  readonly epoch: number;
  readonly active: string;
  /** ISO 8601 UTC. */
  readonly at: string;
}

/** One kmk process. */
export interface Operator {
  readonly host: string;
  readonly pid: number;
  /** Tells it from a later process with that pid. */
  readonly startTime: string;
}

/** Who works on the clusters; renewed while that goes on. */
export interface Lease extends Operator {
  readonly schema: 'kmk.lease/v1';
  readonly id: string;
  /** The state directory's mark: under its lock nobody else of that directory works. */
  readonly state: string;
  readonly command: string;
  readonly runId: string;
  /** Epoch ms by the owner's clock. */
  readonly renewedAtMs: number;
  readonly expiresAtMs: number;
}

/** After so long without renewal an owner may be taken for dead. */
export const LEASE_MS = 30_000;
export const RENEW_MS = 10_000;

export const EPOCH_KEY = 'epoch';
export const LEASE_KEY = 'lease';
/** What of the lab record another machine needs: promotion and where copying began anew. */
export const RECORD_KEY = 'record';

export interface SharedRecord extends Pick<
  LabRecord,
  'active' | 'epoch' | 'promotion' | 'moved' | 'settled' | 'closed'
> {
  /** Epoch ms: of two of one epoch the later one counts. */
  readonly savedAtMs: number;
}

/** Newest value of each key, as JSON; deleted ones are left out. */
export type StateEntries = ReadonlyMap<string, unknown>;

/** Key of the copy of a run's plan. */
export function planKey(runId: string): string {
  return `plan/${runId}`;
}

export function epochOf(entries: StateEntries): EpochRecord | null {
  const record = entries.get(EPOCH_KEY) as Partial<EpochRecord> | undefined;
  return record?.schema === 'kmk.epoch/v1' ? (record as EpochRecord) : null;
}

export function leaseOf(entries: StateEntries): Lease | null {
  const lease = entries.get(LEASE_KEY) as Partial<Lease> | undefined;
  return lease?.schema === 'kmk.lease/v1' ? (lease as Lease) : null;
}

/** What the clusters were told last, by alias; null where one does not answer or was never told. */
export type KnownEpochs = Readonly<Record<string, EpochRecord | null>>;

/** The highest of them; null where nobody was told anything. */
export function newestEpoch(known: KnownEpochs): (EpochRecord & { readonly alias: string }) | null {
  const told = Object.entries(known).flatMap(([alias, record]) => (record === null ? [] : [{ alias, ...record }]));
  return told.toSorted((a, b) => b.epoch - a.epoch)[0] ?? null;
}

/**
 * Throws KMK_SPLIT_BRAIN_RISK where the clusters know of a move that this state directory does not: to change anything by
 * what is known here could make two clusters take writes for the same topics.
 */
export function refuseSplitBrain({ active, epoch }: Pick<LabRecord, 'active' | 'epoch'>, known: KnownEpochs): void {
  const newest = newestEpoch(known);
  if (newest === null || newest.epoch < epoch) return;
  if (newest.epoch === epoch && newest.active === active) return;
  const told = `"${newest.active}" is active in epoch ${newest.epoch} since ${newest.at}, as "${newest.alias}" was told`;
  throw new KmkError('KMK_SPLIT_BRAIN_RISK', `${told}; here "${active}" is active in epoch ${epoch}`, {
    hints: [
      'Another kmk has moved clients. Work from the state directory that did, or run `kmk resume` to take over what the clusters know.',
    ],
    context: { active, epoch, clusterActive: newest.active, clusterEpoch: newest.epoch },
  });
}

/** What a lease means to somebody who wants it. */
export type LeaseState = 'free' | 'own' | 'left' | 'held';

/**
 * `own`: of this state directory, whose lock the asker holds, so its owner is gone. `left`: of a dead process of this
 * machine, or not renewed in time. `held`: its owner works.
 */
export function judgeLease(
  lease: Lease | null,
  {
    state,
    host,
    nowMs,
    gone,
  }: { readonly state: string; readonly host: string; readonly nowMs: number; readonly gone: boolean },
): LeaseState {
  if (lease === null) return 'free';
  if (lease.state === state && lease.host === host) return 'own';
  return gone || nowMs > lease.expiresAtMs ? 'left' : 'held';
}

/** Names the other operator. */
export function leased(lease: Lease, state: Extract<LeaseState, 'left' | 'held'>): KmkError {
  const { command, pid, host, runId, renewedAtMs } = lease;
  const who = `\`kmk ${command}\` (pid ${pid} on ${host}, run ${runId})`;
  const context = { command, pid, host, runId };
  if (state === 'held') {
    return new KmkError('KMK_LOCKED', `${who} works on these clusters`, {
      hints: ['Wait until it has finished, or stop it there with Ctrl-C.'],
      context,
    });
  }
  const since = new Date(renewedAtMs).toISOString();
  return new KmkError('KMK_LOCKED', `${who} has not finished, and was last heard of at ${since}`, {
    hints: ['Run `kmk resume --break-lock` to go on with its run once nobody works there any more.'],
    context,
  });
}

/** The part of a lab record that is kept on the clusters. */
export function sharedOf({ active, epoch, promotion, moved, settled }: LabRecord, savedAtMs: number): SharedRecord {
  return { active, epoch, promotion, ...(moved ? { moved } : {}), ...(settled ? { settled } : {}), savedAtMs };
}

/** The latest record that any cluster holds; null where none does. */
export function newestRecord(states: Iterable<StateEntries>): SharedRecord | null {
  const records = [...states].flatMap((entries) => {
    const record = entries.get(RECORD_KEY) as SharedRecord | undefined;
    return record === undefined ? [] : [record];
  });
  return records.toSorted((a, b) => b.epoch - a.epoch || b.savedAtMs - a.savedAtMs)[0] ?? null;
}
