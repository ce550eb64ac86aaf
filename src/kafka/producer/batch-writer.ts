import type { Codec } from '../compression/codecs.ts';
import type { ClusterClient } from '../client/cluster-client.ts';
import { check } from '../client/failures.ts';
import { groupBy } from '../group-by.ts';
import { partitionKey } from '../../domain/topic.ts';
import { INIT_PRODUCER_ID } from '../wire/api/init-producer-id.ts';
import { PRODUCE } from '../wire/api/produce.ts';
import type { ProduceResponse } from '../wire/api/produce.ts';
import type { Batch } from './batch.ts';
import type { Identity, Lane } from './lane.ts';

const ACKS_ALL = -1;
/** How long the leader may wait for its followers, and the client for the leader. */
const REPLICATION_TIMEOUT_MS = 4000;
const REQUEST_TIMEOUT_MS = 5000;
const NOBODY: Identity = { producerId: -1n, producerEpoch: -1 };
const NO_SEQUENCE = -1;

export interface WriteResult {
  readonly errorCode: number;
  readonly baseOffset: bigint;
  readonly message: string | null;
}

/** Builds batches and sends them, one request per call, in the order of the calls. */
export class BatchWriter {
  readonly #cluster: ClusterClient;
  readonly #compression: number;
  readonly #codec: Codec | null;
  readonly #idempotent: boolean;
  /** Per leader, the end of the last write's building. */
  readonly #turns = new Map<number, Promise<unknown>>();
  #identity: Promise<Identity> | undefined;

  constructor(cluster: ClusterClient, compression: number, codec: Codec | null, idempotent: boolean) {
    this.#cluster = cluster;
    this.#compression = compression;
    this.#codec = codec;
    this.#idempotent = idempotent;
  }

  /** Results by `partitionKey`. Throws LinkError. */
  async write(
    leader: number,
    group: readonly { readonly lane: Lane; readonly batch: Batch }[],
  ): Promise<ReadonlyMap<string, WriteResult>> {
    // Batches must reach the socket in the order of their sequence numbers, however long compressing takes.
    const turn = (this.#turns.get(leader) ?? Promise.resolve()).then(() => this.#submit(leader, group));
    this.#turns.set(
      leader,
      turn.catch(() => undefined),
    );
    return resultsOf(await (await turn).response);
  }

  /** The response is wrapped, so that the next turn does not wait for it. */
  async #submit(leader: number, group: readonly { readonly lane: Lane; readonly batch: Batch }[]) {
    const built: { batch: Batch; bytes: Uint8Array }[] = [];
    for (const { lane, batch } of group) built.push({ batch, bytes: await this.#build(lane, batch) });
    const link = await this.#cluster.node(leader);
    const response = link.request(
      PRODUCE,
      {
        transactionalId: null,
        acks: ACKS_ALL,
        timeoutMs: REPLICATION_TIMEOUT_MS,
        topicData: [...groupBy(built, ({ batch }) => batch.at.topic)].map(([name, batches]) => ({
          name,
          partitionData: batches.map(({ batch, bytes }) => ({ index: batch.at.partition, records: bytes })),
        })),
      },
      { timeoutMs: REQUEST_TIMEOUT_MS },
    );
    return { response };
  }

  async #build(lane: Lane, batch: Batch): Promise<Uint8Array> {
    if (batch.built === null) {
      const identity = this.#idempotent ? await this.#identityOf(lane) : NOBODY;
      const baseSequence = this.#idempotent ? lane.sequence(batch.builder.count) : NO_SEQUENCE;
      const stamp = { ...identity, baseSequence };
      batch.built = { identity: stamp, bytes: await batch.builder.build(stamp, this.#compression, this.#codec) };
    }
    return batch.built.bytes;
  }

  /** All lanes share an identity until one of them gave up a batch and needs its own. */
  async #identityOf(lane: Lane): Promise<Identity> {
    if (lane.identity !== null) return lane.identity;
    if (lane.needsNewIdentity) {
      lane.identity = await this.#initProducerId();
      lane.needsNewIdentity = false;
      return lane.identity;
    }
    this.#identity ??= this.#initProducerId();
    try {
      lane.identity = await this.#identity;
    } catch (error) {
      this.#identity = undefined;
      throw error;
    }
    return lane.identity;
  }

  async #initProducerId(): Promise<Identity> {
    const response = await this.#cluster.any(INIT_PRODUCER_ID, { transactionalId: null, transactionTimeoutMs: 60_000 });
    check(response.errorCode, 'get a producer id');
    return { producerId: response.producerId, producerEpoch: response.producerEpoch };
  }
}

function resultsOf({ responses }: ProduceResponse): ReadonlyMap<string, WriteResult> {
  const results = new Map<string, WriteResult>();
  for (const { name, partitionResponses } of responses) {
    for (const { index: partition, errorCode, baseOffset, errorMessage } of partitionResponses) {
      results.set(partitionKey({ topic: name, partition }), { errorCode, baseOffset, message: errorMessage });
    }
  }
  return results;
}
