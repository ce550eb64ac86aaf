import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo, Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Fault } from '../../../src/domain/fault.ts';
import type { GateWay } from '../../../src/domain/lab/gate.ts';
import { Gate } from '../../../src/gate/gate.ts';

let dir: string;
let gate: Gate | null = null;
const servers: Server[] = [];
const sockets: Socket[] = [];
let edition = 0;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kmk-gate-'));
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await gate?.[Symbol.asyncDispose]();
  gate = null;
  for (const server of servers.splice(0)) server.close();
  await rm(dir, { recursive: true });
});

const files = () => ({ ways: join(dir, 'ways'), faults: join(dir, 'faults'), applied: join(dir, 'applied') });

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Sends everything back, and ends when the client does. */
async function echo(): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function way(of: Partial<GateWay> = {}): Promise<GateWay> {
  const to = of.to ?? (await echo());
  return { cluster: 'east', service: 'east-broker-1', kind: 'broker', from: null, listen: await freePort(), to, ...of };
}

async function open(...ways: readonly GateWay[]): Promise<void> {
  await writeFile(files().ways, JSON.stringify(ways));
  gate = await Gate.open(files());
}

async function tell(...faults: readonly Partial<Fault>[]): Promise<void> {
  edition += 1;
  const whole = faults.map((fault) => ({ kind: 'partition', cluster: 'east', scope: 'site', ...fault }));
  await writeFile(files().faults, JSON.stringify({ edition: String(edition), faults: whole }));
  await expect.poll(async () => readFile(files().applied, 'utf8').catch(() => '')).toBe(`{"edition":"${edition}"}`);
}

async function dial(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  sockets.push(socket);
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  socket.on('error', () => undefined);
  return socket;
}

/** Milliseconds until the answer to one small message is there; null when there is none within the time. */
async function ask(socket: Socket, withinMs = 5000): Promise<number | null> {
  const sent = performance.now();
  return new Promise((resolve) => {
    const timer = setTimeout(() => done(null), withinMs);
    const heard = (): void => done(performance.now() - sent);
    const done = (value: number | null): void => {
      clearTimeout(timer);
      socket.off('data', heard);
      resolve(value);
    };
    socket.on('data', heard);
    socket.write('x');
  });
}

/** Sends all of it and ends; what came back up to the end. */
async function exchange(socket: Socket, bytes: Buffer): Promise<Buffer> {
  const back: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => back.push(chunk));
  const ended = new Promise((resolve) => socket.once('end', resolve));
  socket.end(bytes);
  await ended;
  return Buffer.concat(back);
}

test('an open gate passes every byte both ways, and the end of each', async () => {
  const through = await way();
  await open(through);
  const bytes = randomBytes(8 * 1024 * 1024);
  expect((await exchange(await dial(through.listen), bytes)).equals(bytes)).toBe(true);
});

test('where nobody listens behind it the client is turned away', async () => {
  const dead = await way({ to: await freePort() });
  await open(dead);
  const socket = await dial(dead.listen);
  await new Promise((resolve) => socket.once('close', resolve));
  expect(socket.destroyed).toBe(true);
});

describe('a cut', () => {
  test('silences connections old and new, loses no byte, and lets all pass once it is healed', async () => {
    const through = await way();
    await open(through);
    const old = await dial(through.listen);
    expect(await ask(old)).not.toBeNull();
    await tell({});
    expect(await ask(old, 150)).toBeNull();
    const fresh = await dial(through.listen);
    expect(await ask(fresh, 150)).toBeNull();
    const bytes = randomBytes(6 * 1024 * 1024);
    const exchanged = exchange(await dial(through.listen), bytes);
    const heard = Promise.all([old, fresh].map((socket) => new Promise((resolve) => socket.once('data', resolve))));
    await tell();
    await heard;
    expect((await exchanged).equals(bytes)).toBe(true);
  });

  test('of one way leaves the others as they are', async () => {
    const client = await way();
    const link = await way({ from: 'west' });
    const back = await way({ cluster: 'west', service: 'west-broker-1', from: 'east' });
    await open(client, link, back);
    const answers = async (): Promise<boolean[]> =>
      Promise.all([client, link, back].map(async ({ listen }) => (await ask(await dial(listen), 150)) !== null));
    await tell({ scope: 'links', direction: 'in' });
    expect(await answers()).toEqual([true, false, true]);
    await tell({ scope: 'links', direction: 'out' });
    expect(await answers()).toEqual([true, true, false]);
    await tell({ scope: 'broker-2' });
    expect(await answers()).toEqual([true, true, true]);
  });

  test('that was in force before the gate opened holds from its first connection on', async () => {
    const through = await way();
    edition += 1;
    const faults = [{ kind: 'partition', cluster: 'east', scope: 'site' }];
    await writeFile(files().faults, JSON.stringify({ edition: String(edition), faults }));
    await open(through);
    expect(await ask(await dial(through.listen), 150)).toBeNull();
  });
});

test('latency makes each round trip longer by what it says, without making a long answer slow', async () => {
  const through = await way();
  await open(through);
  const socket = await dial(through.listen);
  const before = (await ask(socket)) ?? 0;
  await tell({ kind: 'latency', delayMs: 80 });
  const after = (await ask(socket)) ?? 0;
  expect(after - before).toBeGreaterThan(70);
  await tell({ kind: 'latency', delayMs: 40 });
  const bytes = randomBytes(4 * 1024 * 1024);
  const sent = performance.now();
  expect((await exchange(await dial(through.listen), bytes)).equals(bytes)).toBe(true);
  // At a round trip a packet it would be 3000 of them.
  expect(performance.now() - sent).toBeLessThan(20_000);
});

test('loss delays some packets and takes no byte from the stream', async () => {
  const through = await way();
  await open(through);
  await tell({ kind: 'loss', lossPercent: 100 });
  expect(await ask(await dial(through.listen))).toBeGreaterThan(190);
  await tell({ kind: 'loss', lossPercent: 5 });
  const bytes = randomBytes(256 * 1024);
  expect((await exchange(await dial(through.listen), bytes)).equals(bytes)).toBe(true);
});
