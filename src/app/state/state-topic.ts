import type { EpochRecord, KnownEpochs, StateEntries } from '../../domain/cluster-state.ts';
import {
  EPOCH_KEY,
  epochOf,
  newestEpoch,
  RECORD_KEY,
  refuseSplitBrain,
  sharedOf,
  STATE_TOPIC,
  stateTransaction,
} from '../../domain/cluster-state.ts';
import { KmkError } from '../../domain/errors.ts';
import { clusterLayout } from '../../domain/lab/layout.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import type { OutgoingRecord } from '../ports/record-client.ts';

/** A cluster that does not answer is not waited for: a failover is what is done then. */
const READ_LIMIT_MS = 1500;
/** Another kmk that only looked who works here begins a transaction too, and fences this one. */
const MOST_ATTEMPTS = 5;
const RETRY_MS = 50;
/**
 * Who was fenced leaves the other one as much time as its own attempt took, and again: on slow brokers two that begin
 * anew at once would fence each other for ever.
 */
const RETRY_AFTER = 2;
/** Compaction leaves the newest segment alone, and every state that is read is read whole. Managed clusters take no less. */
const SEGMENT_MS = 600_000;
/** How long deleted keys stay behind: reading takes seconds at most. */
const TOMBSTONES_MS = 3_600_000;

/** The newest committed value of each key on that cluster; nothing where the topic does not exist. */
export async function readState(lab: Lab, alias: string, signal: AbortSignal): Promise<StateEntries> {
  const admin = await adminOf(lab, alias);
  const entries = new Map<string, unknown>();
  if ((await admin.logRanges([STATE_TOPIC], signal)).length === 0) return entries;
  const decoder = new TextDecoder();
  await admin.readPartition(
    { topic: STATE_TOPIC, partition: 0 },
    ({ key, value }) => {
      const name = decoder.decode(key ?? new Uint8Array());
      if (value === null) entries.delete(name);
      else entries.set(name, JSON.parse(decoder.decode(value)));
    },
    { signal },
  );
  return entries;
}

/** What each cluster of the lab holds; nothing of one that does not answer at once. */
export async function readStates(
  lab: Lab,
  signal: AbortSignal,
  limitMs = READ_LIMIT_MS,
): Promise<ReadonlyMap<string, StateEntries>> {
  const over = new AbortController();
  const limit = lab.tools.clock.sleep(limitMs, over.signal).catch(() => undefined);
  const none: StateEntries = new Map();
  try {
    const states = lab.layout.clusters.map(async ({ alias }): Promise<[string, StateEntries]> => {
      const read = readState(lab, alias, signal).catch((error: unknown) => {
        if (KmkError.is(error) && error.kind === 'dependency') return none;
        throw error;
      });
      return [alias, (await Promise.race([read, limit])) ?? none];
    });
    return new Map(await Promise.all(states));
  } finally {
    over.abort();
  }
}

export function epochsOf(states: ReadonlyMap<string, StateEntries>): KnownEpochs {
  return Object.fromEntries([...states].map(([alias, entries]) => [alias, epochOf(entries)]));
}

/** Creates the topic where it is missing. */
async function ensureStateTopic(lab: Lab, alias: string, signal: AbortSignal): Promise<void> {
  const admin = await adminOf(lab, alias);
  if ((await admin.logRanges([STATE_TOPIC], signal)).length > 0) return;
  const { replicationFactor } = clusterLayout(lab.layout, alias);
  const config = {
    'cleanup.policy': 'compact',
    'segment.ms': String(SEGMENT_MS),
    'delete.retention.ms': String(TOMBSTONES_MS),
  };
  await admin.createTopic({ topic: STATE_TOPIC, partitions: 1, replicationFactor, config }, signal);
}

/** New values by key; null deletes. */
export type Changes = Readonly<Record<string, unknown>>;

/**
 * One change of a cluster's state: `decide` sees what is committed and says what to write, or throws. Nobody else changes
 * it in between; who is fenced by somebody else's change begins anew.
 */
export async function changeState(
  lab: Lab,
  alias: string,
  decide: (entries: StateEntries) => Changes | Promise<Changes>,
  signal: AbortSignal,
): Promise<void> {
  await ensureStateTopic(lab, alias, signal);
  const admin = await adminOf(lab, alias);
  const request = { transactionalId: stateTransaction(lab.record.project), topic: STATE_TOPIC };
  const { clock } = lab.tools;
  for (let attempt = 1; ; attempt += 1) {
    const begunAt = clock.now();
    try {
      await admin.transact(
        request,
        async () => {
          const changes = await decide(await readState(lab, alias, signal));
          return Object.entries(changes).map(([key, value]) => entry(key, value));
        },
        signal,
      );
      return;
    } catch (error) {
      if (!isFenced(error) || attempt === MOST_ATTEMPTS) throw error;
      await clock.sleep(Math.max(RETRY_MS, RETRY_AFTER * (clock.now() - begunAt)) * attempt, signal);
    }
  }
}

/** A key without a value is deleted. */
export function entry(key: string, value: unknown): OutgoingRecord {
  return { key, value: value === null ? null : JSON.stringify(value), partition: 0 };
}

function isFenced(error: unknown): boolean {
  const name = KmkError.is(error) ? String(error.context['error']) : '';
  return ['PRODUCER_FENCED', 'INVALID_PRODUCER_EPOCH', 'CONCURRENT_TRANSACTIONS', 'INVALID_TXN_STATE'].includes(name);
}

/**
 * Tells the cluster who is active, as the lab record has it, and reads it back. Throws KMK_SPLIT_BRAIN_RISK where it was
 * told of a later move.
 */
export async function tellEpoch(lab: Lab, alias: string, signal: AbortSignal): Promise<void> {
  const { project, epoch, active } = lab.record;
  const told: EpochRecord = {
    schema: 'kmk.epoch/v1',
    ...{ project, epoch, active },
    at: new Date(lab.tools.clock.now()).toISOString(),
  };
  const decide = (entries: StateEntries): Changes => {
    const known = epochOf(entries);
    refuseSplitBrain(lab.record, { [alias]: known });
    return known?.epoch === epoch
      ? {}
      : { [EPOCH_KEY]: told, [RECORD_KEY]: sharedOf(lab.record, lab.tools.clock.now()) };
  };
  await changeState(lab, alias, decide, signal);
  const now = epochOf(await readState(lab, alias, signal));
  if (now?.epoch === epoch && now.active === active) return;
  throw new KmkError(
    'KMK_SPLIT_BRAIN_RISK',
    `"${alias}" was told of another move meanwhile: epoch ${now?.epoch ?? 0}`,
    {
      hints: ['Run `kmk status` on both machines: only one may move clients.'],
    },
  );
}

/** Tells every cluster that answers; one that does not counts as fenced, and is told when it returns. */
export async function spreadEpoch(lab: Lab, signal: AbortSignal): Promise<void> {
  await Promise.all(
    lab.layout.clusters.map(async ({ alias }) => {
      try {
        await tellEpoch(lab, alias, signal);
      } catch (error) {
        if (!KmkError.is(error) || error.kind !== 'dependency') throw error;
      }
    }),
  );
}

/** The epoch of a lab on storage that may have been another's before: above all that its clusters were told. */
export async function firstEpoch(lab: Lab, signal: AbortSignal): Promise<number> {
  return (newestEpoch(epochsOf(await readStates(lab, signal)))?.epoch ?? 0) + 1;
}
