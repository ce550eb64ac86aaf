/** A topic and one of its partitions, as every Kafka tool prints it: `orders-3`. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface TopicPartitionOffset extends TopicPartition {
  readonly offset: bigint;
}

/** A committed position as the group's coordinator keeps it. */
export interface CommittedOffset extends TopicPartitionOffset {
  /** Leader epoch of the last record read; absent where the committer told none. */
  readonly leaderEpoch?: number;
  /** The committer's own note; absent where it is empty. */
  readonly metadata?: string;
}

/** A map key for a topic partition. A topic name cannot contain "/" so the key is unambiguous. */
export function partitionKey(at: TopicPartition): string {
  return `${at.topic}/${at.partition}`;
}

/** The topic partition of a `partitionKey`. */
export function partitionOfKey(key: string): TopicPartition {
  const at = key.lastIndexOf('/');
  return { topic: key.slice(0, at), partition: Number(key.slice(at + 1)) };
}

export interface TopicDescription {
  readonly name: string;
  readonly partitions: readonly {
    readonly partition: number;
    readonly leader: number;
    readonly replicas: readonly number[];
    readonly isr: readonly number[];
  }[];
}

/** Log start (first offset still there) and log end (offset the next record will get) of one partition. */
export interface LogRange extends TopicPartition {
  readonly start: bigint;
  readonly end: bigint;
}

/** Whether Kafka takes the text for a topic's name (org.apache.kafka.common.internals.Topic.validate). */
export function isTopicName(text: string): boolean {
  return /^[a-zA-Z0-9._-]{1,249}$/.test(text) && text !== '.' && text !== '..';
}
