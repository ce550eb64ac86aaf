import type { OutgoingRecord } from '../../app/ports/record-client.ts';
import { pause } from '../client/abortable.ts';
import type { ClusterClient } from '../client/cluster-client.ts';
import { check, refusal } from '../client/failures.ts';
import { BatchBuilder } from '../records/batch-builder.ts';
import { TRANSACTIONAL } from '../records/batch-layout.ts';
import { sizeOf } from '../producer/send-call.ts';
import { ADD_PARTITIONS_TO_TXN } from '../wire/api/add-partitions-to-txn.ts';
import { END_TXN } from '../wire/api/end-txn.ts';
import { INIT_PRODUCER_ID } from '../wire/api/init-producer-id.ts';
import { PRODUCE } from '../wire/api/produce.ts';
import type { Coordinators } from './coordinators.ts';
import { leadersOf, logRanges, READ_COMMITTED } from './log-offsets.ts';

/** After that the coordinator aborts what a crashed kmk left open; the next one fences it sooner. */
const TRANSACTION_TIMEOUT_MS = 30_000;
const PARTITION = 0;
const ACKS_ALL = -1;
const WRITE_TIMEOUT_MS = 3000;
const VISIBLE_LIMIT_MS = 5000;
const POLL_MS = 5;
const UNKNOWN_TOPIC = 3;
/** Of a batch, as its records are estimated; below Kafka's default `message.max.bytes`. */
const MOST_BYTES = 900_000;
const REQUEST_TIMED_OUT = 7;

interface Request {
  readonly transactionalId: string;
  readonly topic: string;
}

type Owner = Request & { readonly producerId: bigint; readonly producerEpoch: number };

/** See KafkaAdmin.transact. */
export async function transact(
  cluster: ClusterClient,
  coordinators: Coordinators,
  request: Request,
  decide: () => Promise<readonly OutgoingRecord[]>,
  signal?: AbortSignal,
): Promise<void> {
  const { transactionalId } = request;
  const { producerId, producerEpoch } = await coordinators.with(transactionalId, signal, async (link) => {
    const response = await link.request(INIT_PRODUCER_ID, {
      transactionalId,
      transactionTimeoutMs: TRANSACTION_TIMEOUT_MS,
    });
    check(response.errorCode, `begin a transaction of "${transactionalId}"`);
    return response;
  });
  const owner: Owner = { ...request, producerId, producerEpoch };
  const records = await decide();
  if (records.length === 0) return;
  await addPartition(coordinators, owner, signal);
  const written = await write(cluster, owner, records, signal);
  await coordinators.with(transactionalId, signal, async (link) => {
    const end = { transactionalId, producerId, producerEpoch, committed: true };
    check((await link.request(END_TXN, end)).errorCode, `commit the transaction of "${transactionalId}"`);
  });
  await awaitVisible(cluster, owner, written, signal);
}

async function addPartition(coordinators: Coordinators, owner: Owner, signal?: AbortSignal): Promise<void> {
  const { transactionalId, topic, producerId, producerEpoch } = owner;
  await coordinators.with(transactionalId, signal, async (link) => {
    const { resultsByTopicV3AndBelow: results } = await link.request(ADD_PARTITIONS_TO_TXN, {
      v3AndBelowTransactionalId: transactionalId,
      v3AndBelowProducerId: producerId,
      v3AndBelowProducerEpoch: producerEpoch,
      v3AndBelowTopics: [{ name: topic, partitions: [PARTITION] }],
    });
    for (const { partitionErrorCode } of results.flatMap(({ resultsByPartition }) => resultsByPartition)) {
      check(partitionErrorCode, `write to topic "${topic}" in a transaction`);
    }
  });
}

/** A batch that is sent again has the same sequence number, so it is stored once. Gives the offset of the first record. */
async function write(
  cluster: ClusterClient,
  { transactionalId, topic, producerId, producerEpoch }: Owner,
  records: readonly OutgoingRecord[],
  signal?: AbortSignal,
): Promise<bigint> {
  let [baseSequence, first] = [0, -1n];
  for (const some of batchesOf(records)) {
    const builder = new BatchBuilder();
    for (const record of some) builder.add(record, Date.now());
    const bytes = await builder.build({ producerId, producerEpoch, baseSequence }, TRANSACTIONAL, null);
    const offset = await writeBatch(cluster, { transactionalId, topic }, bytes, signal);
    if (first < 0n) first = offset;
    baseSequence += some.length;
  }
  return first;
}

/** A batch has to fit into one request of the brokers' default limit. */
function batchesOf(records: readonly OutgoingRecord[]): readonly (readonly OutgoingRecord[])[] {
  const batches: OutgoingRecord[][] = [];
  let room = 0;
  for (const record of records) {
    const bytes = sizeOf(record);
    const last = batches.at(-1);
    if (last === undefined || bytes > room) {
      batches.push([record]);
      room = MOST_BYTES - bytes;
    } else {
      last.push(record);
      room -= bytes;
    }
  }
  return batches;
}

async function writeBatch(
  cluster: ClusterClient,
  { transactionalId, topic }: Request,
  bytes: Uint8Array,
  signal?: AbortSignal,
): Promise<bigint> {
  return cluster.retrying(signal, async () => {
    const leaders = await leadersOf(cluster, [topic]);
    const [leader] = [...leaders].find(([, led]) => led.some(({ partition }) => partition === PARTITION)) ?? [];
    const link = await cluster.node(leader ?? -1);
    const { responses } = await link.request(PRODUCE, {
      ...{ transactionalId, acks: ACKS_ALL, timeoutMs: WRITE_TIMEOUT_MS },
      topicData: [{ name: topic, partitionData: [{ index: PARTITION, records: bytes }] }],
    });
    const [answer] = responses.flatMap(({ partitionResponses }) => partitionResponses);
    check(answer?.errorCode ?? UNKNOWN_TOPIC, `write to topic "${topic}"`, answer?.errorMessage, { topic });
    return answer?.baseOffset ?? -1n;
  });
}

/** The coordinator answers before its marker is in the log: only then readers of committed records see the write. */
async function awaitVisible(
  cluster: ClusterClient,
  { topic }: Owner,
  written: bigint,
  signal?: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + VISIBLE_LIMIT_MS;
  for (;;) {
    const ranges = await logRanges(cluster, [topic], signal, READ_COMMITTED);
    if (ranges.some(({ partition, end }) => partition === PARTITION && end > written)) return;
    if (performance.now() > deadline) throw refusal(REQUEST_TIMED_OUT, `commit to topic "${topic}"`, null, { topic });
    await pause(POLL_MS, signal);
  }
}
