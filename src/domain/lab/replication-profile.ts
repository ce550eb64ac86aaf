import type { ProfileName } from '../setup.ts';

/** Seconds, except where the name says otherwise. MM2's defaults (600, 60, 60 s) suit no failover. */
export interface Rates {
  readonly refresh: number;
  readonly configSync: number;
  readonly checkpoints: number;
  readonly groupSync: number;
  readonly heartbeats: number;
  readonly offsetFlushMs: number;
  /** A task that is stopped ends its poll first, and clients wait for that behind the fence of a planned move. */
  readonly pollTimeoutMs: number;
}

const RATES: Readonly<Record<ProfileName, Rates>> = {
  lab: {
    refresh: 1,
    configSync: 1,
    checkpoints: 1,
    groupSync: 1,
    heartbeats: 1,
    offsetFlushMs: 1000,
    pollTimeoutMs: 100,
  },
  production: {
    refresh: 60,
    configSync: 300,
    checkpoints: 10,
    groupSync: 10,
    heartbeats: 1,
    offsetFlushMs: 5000,
    pollTimeoutMs: 250,
  },
};

export function ratesOf(profile: ProfileName): Rates {
  return RATES[profile];
}

/**
 * `isolation.level`: without it MM2 copies records of aborted and of open transactions as if they were committed (ADR 0022).
 *
 * `fetch.max.wait.ms`: a consumer that is closed waits for the fetch that the broker holds back. Of a task without new
 * records to copy it was most of the time that Connect takes to stop it: 306 to 533 ms with Kafka's default, 500.
 *
 * Batching that makes `offset.lag.max=0` affordable: every batch is synced, so batches must be large. Measured on
 * 2 cores with 1 KiB records: MM2's defaults drain 42k rec/s, lag.max=0 alone 25k, with these values 72-97k.
 */
export const SOURCE_CONSUMER: Readonly<Record<string, string>> = {
  'isolation.level': 'read_committed',
  'max.poll.records': '5000',
  'max.partition.fetch.bytes': '8388608',
  'fetch.max.bytes': '67108864',
  'fetch.max.wait.ms': '100',
  'receive.buffer.bytes': '-1',
};
export const DATA_PRODUCER: Readonly<Record<string, string>> = {
  'batch.size': '524288',
  'linger.ms': '5',
  'buffer.memory': '67108864',
  'max.request.size': '8388608',
};
