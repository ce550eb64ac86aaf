import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KafkaAdmin } from '../../../src/app/ports/kafka-admin.ts';
import type { StoredRecord } from '../../../src/app/ports/stored-record.ts';
import type { Compression } from '../../../src/app/ports/record-client.ts';
import { createRecordProducer } from '../../../src/kafka/record-producer.ts';
import { createRecordReader } from '../../../src/kafka/record-reader.ts';
import { kcat } from '../../helpers/kafka-tools.ts';
import { labCluster } from '../../helpers/lab.ts';
import { clientOptions, openAdmin, unique } from './clients.ts';

const CODECS: readonly Compression[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

function text(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString();
}

describe('records', () => {
  let admin: KafkaAdmin;
  beforeAll(() => {
    admin = openAdmin();
  });
  afterAll(() => admin[Symbol.asyncDispose]());

  async function readAll(topic: string): Promise<StoredRecord[]> {
    const records: StoredRecord[] = [];
    await admin.readPartition({ topic, partition: 0 }, (record) => void records.push(record));
    return records;
  }

  it.each(CODECS)('written with %s are read by kcat, and the other way round', async (compression) => {
    const topic = unique(`codec-${compression}`);
    await admin.createTopic({ topic, partitions: 1, replicationFactor: 1 });
    const values = Array.from({ length: 200 }, (_, index) => `value ${index} ${'é'.repeat(index)}`);
    await using producer = createRecordProducer({ ...clientOptions(), compression });
    const sent = values.map((value, index) => ({ key: `k${index}`, value, headers: { n: String(index) } }));
    expect(await producer.send(topic, sent)).toEqual([{ topic, partition: 0, firstOffset: 0n, count: 200 }]);
    const { bootstrap } = labCluster('primary');
    const shown = await kcat(['-b', bootstrap, '-C', '-t', topic, '-e', '-q', '-f', '%k|%h|%s\n']);
    expect(shown.trimEnd().split('\n')).toEqual(values.map((value, index) => `k${index}|n=${index}|${value}`));

    await kcat(['-b', bootstrap, '-P', '-t', topic, '-p', '0', '-z', compression], values.join('\n'));
    const records = await readAll(topic);
    expect(records.slice(200).map((record) => text(record.value))).toEqual(values);
    expect(records.map((record) => record.offset)).toEqual(Array.from({ length: 400 }, (_, index) => BigInt(index)));
    await admin.deleteTopics([topic]);
  });

  it('keep nulls, timestamps and the partition of their key as Java and librdkafka have it', async () => {
    const topic = unique('keys');
    // Without retention: the broker's look at it, 30 s after its start, would take records of 1970 away.
    await admin.createTopic({ topic, partitions: 5, replicationFactor: 1, config: { 'retention.ms': '-1' } });
    await using producer = createRecordProducer(clientOptions());
    const keys = Array.from({ length: 40 }, (_, index) => `key-${index}`);
    await producer.send(topic, [
      ...keys.map((key) => ({ key, value: null, timestampMs: 1_700_000_000_000 })),
      { key: null, value: 'v', partition: 4, timestampMs: 1 },
    ]);
    const { bootstrap } = labCluster('primary');
    const lines = keys.map((key) => `${key}|x`).join('\n');
    await kcat(['-b', bootstrap, '-P', '-t', topic, '-K', '|', '-X', 'topic.partitioner=murmur2_random'], lines);
    const shown = await kcat(['-b', bootstrap, '-C', '-t', topic, '-e', '-q', '-f', '%k %p %T %S\n']);
    const rows = shown
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' '));
    const partitionsOf = (value: string): Record<string, string | undefined> =>
      Object.fromEntries<string | undefined>(
        rows
          .filter((row) => row[3] === value && row[0] !== '')
          .map(([key = '', partition]) => [key, partition] as const),
      );
    expect(partitionsOf('-1')).toEqual(partitionsOf('1'));
    expect(rows).toContainEqual(['', '4', '1', '1']);
    expect(new Set(rows.filter((row) => row[3] === '-1').map((row) => row[2]))).toEqual(new Set(['1700000000000']));
    await admin.deleteTopics([topic]);
  });

  it('of parallel sends are acknowledged with the offsets they are stored at', async () => {
    const topic = unique('parallel');
    await admin.createTopic({ topic, partitions: 3, replicationFactor: 1 });
    await using producer = createRecordProducer({ ...clientOptions(), compression: 'lz4' });
    const stored = new Map<string, string>();
    const padding = 'x'.repeat(1000);
    const sends = Array.from({ length: 60 }, async (_, send) => {
      const records = Array.from({ length: 97 }, (__, index) => ({
        ...{ key: null, value: `${send}/${index} ${padding}`, partition: (send + index) % 3 },
      }));
      const acknowledged = await producer.send(topic, records);
      expect(acknowledged.reduce((sum, { count }) => sum + count, 0)).toBe(records.length);
      for (const partition of [0, 1, 2]) {
        const mine = records.filter((record) => record.partition === partition);
        const offsets = acknowledged
          .filter((ack) => ack.partition === partition)
          .flatMap(({ firstOffset, count }) =>
            Array.from({ length: count }, (__, index) => firstOffset + BigInt(index)),
          );
        for (const [index, record] of mine.entries()) stored.set(`${partition}:${offsets[index] ?? ''}`, record.value);
      }
    });
    await Promise.all(sends);
    const found = new Map<string, string | null>();
    for (const partition of [0, 1, 2]) {
      await admin.readPartition({ topic, partition }, (record) => {
        found.set(`${partition}:${record.offset}`, text(record.value));
      });
    }
    expect(found.size).toBe(60 * 97);
    expect(found).toEqual(stored);
    await admin.deleteTopics([topic]);
  });

  it('arrive at a reader until it says stop or its signal aborts', async () => {
    const topic = unique('reader');
    await admin.createTopic({ topic, partitions: 2, replicationFactor: 1 });
    await using producer = createRecordProducer(clientOptions());
    await using reader = createRecordReader(clientOptions());
    const both = [0, 1].map((partition) => ({ key: null, value: 'x', partition }));
    await producer.send(topic, [...both, ...both, ...both]);
    const from = [0, 1].map((partition) => ({ topic, partition, offset: 1n }));
    const seen: string[] = [];
    await reader.read(
      from,
      ({ partition, offset }) => (seen.push(`${partition}:${offset}`) === 4 ? 'stop' : undefined),
      new AbortController().signal,
    );
    expect(seen.sort()).toEqual(['0:1', '0:2', '1:1', '1:2']);
    const stop = new AbortController();
    const later: bigint[] = [];
    const reading = reader.read(
      [{ topic, partition: 0, offset: 3n }],
      ({ offset }) => {
        later.push(offset);
        stop.abort();
      },
      stop.signal,
    );
    await producer.send(topic, both);
    await reading;
    expect(later).toEqual([3n]);
    await expect(
      reader.read([{ topic, partition: 0, offset: 99n }], () => undefined, new AbortController().signal),
    ).rejects.toMatchObject({ context: { error: 'OFFSET_OUT_OF_RANGE' } });
    await admin.deleteTopics([topic]);
  });

  it('that cannot be stored are refused with the reason', async () => {
    const topic = unique('large');
    await admin.createTopic({ topic, partitions: 1, replicationFactor: 1 });
    await using producer = createRecordProducer(clientOptions());
    await expect(producer.send(topic, [{ key: null, value: Buffer.alloc(2_000_000) }])).rejects.toMatchObject({
      code: 'KMK_PRODUCE_UNACKNOWLEDGED',
      context: { error: 'MESSAGE_TOO_LARGE' },
    });
    await expect(producer.send(topic, [{ key: null, value: 'x', partition: 1 }])).rejects.toMatchObject({
      ...{ code: 'KMK_USAGE', message: `topic "${topic}" has partitions 0 to 0, no partition 1` },
    });
    expect(await producer.send(topic, [{ key: null, value: 'x' }])).toHaveLength(1);
    await admin.deleteTopics([topic]);
  });
});
