/** From an old cluster to a new one, topics keeping their names. */
export const MIGRATION = `version: 1
name: kmk
kafka:
  version: "4.3.1"
clusters:
  old:                           # clients leave this one
    brokers: 1
    port: 9092
  new:                           # and go on here
    brokers: 1
    port: 9093
replication:
  mode: connect
  policy: identity               # topics keep their names: clients change the address and nothing else
  flows:
    - source: old
      target: new
      topics: [".*"]
      groups: [".*"]             # their offsets are translated, so that consumers go on where they were
active: old                      # a planned \`kmk switchover\` moves it to new
waves: []                        # move in parts: [{ topics: ["orders"], groups: ["billing"] }]
objectives: { loss: { records: 0 }, recovery: 30s, redelivered: 0 }
`;
