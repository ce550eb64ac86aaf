import type { GroupDescription, GroupListing } from '../../domain/consumer-group.ts';
import type { AclRule } from '../../domain/fence.ts';
import type {
  CommittedOffset,
  LogRange,
  TopicDescription,
  TopicPartition,
  TopicPartitionOffset,
} from '../../domain/topic.ts';
import type { LogScan, ScanOptions } from './log-scan.ts';
import type { OutgoingRecord } from './record-client.ts';
import type { StoredRecord } from './stored-record.ts';

export interface ClusterDescription {
  readonly clusterId: string;
  readonly controllerId: number | null;
  readonly brokers: readonly { readonly id: number; readonly host: string; readonly port: number }[];
}

/** A producer with idempotence or transactions that has written to a partition lately (`producer.id.expiration.ms`). */
export interface ActiveProducer {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  /** Epoch ms of its last write. */
  readonly lastTimestampMs: number;
  /** First offset of the transaction that it has open there; null without one. */
  readonly openSince: bigint | null;
}

/**
 * Administration of one cluster. Errors are KmkError: KMK_KAFKA_UNREACHABLE when no broker answers within the
 * fast-fail profile (about 3 s for a frozen broker, 0.1 s for a stopped one), KMK_KAFKA_REQUEST with the Kafka error
 * name in context.error otherwise.
 */
export interface KafkaAdmin extends AsyncDisposable {
  describeCluster(signal?: AbortSignal): Promise<ClusterDescription>;
  /** Release of the brokers as far as their API versions tell, for example "4.3"; null when unknown. */
  brokerVersion(signal?: AbortSignal): Promise<string | null>;

  listTopics(signal?: AbortSignal): Promise<readonly string[]>;
  describeTopics(topics: readonly string[], signal?: AbortSignal): Promise<readonly TopicDescription[]>;
  /** True when it was created, false when it existed. Waits until the topic has leaders. */
  createTopic(topic: NewTopic, signal?: AbortSignal): Promise<boolean>;
  deleteTopics(topics: readonly string[], signal?: AbortSignal): Promise<void>;
  /** Ids by name, as base64url; topics that do not exist, or whose broker has none (before 2.8), are left out. */
  topicIds(topics: readonly string[], signal?: AbortSignal): Promise<ReadonlyMap<string, string>>;
  /** Only overrides set on the topic itself (source DYNAMIC_TOPIC_CONFIG). */
  topicOverrides(topic: string, signal?: AbortSignal): Promise<Readonly<Record<string, string>>>;
  /** Every setting in force, defaults included. Throws KMK_TOPIC_UNKNOWN. */
  topicSettings(topic: string, signal?: AbortSignal): Promise<Readonly<Record<string, string>>>;
  /** Incremental: keys not named stay as they are (KIP-339). */
  setTopicConfig(topic: string, entries: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<void>;
  /** The level of a logger on every broker, until its restart (KIP-412); null: that of its parent. */
  setBrokerLogger(logger: string, level: 'DEBUG' | null, signal?: AbortSignal): Promise<void>;
  /** Start and end of each partition; unknown topics are left out. Bulk: one request per leader. */
  logRanges(topics: readonly string[], signal?: AbortSignal): Promise<readonly LogRange[]>;
  /** As `logRanges`, with the ends that a read_committed reader sees: before the first open transaction. */
  committedRanges(topics: readonly string[], signal?: AbortSignal): Promise<readonly LogRange[]>;
  /** First offset with a timestamp at or after `timestampMs`, else the log end. */
  offsetsAtTime(topic: string, timestampMs: number, signal?: AbortSignal): Promise<readonly TopicPartitionOffset[]>;
  /** Producers that the partition's leader knows; none for a partition that does not exist. */
  describeProducers(at: TopicPartition, signal?: AbortSignal): Promise<readonly ActiveProducer[]>;

  listGroups(signal?: AbortSignal): Promise<readonly GroupListing[]>;
  /** Right for classic and KIP-848 groups; a group that does not exist has exists=false and state "Dead". */
  describeGroup(group: string, signal?: AbortSignal): Promise<GroupDescription>;
  /** As `describeGroup`, in the order of the names: for hundreds of groups at once. */
  describeGroups(groups: readonly string[], signal?: AbortSignal): Promise<readonly GroupDescription[]>;
  /** Committed offsets; partitions without one are left out. */
  groupOffsets(group: string, signal?: AbortSignal): Promise<readonly CommittedOffset[]>;
  /**
   * Commits for a group without live members (OffsetCommit with generation -1), reads back and compares.
   * Throws KMK_GROUP_ACTIVE when it has members.
   */
  commitOffsets(group: string, offsets: readonly CommittedOffset[], signal?: AbortSignal): Promise<void>;
  deleteGroupOffsets(group: string, partitions: readonly TopicPartition[], signal?: AbortSignal): Promise<void>;
  deleteGroup(group: string, signal?: AbortSignal): Promise<void>;
  /**
   * Ends the membership of processes that are gone, as they would have done themselves (LeaveGroup, KIP-345): the others
   * need not wait for their session to expire. One that the group does not know is passed over. Classic groups only.
   */
  removeMembers(group: string, memberIds: readonly string[], signal?: AbortSignal): Promise<void>;

  createAcls(rules: readonly AclRule[], signal?: AbortSignal): Promise<void>;
  deleteAcls(rules: readonly AclRule[], signal?: AbortSignal): Promise<void>;
  listAcls(signal?: AbortSignal): Promise<readonly AclRule[]>;

  /**
   * One transaction: fences every other user of the id, then asks `decide` what to write into partition 0 of the topic
   * (nothing: it is given up), and commits that. Two of this process and one id come one after the other. Throws KMK_KAFKA_REQUEST with context.error PRODUCER_FENCED or
   * INVALID_PRODUCER_EPOCH where somebody else has begun one since; nothing was written then.
   */
  transact(
    request: { readonly transactionalId: string; readonly topic: string },
    decide: () => Promise<readonly OutgoingRecord[]>,
    signal?: AbortSignal,
  ): Promise<void>;

  /**
   * The records of one partition from `from` (default: log start) up to `to` (default: the end found at the start), those
   * of open and aborted transactions only where asked for.
   */
  readPartition(
    at: TopicPartition,
    onRecord: (record: StoredRecord) => void,
    options?: ReadOptions,
  ): Promise<{ readonly next: bigint }>;
  /** Starts reading one partition for comparison. */
  scan(at: TopicPartition, options: ScanOptions): LogScan;
}

export interface NewTopic {
  readonly topic: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly config?: Readonly<Record<string, string>>;
}

export interface ReadOptions {
  readonly from?: bigint;
  /** The first offset that is left out. */
  readonly to?: bigint;
  readonly uncommitted?: boolean;
  readonly signal?: AbortSignal;
}
