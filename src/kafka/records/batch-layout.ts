/** Byte offsets of a record batch of magic 2 (KIP-98). */
export const BATCH = {
  baseOffset: 0,
  length: 8,
  leaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  count: 57,
  records: 61,
} as const;

/** The length field counts what follows it. */
export const LENGTH_OVERHEAD = 12;
export const MAGIC = 2;

/** Bits of the attributes. */
export const COMPRESSION_MASK = 0x07;
export const TRANSACTIONAL = 0x10;
export const CONTROL = 0x20;
export const LOG_APPEND_TIME = 0x08;
