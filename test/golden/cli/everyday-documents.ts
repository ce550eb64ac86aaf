import type { DoctorDocument } from '../../../src/app/doctor/doctor.ts';
import type { ResetPlan } from '../../../src/app/groups/reset-group.ts';
import type { PerfDocument } from '../../../src/app/perf/perf.ts';
import type {
  FlowStatus,
  OffsetsDocument,
  PartitionOffsets,
  ProduceDocument,
  VerifyDocument,
} from '../../../src/domain/documents.ts';
import type {
  FlowDocument,
  GroupDocument,
  GroupsDocument,
  TopicDocument,
  TopicsDocument,
} from '../../../src/domain/listing-documents.ts';

const PRIMARY = { alias: 'primary', role: 'active', reachable: true, error: null } as const;
const DR = { alias: 'dr', role: 'standby', reachable: true, error: null } as const;
const DOWN = { ...PRIMARY, reachable: false, error: 'no broker answers' } as const;

export const PRODUCE: ProduceDocument = {
  schema: 'kmk.produce/v1',
  cluster: 'primary',
  topic: 'orders',
  requested: 1500,
  acknowledged: 1200,
  failed: 300,
  bytes: 1_228_800,
  durationMs: 1234,
  recordsPerSecond: 972,
  partitions: [
    { partition: 0, firstOffset: '0', lastOffset: '799', count: 800 },
    { partition: 2, firstOffset: '9007199254740993', lastOffset: '9007199254741392', count: 400 },
  ],
  unacknowledged: ['1201-1500'],
};

export const TOPICS: TopicsDocument = {
  schema: 'kmk.topics/v1',
  clusters: [DOWN, DR],
  topics: [
    {
      topic: 'orders',
      source: 'primary',
      copies: [
        { cluster: 'dr', topic: 'primary.orders', partitions: 3, replicationFactor: 1, records: 120, internal: false },
      ],
    },
    {
      topic: 'local',
      source: 'dr',
      copies: [{ cluster: 'dr', topic: 'local', partitions: 1, replicationFactor: 1, records: 0, internal: false }],
    },
  ],
};

export const TOPIC: TopicDocument = {
  schema: 'kmk.topic/v1',
  topic: 'orders',
  clusters: [PRIMARY, DR],
  copies: [
    {
      cluster: 'primary',
      topic: 'orders',
      replicationFactor: 3,
      config: { 'cleanup.policy': 'compact', 'retention.ms': '60000' },
      partitions: [
        { partition: 0, leader: 1, replicas: [1, 2, 3], isr: [1, 3], start: '5', end: '1005' },
        { partition: 1, leader: -1, replicas: [2, 3, 1], isr: [], start: '0', end: '0' },
      ],
    },
    {
      cluster: 'dr',
      topic: 'primary.orders',
      replicationFactor: 1,
      config: {},
      partitions: [{ partition: 0, leader: 1, replicas: [1], isr: [1], start: '0', end: '1000' }],
    },
  ],
};

export const GROUPS: GroupsDocument = {
  schema: 'kmk.groups/v1',
  clusters: [PRIMARY, DR],
  groups: [
    {
      group: 'billing',
      on: [
        { cluster: 'primary', type: 'consumer', state: 'Stable', members: 2, partitions: 3, lag: 17 },
        { cluster: 'dr', type: 'classic', state: 'Empty', members: 0, partitions: 3, lag: 20 },
      ],
    },
    { group: 'new', on: [{ cluster: 'primary', type: 'classic', state: 'Empty', members: 0, partitions: 1, lag: 0 }] },
  ],
};

export const GROUP: GroupDocument = {
  schema: 'kmk.group/v1',
  group: 'billing',
  clusters: [PRIMARY, DR],
  on: [
    {
      cluster: 'primary',
      exists: true,
      type: 'consumer',
      state: 'Stable',
      members: [{ memberId: 'm-1', clientId: 'app-1', host: '127.0.0.1' }],
      partitions: [
        { topic: 'gone', partition: 0, committed: '4', end: null, lag: null },
        { topic: 'orders', partition: 0, committed: '10', end: '27', lag: 17 },
      ],
    },
    { cluster: 'dr', exists: false, type: 'unknown', state: 'Dead', members: [], partitions: [] },
  ],
};

