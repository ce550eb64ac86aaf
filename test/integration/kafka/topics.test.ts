import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KafkaAdmin } from '../../../src/app/ports/kafka-admin.ts';
import { createRecordProducer } from '../../../src/kafka/record-producer.ts';
import { kafkaTool } from '../../helpers/kafka-tools.ts';
import { labCluster } from '../../helpers/lab.ts';
import { clientOptions, openAdmin, unique } from './clients.ts';

describe('topics', () => {
  let admin: KafkaAdmin;
  beforeAll(() => {
    admin = openAdmin();
  });
  afterAll(() => admin[Symbol.asyncDispose]());

  it('are created with leaders, described, listed and deleted', async () => {
    const topic = unique('created');
    expect(await admin.createTopic({ topic, partitions: 3, replicationFactor: 1 })).toBe(true);
    expect(await admin.createTopic({ topic, partitions: 3, replicationFactor: 1 })).toBe(false);
    const [described] = await admin.describeTopics([topic]);
    expect(described?.partitions.map(({ partition }) => partition)).toEqual([0, 1, 2]);
    for (const { leader, replicas, isr } of described?.partitions ?? []) {
      expect(replicas).toEqual([leader]);
      expect(isr).toEqual([leader]);
    }
    expect(await admin.listTopics()).toContain(topic);
    await admin.deleteTopics([topic]);
    expect(await admin.listTopics()).not.toContain(topic);
  });

  it('keep the overrides that a change does not name', async () => {
    const topic = unique('config');
    await admin.createTopic({ topic, partitions: 1, replicationFactor: 1, config: { 'retention.ms': '123456' } });
    await admin.setTopicConfig(topic, { 'max.message.bytes': '2000000' });
    expect(await admin.topicOverrides(topic)).toEqual({ 'retention.ms': '123456', 'max.message.bytes': '2000000' });
    const shown = await kafkaTool(
      ...([
        'TopicCommand',
        '--bootstrap-server',
        labCluster('primary').bootstrap,
        '--describe',
        '--topic',
        topic,
      ] as const),
    );
    expect(shown).toContain('retention.ms=123456');
    expect(shown).toContain('max.message.bytes=2000000');
    await expect(admin.setTopicConfig(topic, { bogus: '1' })).rejects.toMatchObject({
      code: 'KMK_KAFKA_REQUEST',
      context: { error: 'INVALID_CONFIG' },
    });
    await admin.deleteTopics([topic]);
  });

  it('that do not exist are named', async () => {
    const unknown = { code: 'KMK_TOPIC_UNKNOWN', context: { topic: 'no-such-topic' } };
    await using producer = createRecordProducer(clientOptions());
    const calls = [
      () => admin.describeTopics(['no-such-topic']),
      () => admin.deleteTopics(['no-such-topic']),
      () => admin.topicOverrides('no-such-topic'),
      () => admin.setTopicConfig('no-such-topic', { 'retention.ms': '1' }),
      () => admin.offsetsAtTime('no-such-topic', 0),
      () => admin.readPartition({ topic: 'no-such-topic', partition: 0 }, () => undefined),
      () => admin.commitOffsets(unique('g'), [{ topic: 'no-such-topic', partition: 0, offset: 1n }]),
      () => producer.send('no-such-topic', [{ key: null, value: 'x' }]),
    ];
    for (const call of calls) await expect(call()).rejects.toMatchObject(unknown);
    expect(await admin.logRanges(['no-such-topic'])).toEqual([]);
  });

  it('show log ranges and offsets by time as GetOffsetShell does', async () => {
    const topic = unique('ranges');
    await admin.createTopic({ topic, partitions: 2, replicationFactor: 1 });
    await using producer = createRecordProducer(clientOptions());
    // Not of 1970: the broker's first look at retention, 30 s after its start, would take them away.
    const base = Date.now() - 60_000;
    const at = (partition: number, ms: number) => ({ key: null, value: 'x', partition, timestampMs: base + ms });
    await producer.send(topic, [at(0, 1000), at(0, 2000), at(0, 3000), at(1, 5000)]);
    expect(await admin.logRanges([topic])).toEqual([
      { topic, partition: 0, start: 0n, end: 3n },
      { topic, partition: 1, start: 0n, end: 1n },
    ]);
    const offsets = async (ms: number) => (await admin.offsetsAtTime(topic, base + ms)).map(({ offset }) => offset);
    expect(await offsets(1500)).toEqual([1n, 0n]);
    expect(await offsets(4000)).toEqual([3n, 0n]);
    expect(await offsets(9000)).toEqual([3n, 1n]);
    const witness = await kafkaTool(
      ...([
        'GetOffsetShell',
        '--bootstrap-server',
        labCluster('primary').bootstrap,
        '--topic',
        topic,
        '--time',
        String(base + 1500),
      ] as const),
    );
    expect(witness.trim().split('\n').sort()).toEqual([`${topic}:0:1`, `${topic}:1:0`]);
    await admin.deleteTopics([topic]);
  });

  it('open and close to writes by ACLs without delay', async () => {
    const topic = unique('fenced');
    await admin.createTopic({ topic, partitions: 1, replicationFactor: 1 });
    const fence = [
      { principal: 'User:*', permission: 'ALLOW', operation: 'ALL', topic },
      { principal: 'User:ANONYMOUS', permission: 'DENY', operation: 'WRITE', topic },
    ] as const;
    await using producer = createRecordProducer(clientOptions());
    const send = () => producer.send(topic, [{ key: null, value: 'x' }]);
    expect(await send()).toEqual([{ topic, partition: 0, firstOffset: 0n, count: 1 }]);
    await admin.createAcls(fence);
    expect(await admin.listAcls()).toEqual(expect.arrayContaining([...fence]));
    await expect(send()).rejects.toMatchObject({ code: 'KMK_WRITE_REFUSED', context: { topic } });
    await admin.deleteAcls(fence);
    expect((await admin.listAcls()).filter((rule) => rule.topic === topic)).toEqual([]);
    expect(await send()).toEqual([{ topic, partition: 0, firstOffset: 1n, count: 1 }]);
    await admin.deleteTopics([topic]);
  });
});
