import type { ClusterDescription, KafkaAdmin } from '../app/ports/kafka-admin.ts';
import { createAcls, deleteAcls, listAcls } from './admin/acls.ts';
import { setBrokerLogger } from './admin/broker-logger.ts';
import { brokerVersion } from './admin/broker-version.ts';
import { Coordinators } from './admin/coordinators.ts';
import { commitOffsets, deleteGroupOffsets, groupOffsets } from './admin/group-offsets.ts';
import { deleteGroup, describeGroup, describeGroups, listGroups, removeMembers } from './admin/groups.ts';
import { logRanges, offsetsAtTime, READ_COMMITTED } from './admin/log-offsets.ts';
import { scanLog } from './records/log-scan.ts';
import { describeProducers } from './admin/producers.ts';
import { readPartition } from './records/read-partition.ts';
import { setTopicConfig, topicOverrides, topicSettings } from './admin/topic-config.ts';
import { transact } from './admin/transact.ts';
import { createTopic, deleteTopics, describeTopics, listTopics, topicIds } from './admin/topics.ts';
import { ClusterClient } from './client/cluster-client.ts';
import type { ConnectOptions } from './client/connect-options.ts';
import { Turns } from './client/turns.ts';

/**
 * Administration of the cluster at `options.bootstrap`. Connects on first use; dispose closes every connection at once,
 * also those to a frozen broker.
 */
export function createKafkaAdmin(options: ConnectOptions): KafkaAdmin {
  const cluster = new ClusterClient(options);
  const coordinators = new Coordinators(cluster);
  const transactions = new Coordinators(cluster, 'transactional id');
  const turns = new Turns();
  return {
    describeCluster: (signal) => describeCluster(cluster, signal),
    brokerVersion: (signal) => brokerVersion(cluster, signal),
    listTopics: (signal) => listTopics(cluster, signal),
    describeTopics: (topics, signal) => describeTopics(cluster, topics, signal),
    createTopic: (topic, signal) => createTopic(cluster, topic, signal),
    deleteTopics: (topics, signal) => deleteTopics(cluster, topics, signal),
    topicIds: (topics, signal) => topicIds(cluster, topics, signal),
    topicOverrides: (topic, signal) => topicOverrides(cluster, topic, signal),
    topicSettings: (topic, signal) => topicSettings(cluster, topic, signal),
    setBrokerLogger: (logger, level, signal) => setBrokerLogger(cluster, logger, level, signal),
    setTopicConfig: (topic, entries, signal) => setTopicConfig(cluster, topic, entries, signal),
    logRanges: (topics, signal) => logRanges(cluster, topics, signal),
    committedRanges: (topics, signal) => logRanges(cluster, topics, signal, READ_COMMITTED),
    offsetsAtTime: (topic, timestampMs, signal) => offsetsAtTime(cluster, topic, timestampMs, signal),
    describeProducers: (at, signal) => describeProducers(cluster, at, signal),
    listGroups: (signal) => listGroups(cluster, signal),
    describeGroup: (group, signal) => describeGroup(coordinators, group, signal),
    describeGroups: (groups, signal) => describeGroups(cluster, coordinators, groups, signal),
    groupOffsets: (group, signal) => groupOffsets(coordinators, group, signal),
    commitOffsets: (group, offsets, signal) => commitOffsets(coordinators, group, offsets, signal),
    deleteGroupOffsets: (group, partitions, signal) => deleteGroupOffsets(coordinators, group, partitions, signal),
    deleteGroup: (group, signal) => deleteGroup(coordinators, group, signal),
    removeMembers: (group, memberIds, signal) => removeMembers(coordinators, group, memberIds, signal),
    createAcls: (rules, signal) => createAcls(cluster, rules, signal),
    deleteAcls: (rules, signal) => deleteAcls(cluster, rules, signal),
    listAcls: (signal) => listAcls(cluster, signal),
    transact: (request, decide, signal) =>
      turns.take(request.transactionalId, signal, () => transact(cluster, transactions, request, decide, signal)),
    readPartition: (at, onRecord, readOptions) => readPartition(cluster, at, onRecord, readOptions),
    scan: (at, scanOptions) => scanLog(cluster, at, scanOptions),
    [Symbol.asyncDispose]: () => {
      cluster.close();
      return Promise.resolve();
    },
  };
}

async function describeCluster(cluster: ClusterClient, signal?: AbortSignal): Promise<ClusterDescription> {
  const { clusterId, controllerId, brokers } = await cluster.retrying(signal, () => cluster.metadata([]));
  return {
    clusterId: clusterId ?? '',
    controllerId: controllerId >= 0 ? controllerId : null,
    brokers: brokers.map(({ nodeId: id, host, port }) => ({ id, host, port })).sort((a, b) => a.id - b.id),
  };
}
