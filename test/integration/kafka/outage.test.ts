import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKafkaAdmin } from '../../../src/kafka/kafka-admin.ts';
import { createRecordConsumer } from '../../../src/kafka/record-consumer.ts';
import { createRecordProducer } from '../../../src/kafka/record-producer.ts';
import { createRecordReader } from '../../../src/kafka/record-reader.ts';
import { labCluster } from '../../helpers/lab.ts';

const subscription = { topics: ['t'], group: 'g', fromBeginning: true, commitIntervalMs: 0, onRecord: () => undefined };
const position = [{ topic: 't', partition: 0, offset: 0n }];

/** Every kind of call, each with a client of its own. */
function calls(bootstrap: string): Record<string, (signal: AbortSignal) => Promise<unknown>> {
  const options = { bootstrap, clientId: 'kmk-test' };
  return {
    admin: (signal) => createKafkaAdmin(options).describeCluster(signal),
    offsets: (signal) => createKafkaAdmin(options).groupOffsets('g', signal),
    producer: (signal) => createRecordProducer(options).send('t', [{ key: null, value: 'x' }], signal),
    reader: (signal) => createRecordReader(options).read(position, () => undefined, signal),
    consumer: (signal) => createRecordConsumer(options).run({ ...subscription, signal }),
  };
}

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('a stopped broker', () => {
  it('is reported at once by every client', async () => {
    const bootstrap = `127.0.0.1:${await closedPort()}`;
    for (const call of Object.values(calls(bootstrap))) {
      await expect(call(new AbortController().signal)).rejects.toMatchObject({
        ...{ code: 'KMK_KAFKA_UNREACHABLE', context: { bootstrap } },
      });
    }
  });
});

describe('a frozen broker', () => {
  // What a stopped process looks like: the kernel takes connections, nobody ever answers.
  const sockets = new Set<Socket>();
  let server: Server;
  let bootstrap: string;
  beforeAll(async () => {
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    bootstrap = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  // Well above the 3 s of the fast-fail profile, well below the 30 s that kafkajs waits by default.
  it('is reported in seconds by every client', { timeout: 12_000 }, async () => {
    const outcomes = Object.values(calls(bootstrap)).map((call) => call(new AbortController().signal));
    const settled = await Promise.allSettled(outcomes);
    for (const outcome of settled) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'KMK_KAFKA_UNREACHABLE' } });
    }
  });

  it('lets every client stop as soon as its signal aborts', { timeout: 2500 }, async () => {
    const outcomes = Object.entries(calls(bootstrap)).map(async ([name, call]) => {
      const stop = new AbortController();
      const outcome = call(stop.signal);
      stop.abort();
      // Readers and consumers end normally, the others have no answer to give.
      if (name === 'reader' || name === 'consumer') await outcome;
      else await expect(outcome).rejects.toMatchObject({ code: 'KMK_INTERRUPTED' });
    });
    await Promise.all(outcomes);
  });
});

describe('a wrong password', () => {
  it('is said to be one', async () => {
    const { adminBootstrap } = labCluster('primary');
    await using admin = createKafkaAdmin({
      ...{ bootstrap: adminBootstrap, clientId: 'kmk-test', sasl: { username: 'kmk', password: 'wrong' } },
    });
    await expect(admin.describeCluster()).rejects.toMatchObject({
      code: 'KMK_KAFKA_REQUEST',
      context: { error: 'SASL_AUTHENTICATION_FAILED' },
    });
  });
});
