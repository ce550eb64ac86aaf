/** Two sources into one target; the prefix tells where a record came from. */
export const AGGREGATION = `version: 1
name: kmk
kafka:
  version: "4.3.1"
clusters:
  east:
    brokers: 1
    port: 9092
  west:
    brokers: 1
    port: 9093
  central:                       # holds east.orders and west.orders side by side
    brokers: 1
    port: 9094
replication:
  mode: connect
  policy: default                # with identity, topics of the same name would run into each other
  flows:
    - source: east
      target: central
      topics: [".*"]
      groups: [".*"]
    - source: west
      target: central
      topics: [".*"]
      groups: [".*"]
active: east
`;
