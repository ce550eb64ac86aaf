/** Two sites of three brokers, one taking over from the other. */
export const ACTIVE_PASSIVE = `version: 1
name: kmk
kafka:
  version: "4.3.1"
clusters:
  primary:                       # clients work here
    brokers: 3                   # three: a broker may fail without a failover; topics get three replicas
    port: 9092
  dr:                            # takes over when primary is lost
    brokers: 3
    port: 9093
replication:
  mode: connect                  # the mode with an exact failback
  policy: default                # copies are named primary.orders; identity keeps the name and allows one direction at a time
  profile: production            # intervals and batching for real traffic
  flows:
    - source: primary
      target: dr
      topics: [".*"]             # Java regular expressions, without commas
      topicsExclude: []          # besides MM2's own excludes
      groups: [".*"]
      groupsExclude: []
active: primary
objectives: { loss: { records: 0 }, recovery: 30s, redelivered: 1000 }
`;
