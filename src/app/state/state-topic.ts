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
import type { JoinedState } from '../../domain/state-parts.ts';
import { changeOf, joinParts, LONGEST_VALUE } from '../../domain/state-parts.ts';
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
/** Kafka's default of `message.max.bytes`; batches of kmk's producer are shorter. */
const MOST_BATCH_BYTES = 1_048_588;
/** A producer counts three bytes for each character of a record, and wants it in one batch. */
const BATCH_SHARE = 4;
/** In bytes, of ASCII; no topic has a limit as low. */
const ALWAYS_FITS = 16 * 1024;

/** The newest committed value of each key on that cluster; nothing where the topic does not exist. */
export async function readState(lab: Lab, alias: string, signal: AbortSignal): Promise<StateEntries> {
  return (await readWholeState(lab, alias, signal)).entries;
}

/** The same without copies of runs, which are long, and which who only asks for the lease or the epoch can do without. */
export async function readShortState(lab: Lab, alias: string, signal: AbortSignal): Promise<JoinedState> {
  return readWholeState(lab, alias, signal, (key) => !/^(?:journal|facts)\//.test(key));
}

/** Values and the keys of their parts, of the keys that are wanted. */
export async function readWholeState(
  lab: Lab,
  alias: string,
  signal: AbortSignal,
  wanted: (key: string) => boolean = () => true,
): Promise<JoinedState> {
  const admin = await adminOf(lab, alias);
  const newest = new Map<string, Uint8Array>();
  if ((await admin.logRanges([STATE_TOPIC], signal)).length === 0) return { entries: new Map(), parts: new Map() };
  const decoder = new TextDecoder();
  await admin.readPartition(
    { topic: STATE_TOPIC, partition: 0 },
    ({ key, value }) => {
      const name = decoder.decode(key ?? new Uint8Array());
      if (!wanted(name)) return;
      newest.delete(name);
      if (value !== null) newest.set(name, value.slice());
    },
    { signal },
  );
  // Most values have been overwritten many times: only the last of each is parsed.
  return joinParts(new Map([...newest].map(([key, value]) => [key, JSON.parse(decoder.decode(value)) as unknown])));
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
    // Whatever the brokers' own limit is: a value is never longer than LONGEST_VALUE, a batch than a few of them.
    'max.message.bytes': String(MOST_BATCH_BYTES),
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
          const { entries, parts } = await readShortState(lab, alias, signal);
          const texts = Object.entries(await decide(entries)).map(
            ([key, value]) => [key, value === null ? null : JSON.stringify(value)] as const,
          );
          const isLong = texts.some(([, text]) => text !== null && text.length > ALWAYS_FITS);
          const longest = isLong ? await longestValue(lab, alias, signal) : LONGEST_VALUE;
          return texts.flatMap(([key, text]) => changesOf(key, text, { old: parts.get(key), longest }));
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

/** The longest value that a record of the topic may have on that cluster, in bytes: its limit of a batch is asked for. */
export async function longestValue(lab: Lab, alias: string, signal: AbortSignal): Promise<number> {
  const { 'max.message.bytes': limit } = await (await adminOf(lab, alias)).topicSettings(STATE_TOPIC, signal);
  return Math.min(LONGEST_VALUE, Math.floor(Number(limit ?? MOST_BATCH_BYTES) / BATCH_SHARE));
}

/** What is known of a key before it is changed. */
export interface Before {
  /** Keys of the parts of its value. */
  readonly old: readonly string[] | undefined;
  /** The longest value of one record, in bytes. */
  readonly longest: number;
}

/** The records that give a key a value, as JSON text, in parts where it is long; null deletes it. */
export function changesOf(key: string, text: string | null, { old, longest }: Before): readonly OutgoingRecord[] {
  return changeOf(key, text, old, longest).map((record) => ({ key: record.key, value: record.text, partition: 0 }));
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
  const now = epochOf((await readShortState(lab, alias, signal)).entries);
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
