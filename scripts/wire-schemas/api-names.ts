/** No cap: the newest version the schema knows. */
const NEWEST = 99;

/** APIs that kmk speaks, with the highest version it uses. */
export const API_NAMES: Readonly<Record<string, number>> = {
  // Produce 13, Fetch 13, OffsetCommit 10 and OffsetFetch 10 replace topic names by topic ids.
  Produce: 12,
  Fetch: 12,
  OffsetCommit: 9,
  OffsetFetch: 9,
  OffsetDelete: NEWEST,
  ListOffsets: NEWEST,
  Metadata: NEWEST,
  ApiVersions: NEWEST,
  FindCoordinator: NEWEST,
  ListGroups: NEWEST,
  DescribeGroups: NEWEST,
  ConsumerGroupDescribe: NEWEST,
  ShareGroupDescribe: NEWEST,
  StreamsGroupDescribe: NEWEST,
  DeleteGroups: NEWEST,
  CreateTopics: NEWEST,
  DeleteTopics: NEWEST,
  DescribeConfigs: NEWEST,
  IncrementalAlterConfigs: NEWEST,
  CreateAcls: NEWEST,
  DeleteAcls: NEWEST,
  DescribeAcls: NEWEST,
  DescribeProducers: NEWEST,
  InitProducerId: 4,
  // From 4 and 5 on transactions are of the second kind (KIP-890), in which the broker adds partitions by itself.
  AddPartitionsToTxn: 3,
  EndTxn: 4,
  JoinGroup: NEWEST,
  SyncGroup: NEWEST,
  Heartbeat: NEWEST,
  LeaveGroup: NEWEST,
};
