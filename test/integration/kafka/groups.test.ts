import type { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KafkaAdmin } from '../../../src/app/ports/kafka-admin.ts';
import { createRecordConsumer } from '../../../src/kafka/record-consumer.ts';
import { createRecordProducer } from '../../../src/kafka/record-producer.ts';
import { eventually, kafkaTool, startKafkaTool } from '../../helpers/kafka-tools.ts';
import { labCluster } from '../../helpers/lab.ts';
import { clientOptions, openAdmin, unique } from './clients.ts';

/** Committed offsets by "topic-partition", as Kafka's own tool prints them. */
async function committedByTool(group: string): Promise<Record<string, string>> {
  const { bootstrap } = labCluster('primary');
  const text = await kafkaTool(
    ...([
      'consumer.group.ConsumerGroupCommand',
      '--bootstrap-server',
      bootstrap,
      '--describe',
      '--group',
      group,
    ] as const),
  );
  const rows = text.split('\n').map((line) => line.trim().split(/\s+/));
  const found = rows.filter(([name]) => name === group);
  return Object.fromEntries(
    found.map(([, topic, partition, offset]) => [`${topic ?? ''}-${partition ?? ''}`, offset ?? '']),
  );
}

describe('groups', () => {
  const topic = unique('groups');
  let admin: KafkaAdmin;
  beforeAll(async () => {
    admin = openAdmin();
    await admin.createTopic({ topic, partitions: 2, replicationFactor: 1 });
    await using producer = createRecordProducer(clientOptions());
    await producer.send(
      topic,
      Array.from({ length: 20 }, (_, index) => ({ key: null, value: String(index), partition: index % 2 })),
    );
  });
  afterAll(async () => {
    await admin.deleteTopics([topic]);
    await admin[Symbol.asyncDispose]();
  });

  it('without members take commits that Kafka shows, forget them and go', async () => {
    const group = unique('idle');
    expect(await admin.describeGroup(group)).toMatchObject({ exists: false, state: 'Dead', members: [] });
    expect(await admin.groupOffsets(group)).toEqual([]);
    await admin.commitOffsets(group, [
      { topic, partition: 0, offset: 3n },
      { topic, partition: 1, offset: 7n },
    ]);
    expect(await committedByTool(group)).toEqual({ [`${topic}-0`]: '3', [`${topic}-1`]: '7' });
    expect(await admin.describeGroup(group)).toMatchObject({ exists: true, state: 'Empty', members: [] });
    expect((await admin.listGroups()).map((one) => one.group)).toContain(group);
    await admin.deleteGroupOffsets(group, [{ topic, partition: 0 }]);
    expect(await admin.groupOffsets(group)).toEqual([{ topic, partition: 1, offset: 7n }]);
    await admin.deleteGroup(group);
    expect(await admin.describeGroup(group)).toMatchObject({ exists: false });
    await expect(admin.deleteGroup(group)).rejects.toMatchObject({ code: 'KMK_GROUP_UNKNOWN' });
    await expect(admin.deleteGroupOffsets(group, [{ topic, partition: 0 }])).rejects.toMatchObject({
      code: 'KMK_GROUP_UNKNOWN',
    });
  });

  it('with a classic member refuse commits', async () => {
    const group = unique('classic');
    const stop = new AbortController();
    const options = { topics: [topic], group, fromBeginning: true, commitIntervalMs: 100, signal: stop.signal };
    let seen = 0;
    const running = createRecordConsumer(clientOptions()).run({ ...options, onRecord: () => (seen++, undefined) });
    await eventually('20 records', () => Promise.resolve(seen >= 20 ? true : undefined));
    expect(await admin.describeGroup(group)).toMatchObject({ exists: true, state: 'Stable', protocolType: 'consumer' });
    const active = { code: 'KMK_GROUP_ACTIVE', context: { group } };
    await expect(admin.commitOffsets(group, [{ topic, partition: 0, offset: 1n }])).rejects.toMatchObject(active);
    await expect(admin.deleteGroup(group)).rejects.toMatchObject(active);
    await expect(admin.deleteGroupOffsets(group, [{ topic, partition: 0 }])).rejects.toMatchObject(active);
    stop.abort();
    await running;
    expect(await committedByTool(group)).toEqual({ [`${topic}-0`]: '10', [`${topic}-1`]: '10' });
    expect(await admin.describeGroup(group)).toMatchObject({ state: 'Empty', members: [] });
    await admin.deleteGroup(group);
  });

  describe('of the new protocol (KIP-848)', () => {
    const group = unique('kip848');
    let consumer: ChildProcess | undefined;
    let served = false;
    beforeAll(async () => {
      served = ((await admin.brokerVersion()) ?? '3') >= '4';
      if (!served) return;
      const { bootstrap } = labCluster('primary');
      consumer = startKafkaTool(
        ...(['consumer.ConsoleConsumer', '--bootstrap-server', bootstrap, '--topic', topic, '--group', group] as const),
        ...['--from-beginning', '--command-property', 'group.protocol=consumer'],
        ...['--command-property', 'auto.commit.interval.ms=100'],
      );
      await eventually('commits of the Java consumer', async () => {
        const offsets = await admin.groupOffsets(group);
        return offsets.length === 2 && offsets.every(({ offset }) => offset === 10n) ? true : undefined;
      });
    });
    afterAll(async () => {
      if (consumer === undefined) return;
      const exited = new Promise((resolve) => consumer?.once('exit', resolve));
      consumer.kill('SIGKILL');
      await exited;
    });

    it('show their live members, refuse commits and keep what they had', async ({ skip }) => {
      if (!served) skip('needs Kafka 4');
      const described = await admin.describeGroup(group);
      expect(described).toMatchObject({ exists: true, type: 'consumer', state: 'Stable' });
      expect(described.members).toHaveLength(1);
      expect((await admin.listGroups()).find((one) => one.group === group)).toMatchObject({ type: 'consumer' });
      await expect(admin.commitOffsets(group, [{ topic, partition: 0, offset: 1n }])).rejects.toMatchObject({
        code: 'KMK_GROUP_ACTIVE',
        context: { group },
      });
      expect(await committedByTool(group)).toEqual({ [`${topic}-0`]: '10', [`${topic}-1`]: '10' });
    });
  });

  it('let a member that was killed leave, so that the next one need not wait for its session', async () => {
    const group = unique('killed');
    const { bootstrap } = labCluster('primary');
    const consumer = startKafkaTool(
      ...(['consumer.ConsoleConsumer', '--bootstrap-server', bootstrap, '--topic', topic, '--group', group] as const),
      ...(['--command-property', 'session.timeout.ms=60000'] as const),
    );
    const exited = new Promise((resolve) => consumer.once('exit', resolve));
    try {
      await eventually('a member', async () => {
        const { state } = await admin.describeGroup(group);
        return state === 'Stable' ? true : undefined;
      });
    } finally {
      consumer.kill('SIGKILL');
      await exited;
    }
    const { members } = await admin.describeGroup(group);
    expect(members).toHaveLength(1);
    await admin.removeMembers(group, ['nobody', ...members.map(({ memberId }) => memberId)]);
    expect(await admin.describeGroup(group)).toMatchObject({ state: 'Empty', members: [] });
    await admin.deleteGroup(group);
  });

  it('have every record that was processed committed by a member that stops while it processes one', async () => {
    const group = unique('stopped');
    const stop = new AbortController();
    let seen = 0;
    await createRecordConsumer(clientOptions()).run({
      ...{ topics: [topic], group, fromBeginning: true, commitIntervalMs: 0, signal: stop.signal },
      onRecord: async () => {
        seen += 1;
        if (seen < 15) return;
        stop.abort();
        // As long as what it is printed to takes.
        await eventually('an answer of the broker', () => admin.describeGroup(group));
      },
    });
    const committed = (await admin.groupOffsets(group)).reduce((sum, { offset }) => sum + offset, 0n);
    expect([seen, committed]).toEqual([15, 15n]);
    await admin.deleteGroup(group);
  });

  it('that expel a member tell it that its last positions were not committed', async () => {
    const group = unique('expelled');
    const stop = new AbortController();
    let seen = 0;
    const run = createRecordConsumer(clientOptions()).run({
      ...{ topics: [topic], group, fromBeginning: true, commitIntervalMs: 60_000, signal: stop.signal },
      onRecord: async () => {
        seen += 1;
        if (seen > 1) return;
        const { members } = await admin.describeGroup(group);
        await admin.removeMembers(
          group,
          members.map(({ memberId }) => memberId),
        );
        stop.abort();
      },
    });
    await expect(run).rejects.toMatchObject({
      code: 'KMK_COMMIT_UNACKNOWLEDGED',
      context: { group, error: 'UNKNOWN_MEMBER_ID' },
    });
    expect(await admin.groupOffsets(group)).toEqual([]);
    await admin.deleteGroup(group);
  });

  it('share partitions with another member and take over when it goes', async () => {
    const group = unique('pair');
    const seen: string[][] = [[], []];
    const stops = [new AbortController(), new AbortController()] as const;
    const runs = stops.map((stop, index) =>
      createRecordConsumer(clientOptions()).run({
        ...{ topics: [topic], group, fromBeginning: false, commitIntervalMs: 0, signal: stop.signal },
        onRecord: ({ partition, offset }) => void seen[index]?.push(`${partition}:${offset}`),
      }),
    );
    await eventually('two members', async () => {
      const { members, state } = await admin.describeGroup(group);
      return members.length === 2 && state === 'Stable' ? true : undefined;
    });
    await using producer = createRecordProducer(clientOptions());
    const both = [0, 1].map((partition) => ({ key: null, value: 'shared', partition }));
    const total = () => (seen[0]?.length ?? 0) + (seen[1]?.length ?? 0);
    await eventually('a record on each side', async () => {
      await producer.send(topic, both);
      return seen[0]?.length !== 0 && seen[1]?.length !== 0 ? true : undefined;
    });
    expect(new Set(seen.flat()).size).toBe(total());
    stops[0].abort();
    await runs[0];
    const before = seen[1]?.length ?? 0;
    await eventually('both partitions at the other member', async () => {
      await producer.send(topic, both);
      return new Set(seen[1]?.slice(before).map((at) => at.split(':')[0])).size === 2 ? true : undefined;
    });
    stops[1].abort();
    await runs[1];
    await admin.deleteGroup(group);
  });
});
