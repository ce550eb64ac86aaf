import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { createPortChooser } from '../../../../src/runtime/local/ports.ts';

const WORKER = { required: false, what: 'a worker' };
const open: Server[] = [];

async function listen(): Promise<{ server: Server; port: number }> {
  const server = createServer().listen({ port: 0, host: '127.0.0.1' });
  open.push(server);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { server, port: address.port };
}

afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

describe('createPortChooser', () => {
  it('never gives a port to two services', async () => {
    const { server, port } = await listen();
    server.close();
    await once(server, 'close');
    const choose = createPortChooser();
    expect(await choose(port, WORKER)).toBe(port);
    expect(await choose(port, { ...WORKER, what: 'another' })).not.toBe(port);
  });

  it('gives a service its own port each time it is started', async () => {
    const { server, port } = await listen();
    server.close();
    await once(server, 'close');
    const choose = createPortChooser();
    expect(await choose(port, { ...WORKER, ownWithinMs: 0 })).toBe(port);
    expect(await choose(port, { ...WORKER, ownWithinMs: 0 })).toBe(port);
  });

  it('waits for the own port of a service whose process is ending', async () => {
    const { server, port } = await listen();
    const chosen = createPortChooser()(port, { ...WORKER, ownWithinMs: 10_000 });
    // The chooser, which asked before, has been refused too.
    await once(createServer().listen({ port, host: '127.0.0.1', exclusive: true }), 'error');
    server.close();
    expect(await chosen).toBe(port);
  });

  it('gives another port where someone else holds it', async () => {
    const { port } = await listen();
    expect(await createPortChooser()(port, { ...WORKER, ownWithinMs: 50 })).not.toBe(port);
  });
});
