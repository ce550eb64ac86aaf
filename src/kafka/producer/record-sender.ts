import type { Acknowledgement, OutgoingRecord } from '../../app/ports/record-client.ts';
import { KmkError } from '../../domain/errors.ts';
import { partitionKey } from '../../domain/topic.ts';
import { abortable, pause } from '../client/abortable.ts';
import type { ClusterClient } from '../client/cluster-client.ts';
import { refusal } from '../client/failures.ts';
import { groupBy } from '../group-by.ts';
import type { Batch } from './batch.ts';
import type { BatchWriter } from './batch-writer.ts';
import { batchError, deliveryError, isOutOfStep, isWorthRetrying } from './delivery-errors.ts';
import { Lane } from './lane.ts';
import { partitionOfKey } from './partitioner.ts';
import { SendCall, sizeOf } from './send-call.ts';
import { TopicLeaders } from './topic-leaders.ts';

/** Requests in flight per broker; what is sent meanwhile collects into larger batches. */
const MOST_REQUESTS = 5;
/** Bytes without a key that stay on one partition (KIP-480, Java's batch.size). */
const STICKY_BYTES = 16_384;
const RECOVERY_PAUSE_MS = 100;
const UNKNOWN_TOPIC = 3;

/** Sends batches to the leaders of their partitions and tries again what may pass, until each batch's deadline. */
export class RecordSender {
  readonly #cluster: ClusterClient;
  readonly #writer: BatchWriter;
  readonly #deliveryTimeoutMs: number;
  readonly #leaders: TopicLeaders;
  readonly #lanes = new Map<string, Lane>();
  readonly #requests = new Map<number, number>();
  readonly #closed = new AbortController();
  /** By topic, when the records of the last call are in their lanes, or it has failed. */
  readonly #admitted = new Map<string, Promise<void>>();
  #sticky = { partition: 0, bytes: 0 };
  #pumpPlanned = false;
  #recovering = false;

  constructor(cluster: ClusterClient, writer: BatchWriter, deliveryTimeoutMs: number) {
    this.#cluster = cluster;
    this.#writer = writer;
    this.#deliveryTimeoutMs = deliveryTimeoutMs;
    this.#leaders = new TopicLeaders(cluster);
  }

