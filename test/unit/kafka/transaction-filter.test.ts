import { describe, expect, it } from 'vitest';
import type { BatchView } from '../../../src/kafka/records/batch-reader.ts';
import { dataBatches } from '../../../src/kafka/records/transaction-filter.ts';

const ABORT = 0;
const COMMIT = 1;

/** A control record: attributes, timestamp delta, offset delta, key of 4 bytes (version, type), no value, no headers. */
function markerBody(type: number): Buffer {
  const record = Buffer.from([0, 0, 0, 8, 0, 0, 0, type, 1, 0]);
  return Buffer.concat([Buffer.from([record.length * 2]), record]);
}

function batch(
  at: number,
  producerId: number,
  kind: 'plain' | 'transactional' | typeof ABORT | typeof COMMIT,
): BatchView {
  const control = typeof kind === 'number';
  return {
    ...{ baseOffset: BigInt(at), lastOffset: BigInt(at), compression: 0, producerId: BigInt(producerId) },
    producerEpoch: 0,
    ...{ transactional: kind !== 'plain', control, baseTimestampMs: 0, appendTimeMs: null, count: 1 },
    bytes: Buffer.alloc(0),
    body: control ? markerBody(kind) : Buffer.alloc(0),
  };
}

function offsets(batches: readonly BatchView[]): number[] {
  return batches.map((one) => Number(one.baseOffset));
}

describe('a read_committed reader', () => {
  it('skips aborted transactions up to their marker, markers, and nothing else', () => {
    const log = [
      batch(0, -1, 'plain'),
      batch(1, 7, 'transactional'), // aborted at 4
      batch(2, 8, 'transactional'), // committed at 5
      batch(3, -1, 'plain'),
      batch(4, 7, ABORT),
      batch(5, 8, COMMIT),
      batch(6, 7, 'transactional'), // committed at 7
      batch(7, 7, COMMIT),
      batch(8, 8, 'transactional'), // aborted at 9
      batch(9, 8, ABORT),
    ];
    const aborted = [
      { producerId: 8n, firstOffset: 8n },
      { producerId: 7n, firstOffset: 1n },
    ];
    expect(offsets(dataBatches(log, aborted))).toEqual([0, 2, 3, 6]);
  });

  it('keeps every data batch when nothing was aborted', () => {
    const log = [batch(0, 7, 'transactional'), batch(1, 7, COMMIT)];
    expect(offsets(dataBatches(log, null))).toEqual([0]);
  });
});
