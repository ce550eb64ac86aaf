import type { StoredRecord } from '../../app/ports/stored-record.ts';
import type { TopicPartition } from '../../domain/topic.ts';
import { partitionKey } from '../../domain/topic.ts';
import type { Isolation } from '../admin/log-offsets.ts';
import { leadersOf, partitionRange } from '../admin/log-offsets.ts';
import { unknownTopic } from '../admin/topics.ts';
import type { ClusterClient } from '../client/cluster-client.ts';
import { check } from '../client/failures.ts';
import type { BrokerLink } from '../client/link.ts';
import { groupBy } from '../group-by.ts';
import type { FetchResponse } from '../wire/api/fetch.ts';
import { FETCH } from '../wire/api/fetch.ts';
import { errorName } from '../wire/errors.ts';
import type { BatchView } from './batch-reader.ts';
import { batchesOf, recordsOf } from './batch-reader.ts';
import { dataBatches } from './transaction-filter.ts';

/** How long the broker holds an empty answer back. */
const MAX_WAIT_MS = 500;
const FETCH_TIMEOUT_MS = MAX_WAIT_MS + 3000;
const MAX_BYTES = 32 * 1024 * 1024;
const MAX_PARTITION_BYTES = 2 * 1024 * 1024;

/** Where a partition is read: `offset` is the next to deliver; reading ends before `end` where there is one. */
export interface ReadPosition extends TopicPartition {
  offset: bigint;
  readonly end: bigint | null;
}

/** Answers "stop" to end the reading; a promise is awaited before the next record of the same broker. */
type OnRecord = (record: StoredRecord) => unknown;

export interface ReadRequest {
  readonly positions: readonly ReadPosition[];
  readonly isolation: Isolation;
  readonly onRecord: OnRecord;
  /** Awaited after the records of one partition in one response. */
  readonly onDelivered?: (position: ReadPosition) => Promise<void>;
  readonly signal?: AbortSignal | undefined;
}

/** A position and how far its fetches are ahead of what was delivered. */
interface Fetching {
  readonly position: ReadPosition;
  ahead: bigint;
}

/** What a response holds for one partition. */
interface Fetched {
  readonly position: ReadPosition;
  readonly batches: readonly BatchView[];
  /** Offset after the last batch, data or not. */
  readonly next: bigint;
}

/**
 * Reads `positions` until all ends are reached, `onRecord` answers "stop" or the signal aborts; moves each position
 * along. Throws KmkError, abortError of the signal included.
 */
export async function readPositions(cluster: ClusterClient, request: ReadRequest): Promise<void> {
  const { positions, signal } = request;
  await cluster.retrying(signal, async (_attempt, progressed) => {
    const open = positions.filter((position) => !isAtEnd(position));
    const state = { over: false };
    const ended = () => state.over || signal?.aborted === true;
    const loops = [...(await byLeader(cluster, open))].map(async ([nodeId, led]) => {
      const link = await cluster.node(nodeId);
      const loop = new LeaderLoop(cluster, link, request, ended);
      if (await loop.run(led, progressed)) state.over = true;
    });
    try {
      await firstStopOrAll(loops, () => state.over);
    } finally {
      state.over = true;
    }
  });
}

/** Resolves when all are done or one of them set the state to over. */
async function firstStopOrAll(loops: readonly Promise<void>[], isOver: () => boolean): Promise<void> {
  const stopped = loops.map((loop) => loop.then(() => (isOver() ? true : new Promise<never>(() => undefined))));
  await Promise.race([Promise.all(loops), ...stopped]);
}

function isAtEnd(position: ReadPosition, offset = position.offset): boolean {
  return position.end !== null && offset >= position.end;
}

async function byLeader(cluster: ClusterClient, positions: readonly ReadPosition[]) {
  const leaders = await leadersOf(cluster, [...new Set(positions.map(({ topic }) => topic))]);
  const leaderOf = new Map([...leaders].flatMap(([id, led]) => led.map((at) => [partitionKey(at), id] as const)));
  return groupBy(positions, (position) => {
    const leader = leaderOf.get(partitionKey(position));
    if (leader === undefined) throw unknownTopic(position.topic);
    return leader;
  });
}

/** Fetches from one broker, one request ahead of the records being delivered. */
class LeaderLoop {
  readonly #cluster: ClusterClient;
  readonly #link: BrokerLink;
  readonly #request: ReadRequest;
  readonly #ended: () => boolean;

