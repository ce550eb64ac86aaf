/** Two clusters that exist already; kmk never starts or stops them. */
export const EXISTING = `version: 1
name: kmk
clusters:
  primary:
    bootstrap: ["primary-1.example.com:9093", "primary-2.example.com:9093"]
    # clusterId: "..."           # must match before anything is changed
    security:
      protocol: SASL_SSL         # PLAINTEXT | SSL | SASL_PLAINTEXT | SASL_SSL
      sasl:
        mechanism: SCRAM-SHA-512 # PLAIN | SCRAM-SHA-256 | SCRAM-SHA-512 | OAUTHBEARER
        username: kmk
        password: \${env:PRIMARY_PASSWORD}   # secrets by reference only: \${env:NAME} or \${file:PATH:KEY}
      tls:
        ca: ./secrets/ca.pem
        verifyHostname: true
  dr:
    bootstrap: ["dr-1.example.com:9093", "dr-2.example.com:9093"]
    security:
      protocol: SASL_SSL
      sasl:
        mechanism: SCRAM-SHA-512
        username: kmk
        password: \${file:./secrets/dr.properties:password}
      tls:
        ca: ./secrets/ca.pem
        verifyHostname: true
    connect: { url: "https://connect.dr.example.com:8083" }   # runs the flows whose target dr is
replication:
  mode: connect
  policy: default
  profile: production
  flows:
    - source: primary
      target: dr
      topics: [".*"]
      topicsExclude: []          # besides MM2's own excludes
      groups: [".*"]
      groupsExclude: []
active: primary
ui: { enabled: false }
`;
