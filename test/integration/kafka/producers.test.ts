import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KafkaAdmin } from '../../../src/app/ports/kafka-admin.ts';
import { eventually, kafkaTool, kcat } from '../../helpers/kafka-tools.ts';
import { labCluster } from '../../helpers/lab.ts';
import { openAdmin, unique } from './clients.ts';

describe('producers of a partition', () => {
  let admin: KafkaAdmin;
  beforeAll(() => {
    admin = openAdmin();
  });
  afterAll(() => admin[Symbol.asyncDispose]());

  async function newTopic(prefix: string): Promise<string> {
    const topic = unique(prefix);
    await admin.createTopic({ topic, partitions: 1, replicationFactor: 1 });
    return topic;
  }

  it('are those that the batches name, and that Kafka’s own tool lists', async () => {
    const { bootstrap } = labCluster('primary');
    const topic = await newTopic('producers');
    const at = { topic, partition: 0 };
    expect(await admin.describeProducers(at)).toEqual([]);
    for (const text of ['one\n', 'two\nthree\n']) {
      await kcat(['-b', bootstrap, '-P', '-t', topic, '-X', 'enable.idempotence=true'], text);
    }
    // A producer without idempotence leaves no state behind.
    await kcat(['-b', bootstrap, '-P', '-t', topic], 'four\n');
    const batches: bigint[] = [];
    await admin.readPartition(at, ({ batch }) => batches.push(batch?.producerId ?? -1n));
    const found = await admin.describeProducers(at);
    const ids = found.map(({ producerId }) => producerId).toSorted((a, b) => Number(a - b));
    expect(batches).toEqual([ids[0], ids[1], ids[1], -1n]);
    expect(found.every(({ openSince, producerEpoch }) => openSince === null && producerEpoch === 0)).toBe(true);
    const args = ['--bootstrap-server', bootstrap, 'describe-producers', '--topic', topic, '--partition', '0'];
    const listed = (await kafkaTool('TransactionsCommand', ...args)).trim().split('\n').slice(1);
    expect(listed.map((row) => BigInt(row.split(/\s+/)[0] ?? '-1')).toSorted((a, b) => Number(a - b))).toEqual(ids);
    await admin.deleteTopics([topic]);
    expect(await admin.describeProducers(at)).toEqual([]);
  });

  it('tell since when a transaction is open', async () => {
    const topic = await newTopic('open');
    const at = { topic, partition: 0 };
    const { bootstrap } = labCluster('primary');
    await kcat(['-b', bootstrap, '-P', '-t', topic], 'before\n');
    const writer = spawn('kcat', ['-b', bootstrap, '-P', '-t', topic, '-X', `transactional.id=${topic}`], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    // kcat sends lines once its buffer is full; the filler is no line yet.
    writer.stdin.write(`one\ntwo\n${'x'.repeat(5000)}`);
    const open = await eventually('the transaction', async () => {
      const [first] = await admin.describeProducers(at);
      return first?.openSince === null ? undefined : first;
    });
    expect(open.openSince).toBe(1n);
    expect((await admin.committedRanges([topic])).map(({ end }) => end)).toEqual([1n]);
    writer.stdin.end('\n');
    await new Promise((resolve) => writer.once('close', resolve));
    await eventually('its end', async () => (await admin.describeProducers(at))[0]?.openSince === null || undefined);
    await admin.deleteTopics([topic]);
  });
});