  async send(
    topic: string,
    records: readonly OutgoingRecord[],
    signal?: AbortSignal,
  ): Promise<readonly Acknowledgement[]> {
    if (records.length === 0) return [];
    const admitted = this.#admit(topic, records, this.#admitted.get(topic), signal);
    this.#admitted.set(
      topic,
      admitted.then(
        () => undefined,
        () => undefined,
      ),
    );
    const call = await admitted;
    return abortable(call.outcome, signal);
  }

  /**
   * Puts the records into their lanes, behind those of earlier calls: who asks for the leaders when they have just become
   * known must not overtake those who still wait for an answer.
   */
  async #admit(
    topic: string,
    records: readonly OutgoingRecord[],
    earlier: Promise<void> | undefined,
    signal: AbortSignal | undefined,
  ): Promise<SendCall> {
    const { length: partitions } = await this.#partitionsOf(topic, signal);
    await earlier;
    const beyond = records.find(({ partition = 0 }) => partition < 0 || partition >= partitions);
    if (beyond !== undefined) {
      const text = `topic "${topic}" has partitions 0 to ${partitions - 1}, no partition ${beyond.partition ?? 0}`;
      throw new KmkError('KMK_USAGE', text, { context: { topic } });
    }
    const call = new SendCall();
    const nowMs = Date.now();
    const deadline = performance.now() + this.#deliveryTimeoutMs;
    for (const record of records) {
      call.add(record, this.#lane(topic, this.#partitionFor(record, partitions)), nowMs, deadline);
    }
    call.seal();
    this.#planPump();
    return call;
  }

  /** Fails what is still waiting. */
  close(): void {
    this.#closed.abort();
    for (const lane of this.#lanes.values()) {
      lane.expire(Infinity, (batch) =>
        batchError(new Error('the producer was closed'), batch, this.#cluster.bootstrap),
      );
    }
  }

  async #partitionsOf(topic: string, signal: AbortSignal | undefined): Promise<readonly number[]> {
    try {
      return await this.#leaders.of(topic, signal);
    } catch (error) {
      throw deliveryError(error, { topic, partition: 0 }, this.#cluster.bootstrap);
    }
  }

  #partitionFor(record: OutgoingRecord, partitions: number): number {
    if (record.partition !== undefined) return record.partition;
    if (record.key !== null) return partitionOfKey(record.key, partitions);
    if (this.#sticky.bytes >= STICKY_BYTES) this.#sticky = { partition: this.#sticky.partition + 1, bytes: 0 };
    this.#sticky.bytes += sizeOf(record);
    return this.#sticky.partition % partitions;
  }

  #lane(topic: string, partition: number): Lane {
    const key = partitionKey({ topic, partition });
    const known = this.#lanes.get(key);
    if (known !== undefined) return known;
    const lane = new Lane({ topic, partition });
    this.#lanes.set(key, lane);
    return lane;
  }

  /** Once per turn of the microtask queue, so that sends of one moment share a request. */
  #planPump(): void {
    if (this.#pumpPlanned) return;
    this.#pumpPlanned = true;
    queueMicrotask(() => {
      this.#pumpPlanned = false;
      this.#pump();
    });
  }

  #pump(): void {
    if (this.#recovering || this.#closed.signal.aborted) return;
    for (;;) {
      const taken: { lane: Lane; batch: Batch; leader: number }[] = [];
      for (const lane of this.#lanes.values()) {
        const leader = this.#leaders.leader(lane.at.topic, lane.at.partition);
        if ((this.#requests.get(leader) ?? 0) >= MOST_REQUESTS) continue;
        const batch = lane.take();
        if (batch !== undefined) taken.push({ lane, batch, leader });
      }
      if (taken.length === 0) return;
      for (const [leader, group] of groupBy(taken, (one) => one.leader)) void this.#dispatch(leader, group);
    }
  }

  async #dispatch(leader: number, group: readonly { lane: Lane; batch: Batch }[]): Promise<void> {
    this.#requests.set(leader, (this.#requests.get(leader) ?? 0) + 1);
    try {
      const results = await this.#writer.write(leader, group);
      for (const { lane, batch } of group) {
        const result = results.get(partitionKey(batch.at)) ?? {
          errorCode: UNKNOWN_TOPIC,
          baseOffset: -1n,
          message: null,
        };
        if (result.errorCode === 0) lane.acknowledged(batch, result.baseOffset);
        else this.#failed(lane, batch, refusal(result.errorCode, `write to topic "${batch.at.topic}"`, result.message));
      }
    } catch (error) {
      for (const { lane, batch } of group) this.#failed(lane, batch, error);
    } finally {
      this.#requests.set(leader, (this.#requests.get(leader) ?? 1) - 1);
      this.#planPump();
    }
  }

  #failed(lane: Lane, batch: Batch, error: unknown): void {
    const stale = isOutOfStep(error) && batch.built?.identity.producerId !== lane.identity?.producerId;
    if (stale) batch.built = null;
    const retry = stale || isWorthRetrying(error) || (isOutOfStep(error) && lane.hasFailed);
    if (retry && performance.now() < batch.deadline && !this.#closed.signal.aborted) {
      lane.retry(batch);
      void this.#recover(error);
    } else {
      lane.abandon(batch, batchError(error, batch, this.#cluster.bootstrap));
    }
  }

  /** Looks for the leaders until they are known; gives up batches whose time is over meanwhile. */
  async #recover(reason: unknown): Promise<void> {
    if (this.#recovering) return;
    this.#recovering = true;
    let last = reason;
    try {
      while ([...this.#lanes.values()].some((lane) => !lane.isIdle)) {
        await pause(RECOVERY_PAUSE_MS, this.#closed.signal);
        const now = performance.now();
        for (const lane of this.#lanes.values()) {
          lane.expire(now, (batch) => batchError(last, batch, this.#cluster.bootstrap));
        }
        try {
          await this.#leaders.refresh();
          return;
        } catch (error) {
          last = error;
          this.#failUnknown(error);
        }
      }
    } catch (error) {
      // Only `pause` throws: the producer was closed, and `close` failed what was waiting.
      if (!this.#closed.signal.aborted) throw error;
    } finally {
      this.#recovering = false;
      this.#planPump();
    }
  }

  /** A topic that is gone fails at once and must not hold up the others. */
  #failUnknown(error: unknown): void {
    if (!KmkError.is(error) || error.code !== 'KMK_TOPIC_UNKNOWN') return;
    const topic = String(error.context['topic']);
    this.#leaders.forget(topic);
    for (const lane of this.#lanes.values()) if (lane.at.topic === topic) lane.expire(Infinity, () => error);
  }
}
