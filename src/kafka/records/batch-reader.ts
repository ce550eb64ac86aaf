import type { StoredRecord } from '../../app/ports/stored-record.ts';
import type { TopicPartition } from '../../domain/topic.ts';
import { codecFor } from '../compression/codecs.ts';
import { malformed } from '../wire/reader.ts';
import {
  BATCH,
  COMPRESSION_MASK,
  CONTROL,
  LENGTH_OVERHEAD,
  LOG_APPEND_TIME,
  MAGIC,
  TRANSACTIONAL,
} from './batch-layout.ts';
import { crc32c } from './crc32c.ts';
import { RecordCursor } from './record-cursor.ts';

/** Header of one record batch and its still encoded records. */
export interface BatchView {
  readonly baseOffset: bigint;
  /** Offset of the last record the batch was written with; compaction may have removed it. */
  readonly lastOffset: bigint;
  readonly compression: number;
  readonly transactional: boolean;
  /** A transaction marker, no data. */
  readonly control: boolean;
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly baseTimestampMs: number;
  /** Where the topic keeps the broker's time: the time of all records of the batch. */
  readonly appendTimeMs: number | null;
  readonly count: number;
  /** The whole batch. */
  readonly bytes: Buffer;
  /** Its still compressed records. */
  readonly body: Buffer;
}

/** Complete batches of a fetch response; a batch that is cut off at the end is left for the next fetch. */
export function batchesOf(records: Uint8Array | null): readonly BatchView[] {
  if (records === null) return [];
  const bytes = Buffer.from(records.buffer, records.byteOffset, records.byteLength);
  const batches: BatchView[] = [];
  let at = 0;
  while (at + BATCH.records <= bytes.length) {
    const end = at + LENGTH_OVERHEAD + bytes.readInt32BE(at + BATCH.length);
    if (end > bytes.length) break;
    if (end < at + BATCH.records) throw malformed(`a record batch of ${end - at} bytes`);
    batches.push(viewOf(bytes.subarray(at, end)));
    at = end;
  }
  return batches;
}

function viewOf(bytes: Buffer): BatchView {
  const magic = bytes.readInt8(BATCH.magic);
  if (magic !== MAGIC) throw malformed(`record format ${magic}, kmk reads format ${MAGIC} (Kafka 0.11 and newer)`);
  const attributes = bytes.readInt16BE(BATCH.attributes);
  const baseOffset = bytes.readBigInt64BE(BATCH.baseOffset);
  return {
    baseOffset,
    lastOffset: baseOffset + BigInt(bytes.readInt32BE(BATCH.lastOffsetDelta)),
    compression: attributes & COMPRESSION_MASK,
    transactional: (attributes & TRANSACTIONAL) !== 0,
    control: (attributes & CONTROL) !== 0,
    producerId: bytes.readBigInt64BE(BATCH.producerId),
    producerEpoch: bytes.readInt16BE(BATCH.producerEpoch),
    baseTimestampMs: Number(bytes.readBigInt64BE(BATCH.baseTimestamp)),
    appendTimeMs: attributes & LOG_APPEND_TIME ? Number(bytes.readBigInt64BE(BATCH.maxTimestamp)) : null,
    count: bytes.readInt32BE(BATCH.count),
    bytes,
    body: bytes.subarray(BATCH.records),
  };
}

/**
 * Records of a data batch from offset `from` on. Their bytes are views of the batch. Throws KMK_KAFKA_REQUEST where the
 * checksum is wrong: a disaster recovery tool must not pass on what a disk or a wire has changed.
 */
export async function recordsOf(
  batch: BatchView,
  { topic, partition }: TopicPartition,
  from: bigint,
): Promise<readonly StoredRecord[]> {
  const { compression, bytes, body, baseOffset, baseTimestampMs, appendTimeMs } = batch;
  if (crc32c(bytes, BATCH.attributes, bytes.length) !== bytes.readUInt32BE(BATCH.crc)) {
    throw malformed(`the checksum of the batch at ${topic}-${partition} offset ${baseOffset} is wrong`);
  }
  const cursor = new RecordCursor(compression === 0 ? body : await (await codecFor(compression)).decompress(body));
  const firstDelta = Number(from - baseOffset);
  const records: StoredRecord[] = [];
  const header = { baseOffset, producerId: batch.producerId, producerEpoch: batch.producerEpoch };
  for (let index = 0; index < batch.count; index++) {
    const end = cursor.varint() + cursor.at;
    cursor.at++;
    const timestampDelta = cursor.varlong();
    const offsetDelta = cursor.varint();
    if (offsetDelta >= firstDelta) {
      const key = cursor.sized();
      const value = cursor.sized();
      const headers = cursor.headers();
      const timestampMs = appendTimeMs ?? baseTimestampMs + timestampDelta;
      const offset = baseOffset + BigInt(offsetDelta);
      records.push({ topic, partition, offset, timestampMs, key, value, headers, batch: header });
    }
    cursor.at = end;
  }
  return records;
}

/** Control record type 0 is ABORT, 1 is COMMIT; the key is version (int16) and type (int16). */
export function isAbortMarker(batch: BatchView): boolean {
  const cursor = new RecordCursor(batch.body);
  cursor.varint();
  cursor.at++;
  cursor.varlong();
  cursor.varint();
  const key = cursor.sized();
  return key !== null && key.length >= 4 && Buffer.from(key).readInt16BE(2) === 0;
}