  constructor(cluster: ClusterClient, link: BrokerLink, request: ReadRequest, ended: () => boolean) {
    this.#cluster = cluster;
    this.#link = link;
    this.#request = request;
    this.#ended = ended;
  }

  /** True when `onRecord` answered "stop". */
  async run(positions: readonly ReadPosition[], progressed: () => void): Promise<boolean> {
    let open = positions.map((position): Fetching => ({ position, ahead: position.offset }));
    let response = this.#fetch(open);
    for (;;) {
      const fetched = await this.#take(open, await response);
      progressed();
      const empty = new Set(open);
      // Partitions that gave data go to the end of the next request, or the first ones would starve the others.
      for (const { position } of fetched) {
        const served = open.find((candidate) => candidate.position === position);
        if (served !== undefined) empty.delete(served);
      }
      open = [...empty, ...open.filter((candidate) => !empty.has(candidate))];
      open = open.filter(({ position, ahead }) => !isAtEnd(position, ahead));
      if (open.length > 0 && !this.#ended()) {
        response = this.#fetch(open);
        response.catch(() => undefined);
      }
      for (const part of fetched) {
        const stop = await this.#deliver(part);
        await this.#request.onDelivered?.(part.position);
        if (stop) return true;
      }
      if (open.length === 0 || this.#ended()) return false;
    }
  }

  #fetch(open: readonly Fetching[]): Promise<FetchResponse> {
    const topics = groupBy(open, ({ position }) => position.topic);
    return this.#link.request(
      FETCH,
      {
        replicaId: -1,
        maxWaitMs: MAX_WAIT_MS,
        minBytes: 1,
        maxBytes: MAX_BYTES,
        isolationLevel: this.#request.isolation,
        topics: [...topics].map(([topic, partitions]) => ({
          topic,
          partitions: partitions.map(({ position, ahead }) => ({
            ...{ partition: position.partition, fetchOffset: ahead, partitionMaxBytes: MAX_PARTITION_BYTES },
          })),
        })),
      },
      { timeoutMs: FETCH_TIMEOUT_MS },
    );
  }

  /** Moves the fetch positions along and returns the data. */
  async #take(open: readonly Fetching[], response: FetchResponse): Promise<readonly Fetched[]> {
    check(response.errorCode, 'fetch records');
    const byKey = new Map(open.map((fetching) => [partitionKey(fetching.position), fetching]));
    const fetched: Fetched[] = [];
    for (const { topic, partitions } of response.responses) {
      for (const { partitionIndex: partition, errorCode, abortedTransactions, records } of partitions) {
        const fetching = byKey.get(partitionKey({ topic, partition }));
        if (fetching === undefined) continue;
        const { position } = fetching;
        if (errorName(errorCode) === 'OFFSET_OUT_OF_RANGE') await this.#skipToStart(fetching, errorCode);
        else check(errorCode, `read ${topic}-${partition}`, null, { topic, partition });
        const batches = batchesOf(records);
        const last = batches.at(-1);
        if (last === undefined) continue;
        fetching.ahead = last.lastOffset + 1n;
        fetched.push({ position, batches: dataBatches(batches, abortedTransactions), next: fetching.ahead });
      }
    }
    return fetched;
  }

  /** Records before the log start are gone (retention); a position beyond the end is an error of the caller. */
  async #skipToStart(fetching: Fetching, errorCode: number): Promise<void> {
    const { position } = fetching;
    const { topic, partition } = position;
    const { start } = await partitionRange(this.#cluster, position, this.#request.isolation);
    if (start <= fetching.ahead) check(errorCode, `read ${topic}-${partition}`, `offset ${fetching.ahead}`, { topic });
    fetching.ahead = start;
    position.offset = start;
  }

  async #deliver({ position, batches, next }: Fetched): Promise<boolean> {
    for (const batch of batches) {
      const records = await recordsOf(batch, position, position.offset);
      for (const record of records) {
        if (this.#ended()) return false;
        if (position.end !== null && record.offset >= position.end) {
          position.offset = position.end;
          return false;
        }
        const answer = this.#request.onRecord(record);
        const stop = (answer instanceof Promise ? await answer : answer) === 'stop';
        position.offset = record.offset + 1n;
        if (stop) return true;
      }
    }
    if (next > position.offset) position.offset = next;
    return false;
  }
}