export const RESET: ResetPlan = {
  cluster: 'primary',
  group: 'billing',
  moves: [
    { topic: 'orders', partition: 0, previous: 10n, offset: 0n },
    { topic: 'orders', partition: 1, previous: null, offset: 3n },
  ],
  warnings: [],
};

const STATUS: FlowStatus = {
  source: 'primary',
  target: 'dr',
  state: 'faulted',
  policy: 'default',
  mode: 'connect',
  lagRecords: 42,
  lagMs: 1500,
  heartbeatAgeMs: 800,
  checkpointAgeMs: null,
  connectors: [
    {
      name: 'primary->dr.MirrorSourceConnector',
      type: 'source',
      state: 'RUNNING',
      tasks: [
        { id: 0, state: 'RUNNING', error: null },
        { id: 1, state: 'FAILED', error: 'org.apache.kafka.connect.errors.ConnectException: no' },
      ],
    },
  ],
};

export const FLOW: FlowDocument = {
  schema: 'kmk.flow/v1',
  flow: STATUS,
  traces: [
    {
      connector: 'primary->dr.MirrorSourceConnector',
      task: 1,
      trace: 'org.apache.kafka.connect.errors.ConnectException: no\n\tat a.b.C(C.java:1)\n',
    },
  ],
  partitions: [{ topic: 'orders', partition: 0, position: '958', end: '1000', lag: 42 }],
  limits: ['what does not work'],
};

const POSITION: PartitionOffsets = {
  topic: 'orders',
  remoteTopic: 'primary.orders',
  partition: 0,
  direction: 'forward',
  committed: '100',
  checkpoint: '90',
  targetCommitted: '90',
  translated: '90',
  exact: null,
  best: '95',
  proof: 'conservative',
  bound: 5,
  verdict: 'behind',
  behindBy: 5,
  reason: null,
};

export const OFFSETS: OffsetsDocument = {
  schema: 'kmk.offsets/v1',
  groups: [
    {
      group: 'billing',
      type: 'classic',
      state: 'Empty',
      partitions: [
        POSITION,
        {
          ...POSITION,
          partition: 1,
          ...{ checkpoint: null, targetCommitted: null, translated: null, best: null, proof: null, bound: null },
          ...{ verdict: 'missing', behindBy: null, reason: 'no commit and no checkpoint on the target' },
        },
      ],
    },
  ],
};

export const VERIFY: VerifyDocument = {
  schema: 'kmk.verify/v1',
  verdict: 'fail',
  checks: [
    { id: 'flow.running', verdict: 'pass', message: '1 of 1 flows run' },
    { id: 'counts.equal', verdict: 'fail', message: 'orders-0 has 10, its copy 8: 2 are missing' },
    { id: 'checkpoints.fresh', verdict: 'inconclusive', message: 'no checkpoint: billing orders-1' },
    { id: 'offsets.not-ahead', verdict: 'skipped', message: 'no group has a position on a copied topic' },
  ],
  topics: [],
  groups: [],
};

export const DOCTOR: DoctorDocument = {
  schema: 'kmk.doctor/v1',
  ready: false,
  checks: [
    { id: 'node', finding: 'ok', message: 'Node 20.20.0', hint: null },
    { id: 'java', finding: 'missing', message: 'java could not be run as "java"', hint: 'Install Java 17 or newer.' },
    { id: 'open files', finding: 'warning', message: 'up to 256 open files per process', hint: 'Raise it.' },
    { id: 'docker', finding: 'info', message: 'no Docker engine answers; the local runtime needs none', hint: null },
  ],
};

export const PERF: PerfDocument = {
  schema: 'kmk.perf/v1',
  cluster: 'primary',
  topic: 'kmk-perf',
  records: 10_000,
  size: 1024,
  produce: { recordsPerSecond: 68_000, bytesPerSecond: 69_632_000, averageLatencyMs: 12.5, maxLatencyMs: 90 },
  replication: {
    flow: 'primary->dr',
    recordsPerSecond: 42_000,
    peakLagRecords: 8000,
    drained: true,
    durationMs: 1800,
    lag: [0, 0, 2000, 8000, 4000, 0].map((lagRecords, index) => ({ atMs: index * 300, lagRecords })),
  },
};
