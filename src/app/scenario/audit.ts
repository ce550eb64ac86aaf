import { KmkError } from '../../domain/errors.ts';
import type { GroupProgress } from '../../domain/ledger-audit.ts';
import { ClusterAudit } from '../../domain/ledger-audit.ts';
import { createValues, readStamp, valueHash } from '../../domain/ledger-record.ts';
import { partitionKey } from '../../domain/topic.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import { mapLimited } from '../map-limited.ts';
import type { StoredRecord } from '../ports/stored-record.ts';
import { originalTopic } from '../workload/topic-names.ts';
import type { Workload } from '../workload/workload.ts';

const PARALLEL_PARTITIONS = 4;

/** Names on a cluster of every topic that holds, or may hold, records of the workload. */
export async function workloadTopicsOn(
  lab: Lab,
  workload: Workload,
  alias: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { policy, clusters } = lab.layout;
  const aliases = clusters.map((cluster) => cluster.alias);
  const topics = new Set([...workload.streams.values()].map(({ topic }) => topic));
  const existing = await (await adminOf(lab, alias)).listTopics(signal);
  return existing.filter((topic) => topics.has(originalTopic(policy, aliases, topic)));
}

/** Reads every log of the workload on every cluster that answers, from its first record to the end found now. */
export async function auditClusters(
  lab: Lab,
  workload: Workload,
  seed: number,
  signal: AbortSignal,
): Promise<readonly ClusterAudit[]> {
  const audits: ClusterAudit[] = [];
  for (const { alias } of lab.layout.clusters) {
    try {
      audits.push(await auditCluster(lab, workload, seed, alias, signal));
    } catch (error) {
      if (!KmkError.is(error) || error.code !== 'KMK_KAFKA_UNREACHABLE') throw error;
    }
  }
  return audits;
}

async function auditCluster(
  lab: Lab,
  workload: Workload,
  seed: number,
  alias: string,
  signal: AbortSignal,
): Promise<ClusterAudit> {
  const admin = await adminOf(lab, alias);
  // Positions first: what a consumer processes while the logs are read can only make a record processed, not skipped.
  const groups = await Promise.all(workload.groups.map(({ name }) => progressOf(lab, workload, alias, name, signal)));
  const audit = new ClusterAudit(alias, groups);
  const ranges = await admin.logRanges(await workloadTopicsOn(lab, workload, alias, signal), signal);
  const values = createValues(seed);
  await mapLimited(ranges, PARALLEL_PARTITIONS, (range) =>
    admin.readPartition(range, (record) => examine(audit, record, workload.runId, values), {
      from: range.start,
      to: range.end,
      signal,
    }),
  );
  return audit;
}

function examine(
  audit: ClusterAudit,
  record: StoredRecord,
  runId: string,
  values: ReturnType<typeof createValues>,
): void {
  const stamp = readStamp(record.headers);
  if (stamp?.run !== runId) return;
  const { topic, partition, offset, value } = record;
  const hash = value === null ? null : valueHash(value);
  const expected =
    value === null ? null : valueHash(values(stamp.stream, stamp.partition, stamp.seq, value.byteLength));
  audit.add({ topic, partition, offset, stamp, whole: hash === stamp.hash && hash === expected });
}

async function progressOf(
  lab: Lab,
  workload: Workload,
  alias: string,
  group: string,
  signal: AbortSignal,
): Promise<GroupProgress> {
  const commits = await (await adminOf(lab, alias)).groupOffsets(group, signal);
  return {
    group,
    positions: new Map(commits.map((at) => [partitionKey(at), at.offset])),
    isProcessed: (stream, partition, seq) =>
      workload.streams.get(stream)?.partitions[partition]?.processed.get(group)?.seen.has(seq) ?? false,
  };
}
