import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { kcat } from '../../helpers/kafka-tools.ts';
import { labCluster } from '../../helpers/lab.ts';
import { openAdmin } from './clients.ts';

/** What a read_committed client that kmk did not write sees. */
async function committed(topic: string): Promise<readonly string[]> {
  const text = await kcat([
    ...['-b', labCluster('primary').bootstrap, '-C', '-t', topic, '-e', '-q', '-K', '='],
    ...['-X', 'isolation.level=read_committed'],
  ]);
  return text.split('\n').filter((line) => line !== '');
}

test('of two that change the same state at once the later one wins, and nothing of the other is seen', async () => {
  await using admin = openAdmin();
  await using other = openAdmin();
  const topic = `state-${randomUUID()}`;
  await admin.createTopic({ topic, partitions: 1, replicationFactor: 1, config: { 'cleanup.policy': 'compact' } });
  const request = { topic, transactionalId: topic };
  await admin.transact(request, () => Promise.resolve([{ key: 'a', value: '1' }]));
  expect(await committed(topic)).toEqual(['a=1']);

  const beaten = admin.transact(request, async () => {
    await other.transact(request, () => Promise.resolve([{ key: 'a', value: '2' }]));
    return [{ key: 'a', value: 'lost' }];
  });
  await expect(beaten).rejects.toMatchObject({ code: 'KMK_KAFKA_REQUEST' });
  expect(await committed(topic)).toEqual(['a=1', 'a=2']);

  await admin.transact(request, () => Promise.resolve([]));
  await admin.transact(request, () =>
    Promise.resolve([
      { key: 'a', value: null },
      { key: 'b', value: '3' },
    ]),
  );
  expect(await committed(topic)).toEqual(['a=1', 'a=2', 'a=', 'b=3']);
});

test('what one process changes at once happens one after the other, and nobody is fenced', async () => {
  await using admin = openAdmin();
  const topic = `turns-${randomUUID()}`;
  await admin.createTopic({ topic, partitions: 1, replicationFactor: 1, config: { 'cleanup.policy': 'compact' } });
  const values = Array.from({ length: 12 }, (_, index) => String(index));
  await Promise.all(
    values.map((value) =>
      admin.transact({ topic, transactionalId: topic }, () => Promise.resolve([{ key: 'a', value }])),
    ),
  );
  expect(await committed(topic)).toEqual(values.map((value) => `a=${value}`));
});
