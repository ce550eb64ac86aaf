import type { Compression, RecordProducer } from '../app/ports/record-client.ts';
import { KmkError } from '../domain/errors.ts';
import { ClusterClient } from './client/cluster-client.ts';
import type { ConnectOptions } from './client/connect-options.ts';
import type { Codec } from './compression/codecs.ts';
import { codecFor, COMPRESSIONS } from './compression/codecs.ts';
import { BatchWriter } from './producer/batch-writer.ts';
import { RecordSender } from './producer/record-sender.ts';

export interface RecordProducerOptions extends ConnectOptions {
  /** Default "none". */
  readonly compression?: Compression;
  /** Default true: a batch that is sent again is stored once. */
  readonly idempotent?: boolean;
  /** How long a record is tried, in milliseconds; default 10,000. */
  readonly deliveryTimeoutMs?: number;
}

const DELIVERY_TIMEOUT_MS = 10_000;

/** Writes with acks=all. Records of one partition are stored in the order of the sends. */
export function createRecordProducer(options: RecordProducerOptions): RecordProducer {
  const cluster = new ClusterClient(options);
  const code = COMPRESSIONS.indexOf(options.compression ?? 'none');
  if (code < 0) throw new KmkError('KMK_USAGE', `compression "${String(options.compression)}" is not known`);
  const writer = new BatchWriter(cluster, code, code === 0 ? null : lazyCodec(code), options.idempotent ?? true);
  const sender = new RecordSender(cluster, writer, options.deliveryTimeoutMs ?? DELIVERY_TIMEOUT_MS);
  return {
    send: (topic, records, signal) => sender.send(topic, records, signal),
    [Symbol.asyncDispose]: () => {
      sender.close();
      cluster.close();
      return Promise.resolve();
    },
  };
}

function lazyCodec(code: number): Codec {
  return {
    compress: async (bytes) => (await codecFor(code)).compress(bytes),
    decompress: async (bytes) => (await codecFor(code)).decompress(bytes),
  };
}
