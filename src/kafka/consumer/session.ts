import type { StoredRecord } from '../../app/ports/stored-record.ts';
import type { SubscribeOptions } from '../../app/ports/record-client.ts';
import type { TopicPartition, TopicPartitionOffset } from '../../domain/topic.ts';
import { partitionKey } from '../../domain/topic.ts';
import { logRanges, READ_COMMITTED } from '../admin/log-offsets.ts';
import { abortable, pause } from '../client/abortable.ts';
import type { ClusterClient } from '../client/cluster-client.ts';
import type { ReadPosition } from '../records/partition-reader.ts';
import { readPositions } from '../records/partition-reader.ts';
import type { GroupMember } from './group-member.ts';

/** Short, so that a rebalance is noticed soon. */
const HEARTBEAT_INTERVAL_MS = 1000;

/** One membership between two rebalances: reads the assigned partitions, commits, and keeps the heart beating. */
export class Session {
  readonly #cluster: ClusterClient;
  readonly #member: GroupMember;
  readonly #options: SubscribeOptions;
  readonly #committed = new Map<string, bigint>();
  /** Records whose processing has begun and not ended. */
  readonly #processing = new Set<Promise<void>>();
  #positions: readonly ReadPosition[] = [];
  #committing: Promise<unknown> = Promise.resolve();
  #lastCommitAt = performance.now();

  constructor(cluster: ClusterClient, member: GroupMember, options: SubscribeOptions) {
    this.#cluster = cluster;
    this.#member = member;
    this.#options = options;
  }

  /** Runs until the signal aborts or a failure ends the membership; the failure is thrown. */
  async run(partitions: readonly TopicPartition[], signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const either = AbortSignal.any([signal, over.signal]);
    const tasks = [this.#beat(either), this.#commitRegularly(either), this.#read(partitions, either)];
    try {
      await Promise.race(tasks);
    } finally {
      over.abort();
      await Promise.allSettled(tasks);
    }
  }

  /** Commits what was processed and not committed yet. One commit at a time: an older one must not come after a newer. */
  async commit(signal: AbortSignal): Promise<void> {
    const commit = this.#committing.then(() => this.#commitMoved(signal));
    this.#committing = commit.catch(() => undefined);
    await commit;
  }

  /** The last commit: waits, as long as the signal allows, for the records that are being processed. */
  async conclude(signal: AbortSignal): Promise<void> {
    await abortable(Promise.allSettled(this.#processing), signal).catch(() => undefined);
    await this.commit(signal);
  }

  async #commitMoved(signal: AbortSignal): Promise<void> {
    const moved = this.#positions.filter((at) => this.#committed.get(partitionKey(at)) !== at.offset);
    const offsets = moved.map(({ topic, partition, offset }): TopicPartitionOffset => ({ topic, partition, offset }));
    this.#lastCommitAt = performance.now();
    if (offsets.length === 0) return;
    await this.#member.commit(offsets, signal);
    for (const at of offsets) this.#committed.set(partitionKey(at), at.offset);
    this.#options.onCommit?.(offsets);
  }

  async #beat(signal: AbortSignal): Promise<never> {
    for (;;) {
      await pause(HEARTBEAT_INTERVAL_MS, signal);
      await this.#member.heartbeat(signal);
    }
  }

  async #commitRegularly(signal: AbortSignal): Promise<never> {
    for (;;) {
      await pause(Math.max(this.#options.commitIntervalMs, 100), signal);
      if (performance.now() - this.#lastCommitAt >= this.#options.commitIntervalMs) await this.commit(signal);
    }
  }

  async #read(partitions: readonly TopicPartition[], signal: AbortSignal): Promise<void> {
    this.#positions = await this.#startPositions(partitions, signal);
    // A member without partitions waits for the next rebalance.
    if (partitions.length === 0) return untilAborted(signal);
    const everyBatch = this.#options.commitIntervalMs === 0;
    await readPositions(this.#cluster, {
      positions: this.#positions,
      isolation: READ_COMMITTED,
      onRecord: (record) => this.#process(record),
      ...(everyBatch ? { onDelivered: () => this.commit(signal) } : {}),
      signal,
    });
  }

  /** The position is moved as soon as the record is processed, also where the reading was given up meanwhile. */
  #process(record: StoredRecord): void | Promise<void> {
    const answer = this.#options.onRecord(record);
    if (!(answer instanceof Promise)) return;
    const processed = answer.then(() => {
      const position = this.#positions.find((at) => partitionKey(at) === partitionKey(record));
      if (position !== undefined) position.offset = record.offset + 1n;
    });
    this.#processing.add(processed);
    const over = (): void => void this.#processing.delete(processed);
    processed.then(over, over);
    return processed;
  }

  async #startPositions(partitions: readonly TopicPartition[], signal: AbortSignal): Promise<readonly ReadPosition[]> {
    const stored = await this.#member.committed(partitions, signal);
    const offsets = new Map(stored.map((at) => [partitionKey(at), at.offset]));
    for (const at of stored) this.#committed.set(partitionKey(at), at.offset);
    const missing = partitions.filter((at) => !offsets.has(partitionKey(at)));
    for (const range of await logRanges(this.#cluster, [...new Set(missing.map((at) => at.topic))], signal)) {
      const key = partitionKey(range);
      if (!offsets.has(key)) offsets.set(key, this.#options.fromBeginning ? range.start : range.end);
    }
    return partitions.map((at) => ({ ...at, offset: offsets.get(partitionKey(at)) ?? 0n, end: null }));
  }
}

async function untilAborted(signal: AbortSignal): Promise<never> {
  for (;;) await pause(60_000, signal);
}
