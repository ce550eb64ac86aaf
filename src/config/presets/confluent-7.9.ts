/** The Confluent 7.9 line: Kafka 3.9 with ZooKeeper. */
export const CONFLUENT_7_9 = `version: 1
name: kmk
kafka:
  version: "3.9.2"
  distribution: confluent        # 7.9, which is Kafka 3.9
  mode: zookeeper                # 3.9 is the last line that has it
clusters:
  primary:
    brokers: 1
    port: 9092
  dr:
    brokers: 1
    port: 9093
replication:
  mode: connect
  policy: default
  flows:
    - source: primary
      target: dr
      topics: [".*"]
      groups: [".*"]
active: primary
ui: { enabled: true, port: 8080 }
`;
