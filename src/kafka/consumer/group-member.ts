import type { TopicPartition, TopicPartitionOffset } from '../../domain/topic.ts';
import { partitionKey } from '../../domain/topic.ts';
import type { Coordinators } from '../admin/coordinators.ts';
import { fetchOffsets } from '../admin/group-offsets.ts';
import { unknownTopic } from '../admin/topics.ts';
import { abortable } from '../client/abortable.ts';
import type { ClusterClient } from '../client/cluster-client.ts';
import { check } from '../client/failures.ts';
import { groupBy } from '../group-by.ts';
import { HEARTBEAT } from '../wire/api/heartbeat.ts';
import type { JoinGroupResponse } from '../wire/api/join-group.ts';
import { JOIN_GROUP } from '../wire/api/join-group.ts';
import { LEAVE_GROUP } from '../wire/api/leave-group.ts';
import { OFFSET_COMMIT } from '../wire/api/offset-commit.ts';
import { SYNC_GROUP } from '../wire/api/sync-group.ts';
import { errorName } from '../wire/errors.ts';
import { ASSIGNORS } from './assignors.ts';
import { decodeAssignment, decodeSubscription, encodeAssignment, encodeSubscription } from './group-protocol.ts';

/** Above the least that brokers allow (6 s); a killed member holds its partitions so long. */
const SESSION_TIMEOUT_MS = 10_000;
/** How long the others may take to rejoin. */
const REBALANCE_TIMEOUT_MS = 10_000;
const JOIN_TIMEOUT_MS = REBALANCE_TIMEOUT_MS + 3000;
const PROTOCOL_TYPE = 'consumer';

/** This process as a member of a classic consumer group. */
export class GroupMember {
  readonly #cluster: ClusterClient;
  readonly #coordinators: Coordinators;
  readonly #group: string;
  readonly #topics: readonly string[];
  #memberId = '';
  #generation = -1;

  constructor(cluster: ClusterClient, coordinators: Coordinators, group: string, topics: readonly string[]) {
    this.#cluster = cluster;
    this.#coordinators = coordinators;
    this.#group = group;
    this.#topics = topics;
  }

  /** Joins or rejoins and returns the partitions this member got. Throws KMK_TOPIC_UNKNOWN. */
  async join(signal: AbortSignal): Promise<readonly TopicPartition[]> {
    await this.#cluster.retrying(signal, () => this.#partitionCounts(this.#topics));
    const joined = await this.#coordinators.with(this.#group, signal, (link) => this.#joinOnce(link));
    this.#generation = joined.generationId;
    const assignments = joined.leader === this.#memberId ? await abortable(this.#assign(joined), signal) : [];
    return this.#coordinators.with(this.#group, signal, async (link) => {
      const { errorCode, assignment } = await link.request(
        SYNC_GROUP,
        {
          ...this.#identity(),
          protocolType: PROTOCOL_TYPE,
          protocolName: joined.protocolName,
          assignments,
        },
        { timeoutMs: JOIN_TIMEOUT_MS },
      );
      check(errorCode, `join group "${this.#group}"`);
      return decodeAssignment(assignment);
    });
  }

  async heartbeat(signal: AbortSignal): Promise<void> {
    await this.#coordinators.with(this.#group, signal, async (link) => {
      check((await link.request(HEARTBEAT, this.#identity())).errorCode, `stay in group "${this.#group}"`);
    });
  }

  /** Committed offsets of the partitions; those without one are left out. */
  async committed(
    partitions: readonly TopicPartition[],
    signal: AbortSignal,
  ): Promise<readonly TopicPartitionOffset[]> {
    const mine = new Set(partitions.map(partitionKey));
    const offsets = await this.#coordinators.with(this.#group, signal, (link) => fetchOffsets(link, this.#group));
    return offsets.filter((at) => mine.has(partitionKey(at)));
  }

  async commit(offsets: readonly TopicPartitionOffset[], signal: AbortSignal): Promise<void> {
    const { groupId, generationId: generationIdOrMemberEpoch, memberId } = this.#identity();
    await this.#coordinators.with(this.#group, signal, async (link) => {
      const { topics } = await link.request(OFFSET_COMMIT, {
        ...{ groupId, generationIdOrMemberEpoch, memberId },
        topics: [...groupBy(offsets, (at) => at.topic)].map(([name, partitions]) => ({
          name,
          partitions: partitions.map(({ partition, offset }) => ({
            ...{ partitionIndex: partition, committedOffset: offset, committedMetadata: '' },
          })),
        })),
      });
      const what = `commit offsets of group "${this.#group}"`;
      for (const { partitions } of topics) for (const { errorCode } of partitions) check(errorCode, what);
    });
  }

  async leave(signal: AbortSignal): Promise<void> {
    if (this.#memberId === '') return;
    const memberId = this.#memberId;
    await this.#coordinators.with(this.#group, signal, async (link) => {
      await link.request(LEAVE_GROUP, { groupId: this.#group, memberId, members: [{ memberId }] });
    });
    this.forget();
  }

  /** The coordinator no longer knows this member: the next join is a first one. */
  forget(): void {
    this.#memberId = '';
    this.#generation = -1;
  }

  #identity() {
    return { groupId: this.#group, generationId: this.#generation, memberId: this.#memberId };
  }

  async #joinOnce(link: Parameters<Parameters<Coordinators['with']>[2]>[0]): Promise<JoinGroupResponse> {
    const metadata = encodeSubscription(this.#topics);
    for (;;) {
      const response = await link.request(
        JOIN_GROUP,
        {
          groupId: this.#group,
          sessionTimeoutMs: SESSION_TIMEOUT_MS,
          rebalanceTimeoutMs: REBALANCE_TIMEOUT_MS,
          memberId: this.#memberId,
          protocolType: PROTOCOL_TYPE,
          protocols: Object.keys(ASSIGNORS).map((name) => ({ name, metadata })),
        },
        { timeoutMs: JOIN_TIMEOUT_MS },
      );
      this.#memberId = response.memberId;
      // KIP-394: the first join only hands out the member id.
      if (errorName(response.errorCode) === 'MEMBER_ID_REQUIRED') continue;
      check(response.errorCode, `join group "${this.#group}"`, null, { group: this.#group });
      return response;
    }
  }

  /** Every member's share, worked out by the member that the coordinator made leader. */
  async #assign({ members, protocolName }: JoinGroupResponse) {
    const subscribers = members.map(({ memberId, metadata }) => ({ memberId, topics: decodeSubscription(metadata) }));
    const topics = [...new Set(subscribers.flatMap((member) => member.topics))];
    const assignor = ASSIGNORS[protocolName ?? ''] ?? ASSIGNORS['range'];
    const assignment = assignor?.(subscribers, await this.#partitionCounts(topics)) ?? new Map<string, never>();
    return [...assignment].map(([memberId, partitions]) => ({ memberId, assignment: encodeAssignment(partitions) }));
  }

  /** Throws KMK_TOPIC_UNKNOWN when one of this member's own topics does not exist; others' are left out. */
  async #partitionCounts(topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const metadata = await this.#cluster.metadata(topics);
    const counts = new Map<string, number>();
    for (const { name, errorCode, partitions } of metadata.topics) {
      const topic = name ?? '';
      if (errorName(errorCode) !== 'UNKNOWN_TOPIC_OR_PARTITION') {
        check(errorCode, `subscribe to topic "${topic}"`, null, { topic });
        counts.set(topic, partitions.length);
      } else if (this.#topics.includes(topic)) throw unknownTopic(topic);
    }
    return counts;
  }
}
