import type { FlowSnapshot, PartitionPair, TopicPair } from '../../../../src/domain/checks/snapshot.ts';

/** Ten records on both sides. */
export function partition(change: Partial<PartitionPair> = {}): PartitionPair {
  return {
    partition: 0,
    sourceStart: 0n,
    sourceEnd: 10n,
    targetStart: 0n,
    targetEnd: 10n,
    inFlight: 0n,
    growing: false,
    counted: null,
    ...change,
  };
}

export function topic(change: Partial<TopicPair> = {}): TopicPair {
  return {
    topic: 'orders',
    remoteTopic: 'primary.orders',
    sourcePartitions: 1,
    targetPartitions: 1,
    sourceConfig: {},
    targetConfig: {},
    partitions: [partition()],
    ...change,
  };
}

/** A flow on which every check passes or has nothing to look at. */
export function flow(change: Partial<FlowSnapshot> = {}): FlowSnapshot {
  return {
    flow: 'primary->dr',
    policy: 'default',
    state: 'running',
    promoted: false,
    topics: [topic()],
    recreated: [],
    groups: [],
    checkpoints: [],
    ...change,
  };
}
