import type { ActiveProducer } from '../../app/ports/kafka-admin.ts';
import type { TopicPartition } from '../../domain/topic.ts';
import type { ClusterClient } from '../client/cluster-client.ts';
import { check } from '../client/failures.ts';
import { DESCRIBE_PRODUCERS } from '../wire/api/describe-producers.ts';
import { leadersOf } from './log-offsets.ts';

/** Producers that the partition's leader keeps a state of (KIP-664, brokers from 2.8 on). */
export async function describeProducers(
  cluster: ClusterClient,
  at: TopicPartition,
  signal?: AbortSignal,
): Promise<readonly ActiveProducer[]> {
  return cluster.retrying(signal, async () => {
    const leaders = await leadersOf(cluster, [at.topic]);
    const leader = [...leaders].find(([, led]) => led.some(({ partition }) => partition === at.partition));
    if (leader === undefined) return [];
    const { topics } = await (
      await cluster.node(leader[0])
    ).request(DESCRIBE_PRODUCERS, { topics: [{ name: at.topic, partitionIndexes: [at.partition] }] });
    return topics.flatMap(({ partitions }) =>
      partitions.flatMap(({ errorCode, errorMessage, activeProducers }) => {
        check(errorCode, `describe the producers of ${at.topic}-${at.partition}`, errorMessage, { ...at });
        return activeProducers.map(({ producerId, producerEpoch, lastTimestamp, currentTxnStartOffset }) => ({
          ...{ producerId, producerEpoch, lastTimestampMs: Number(lastTimestamp) },
          openSince: currentTxnStartOffset < 0n ? null : currentTxnStartOffset,
        }));
      }),
    );
  });
}
