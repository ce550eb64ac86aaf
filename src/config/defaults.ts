/** What a file that says only `version: 1` means. The lab preset spells the same out; a test holds the two together. */
export const DEFAULTS = {
  name: 'kmk',
  runtime: 'auto',
  kafka: { version: '4.3.1', distribution: 'apache', mode: 'kraft' },
  aliases: ['primary', 'dr'],
  brokers: 1,
  /** The first client port; further clusters without a port get the next ones. */
  port: 9092,
  replication: { mode: 'connect', policy: 'default', separator: '.', internalSeparator: true, profile: 'lab' },
  patterns: ['.*'],
  ui: { enabled: true, port: 8080 },
  faults: { network: false, diskMb: 0 },
  objectives: { loss: { records: 0 }, recovery: '30s', redelivered: 1000 },
  standby: { writes: 'refused' },
  fence: { strategies: ['acl'] },
  watch: { checks: 5 },
  hookPolicy: { timeout: '30s', onFailure: 'stop' },
} as const;
