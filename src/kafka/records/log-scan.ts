import type { LogScan, ScanOptions, ScannedBlock } from '../../app/ports/log-scan.ts';
import type { TopicPartition } from '../../domain/topic.ts';
import { leadersOf, partitionRange, READ_COMMITTED } from '../admin/log-offsets.ts';
import { unknownTopic } from '../admin/topics.ts';
import type { ClusterClient } from '../client/cluster-client.ts';
import { check } from '../client/failures.ts';
import type { BrokerLink } from '../client/link.ts';
import { codecFor } from '../compression/codecs.ts';
import { FETCH } from '../wire/api/fetch.ts';
import { errorName } from '../wire/errors.ts';
import type { BatchView } from './batch-reader.ts';
import { batchesOf } from './batch-reader.ts';
import { RecordColumns } from './record-columns.ts';
import { sortedBatches } from './transaction-filter.ts';

const MAX_WAIT_MS = 500;
const FETCH_TIMEOUT_MS = MAX_WAIT_MS + 3000;
const MAX_PARTITION_BYTES = 4 * 1024 * 1024;

/** Where the next fetch starts, and what the last one brought. */
interface Fetched {
  readonly blocks: readonly ScannedBlock[];
  readonly next: bigint;
}

/**
 * Scans one partition as a read_committed reader. Checksums are left out: both logs are compared byte by byte, which
 * shows more than they do.
 */
export function scanLog(cluster: ClusterClient, at: TopicPartition, options: ScanOptions): LogScan {
  const { to, signal } = options;
  let leader: number | null = null;
  let ahead = fetchFrom(options.from);

  function fetchFrom(offset: bigint): Promise<Fetched> | null {
    if (offset >= to) return null;
    const fetching = cluster.retrying(signal, async (attempt) => {
      if (attempt > 0 || leader === null) leader = await leaderOf(cluster, at);
      return fetchOnce(cluster, await cluster.node(leader), at, offset, options);
    });
    fetching.catch(() => undefined);
    return fetching;
  }

  return {
    async next() {
      for (;;) {
        if (ahead === null) return null;
        const { blocks, next } = await ahead;
        ahead = fetchFrom(next);
        if (blocks.length > 0) return blocks;
      }
    },
  };
}

async function fetchOnce(
  cluster: ClusterClient,
  link: BrokerLink,
  { topic, partition }: TopicPartition,
  offset: bigint,
  options: ScanOptions,
): Promise<Fetched> {
  const response = await link.request(
    FETCH,
    {
      replicaId: -1,
      maxWaitMs: MAX_WAIT_MS,
      minBytes: 1,
      maxBytes: MAX_PARTITION_BYTES,
      isolationLevel: READ_COMMITTED,
      topics: [{ topic, partitions: [{ partition, fetchOffset: offset, partitionMaxBytes: MAX_PARTITION_BYTES }] }],
    },
    { timeoutMs: FETCH_TIMEOUT_MS },
  );
  check(response.errorCode, 'fetch records');
  const part = response.responses[0]?.partitions[0];
  if (part === undefined) return { blocks: [], next: offset };
  if (errorName(part.errorCode) === 'OFFSET_OUT_OF_RANGE') {
    const { start } = await partitionRange(cluster, { topic, partition }, READ_COMMITTED);
    if (start <= offset) check(part.errorCode, `read ${topic}-${partition}`, `offset ${offset}`, { topic });
    return { blocks: [], next: start };
  }
  check(part.errorCode, `read ${topic}-${partition}`, null, { topic, partition });
  const batches = batchesOf(part.records);
  const last = batches.at(-1);
  if (last === undefined) return { blocks: [], next: offset };
  return { blocks: await blocksOf(batches, part.abortedTransactions, offset, options), next: last.lastOffset + 1n };
}

/** One block for each row of uncompressed batches, one for each compressed batch. */
async function blocksOf(
  batches: readonly BatchView[],
  abortedTransactions: Parameters<typeof sortedBatches>[1],
  from: bigint,
  { to, withTimestamps }: ScanOptions,
): Promise<readonly ScannedBlock[]> {
  const sorted = sortedBatches(batches, abortedTransactions);
  const blocks: ScannedBlock[] = [];
  for (let index = 0; index < sorted.length;) {
    const { batch, isAborted: aborted } = sorted[index] as (typeof sorted)[number];
    let after = index + 1;
    while (batch.compression === 0 && belongs(sorted[after], aborted)) after++;
    const group = sorted.slice(index, after).map((one) => one.batch);
    const bytes =
      batch.compression === 0
        ? wholeBuffer(batch)
        : Buffer.from(await (await codecFor(batch.compression)).decompress(batch.body));
    const block = new RecordColumns(
      bytes,
      group.reduce((sum, { count }) => sum + count, 0),
      withTimestamps,
    );
    for (const one of group) {
      const at = batch.compression === 0 ? one.body.byteOffset - bytes.byteOffset : 0;
      block.addBatch({ ...one, baseOffset: Number(one.baseOffset) }, at, Number(from), Number(to));
    }
    blocks.push({ block, aborted });
    index = after;
  }
  return blocks;
}

function belongs(
  next: { readonly batch: BatchView; readonly isAborted: boolean } | undefined,
  aborted: boolean,
): boolean {
  return next?.batch.compression === 0 && next.isAborted === aborted;
}

/** All that the bytes of the batch lie in: the whole response. */
function wholeBuffer({ bytes }: BatchView): Buffer {
  return Buffer.from(bytes.buffer);
}

async function leaderOf(cluster: ClusterClient, { topic, partition }: TopicPartition): Promise<number> {
  const leaders = await leadersOf(cluster, [topic]);
  const leader = [...leaders].find(([, led]) => led.some((at) => at.partition === partition));
  if (leader === undefined) throw unknownTopic(topic);
  return leader[0];
}
