import type { ClusterClient } from '../client/cluster-client.ts';
import { check, refusal } from '../client/failures.ts';
import { errorName } from '../wire/errors.ts';
import { unknownTopic } from '../admin/topics.ts';

const LEADER_NOT_AVAILABLE = 5;

/** Leaders by topic and partition, kept until `refresh`. */
export class TopicLeaders {
  readonly #cluster: ClusterClient;
  readonly #leaders = new Map<string, readonly number[]>();

  constructor(cluster: ClusterClient) {
    this.#cluster = cluster;
  }

  /** Leader of each partition, by index; -1 where there is none. Throws KMK_TOPIC_UNKNOWN. */
  of(topic: string, signal?: AbortSignal): readonly number[] | Promise<readonly number[]> {
    return this.#leaders.get(topic) ?? this.#cluster.retrying(signal, () => this.#load(topic));
  }

  leader(topic: string, partition: number): number {
    return this.#leaders.get(topic)?.[partition] ?? -1;
  }

  /** Asks anew for every topic in use; a topic that is gone makes it throw KMK_TOPIC_UNKNOWN. */
  async refresh(): Promise<void> {
    for (const topic of [...this.#leaders.keys()]) {
      const leaders = await this.#load(topic);
      if (leaders.includes(-1)) throw refusal(LEADER_NOT_AVAILABLE, `write to topic "${topic}"`, null, { topic });
    }
  }

  forget(topic: string): void {
    this.#leaders.delete(topic);
  }

  async #load(topic: string): Promise<readonly number[]> {
    const [found] = (await this.#cluster.metadata([topic])).topics;
    if (found === undefined || errorName(found.errorCode) === 'UNKNOWN_TOPIC_OR_PARTITION') throw unknownTopic(topic);
    check(found.errorCode, `write to topic "${topic}"`, null, { topic });
    const leaders: number[] = [];
    for (const { partitionIndex, leaderId } of found.partitions) leaders[partitionIndex] = leaderId;
    this.#leaders.set(topic, leaders);
    return leaders;
  }
}
