import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createConnectApi } from '../../../src/connect/rest-client.ts';
import { KmkError } from '../../../src/domain/errors.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

interface Worker extends AsyncDisposable {
  readonly url: string;
  /** `METHOD path body` of every request. */
  readonly asked: string[];
}

/** A worker that gives these answers one after the other, the last one again and again. */
async function worker(...answers: readonly Answer[]): Promise<Worker> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const body: Buffer[] = [];
    request.on('data', (chunk: Buffer) => body.push(chunk));
    request.on('end', () => {
      const answer = answers[Math.min(asked.length, answers.length - 1)];
      asked.push(`${request.method ?? ''} ${request.url ?? ''} ${Buffer.concat(body).toString()}`.trimEnd());
      answer?.(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    [Symbol.asyncDispose]: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

const json =
  (status: number, body: unknown): Answer =>
  (_request, response) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
const empty =
  (status: number): Answer =>
  (_request, response) =>
    void response.writeHead(status).end();
const refusal = (status: number, message: string): Answer => json(status, { error_code: status, message });

describe('createConnectApi', () => {
  it('asks again while a rebalance is under way', async () => {
    const rebalancing = refusal(409, 'rebalance in progress');
    await using connect = await worker(rebalancing, rebalancing, json(200, ['a']));
    await expect(createConnectApi(connect.url).connectors()).resolves.toEqual(['a']);
    expect(connect.asked).toHaveLength(3);
  });

  it('asks again where the herder refuses for a rebalance that is to come, which reads are told as 500', async () => {
    const expected = refusal(500, 'Request cannot be completed because a rebalance is expected');
    await using connect = await worker(expected, json(200, { name: 'c' }));
    await expect(createConnectApi(connect.url).create('c', {}, 'RUNNING')).resolves.toBe(false);
    expect(connect.asked).toEqual(['GET /connectors/c', 'GET /connectors/c']);
  });

  it.each([400, 404, 500, 503])('asks once where the answer is %i', async (status) => {
    await using connect = await worker(refusal(status, 'no\n  way "here"'));
    const asking = createConnectApi(connect.url).connectors();
    await expect(asking).rejects.toMatchObject({
      code: 'KMK_CONNECT_REQUEST',
      message: 'connect refused GET /connectors: no\\n way \\"here\\"',
      context: { status, url: connect.url },
    });
    expect(connect.asked).toHaveLength(1);
  });

  it('gives null for what is not there', async () => {
    await using connect = await worker(refusal(404, 'Connector x not found'));
    const api = createConnectApi(connect.url);
    await expect(api.report('x')).resolves.toBeNull();
    await expect(api.config('x')).resolves.toBeNull();
    await expect(api.pause('x')).rejects.toMatchObject({ code: 'KMK_CONNECT_REQUEST' });
  });

  it('creates a connector in a state, unless there is one', async () => {
    await using missing = await worker(refusal(404, 'none'), json(201, {}));
    const config = { 'tasks.max': '1' };
    await expect(createConnectApi(missing.url).create('a->b', config, 'STOPPED')).resolves.toBe(true);
    expect(missing.asked).toEqual([
      'GET /connectors/a-%3Eb',
      'POST /connectors {"name":"a->b","config":{"tasks.max":"1"},"initial_state":"STOPPED"}',
    ]);
    await using known = await worker(json(200, {}));
    await expect(createConnectApi(known.url).create('a->b', config, 'RUNNING')).resolves.toBe(false);
    expect(known.asked).toHaveLength(1);
  });

  it('reports connectors and tasks, their traces too', async () => {
    const tasks = [
      { id: 0, state: 'RUNNING' },
      { id: 1, state: 'FAILED', trace: 'java.lang.X' },
    ];
    await using connect = await worker(json(200, { name: 'c', connector: { state: 'RUNNING' }, tasks }));
    await expect(createConnectApi(connect.url).report('c')).resolves.toEqual({
      ...{ name: 'c', state: 'RUNNING', trace: null },
      tasks: [
        { id: 0, state: 'RUNNING', trace: null },
        { id: 1, state: 'FAILED', trace: 'java.lang.X' },
      ],
    });
  });

  it('writes and reads positions', async () => {
    const offsets = [{ partition: { cluster: 'dr', partition: 0, topic: 'orders' }, offset: { offset: 41 } }];
    await using connect = await worker(json(200, { message: 'done' }), json(200, { offsets }));
    const api = createConnectApi(connect.url);
    await api.setPositions('c', offsets);
    await expect(api.positions('c')).resolves.toEqual(offsets);
    expect(connect.asked).toEqual([
      `PATCH /connectors/c/offsets ${JSON.stringify({ offsets })}`,
      'GET /connectors/c/offsets',
    ]);
  });

  it('takes an empty answer for done', async () => {
    await using connect = await worker(empty(202));
    await expect(createConnectApi(connect.url).stop('c')).resolves.toBeUndefined();
    expect(connect.asked).toEqual(['PUT /connectors/c/stop']);
  });

  it('says where nobody answers', async () => {
    const gone = await worker(empty(200));
    await gone[Symbol.asyncDispose]();
    await expect(createConnectApi(gone.url).connectors()).rejects.toMatchObject({
      code: 'KMK_CONNECT_UNREACHABLE',
      message: `the connect worker at ${gone.url} does not answer`,
    });
  });

  it('takes a worker that dies in the middle of an answer for one that does not answer', async () => {
    await using connect = await worker((_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('["a"', () => response.destroy());
    });
    await expect(createConnectApi(connect.url).connectors()).rejects.toMatchObject({ code: 'KMK_CONNECT_UNREACHABLE' });
  });

  it('knows that something else listens there', async () => {
    await using other = await worker((_request, response) => void response.end('<html>hello</html>'));
    await expect(createConnectApi(other.url).connectors()).rejects.toMatchObject({
      code: 'KMK_CONNECT_REQUEST',
      message: 'connect refused GET /connectors: no JSON: <html>hello</html>',
    });
  });

  it("ends a request, and the waiting for a rebalance, with the signal's error", async () => {
    const stop = new AbortController();
    const abort = (): void => stop.abort(new KmkError('KMK_TERMINATED', 'terminated'));
    await using silent = await worker(abort);
    await expect(createConnectApi(silent.url).connectors(stop.signal)).rejects.toMatchObject({
      code: 'KMK_TERMINATED',
    });
    const late = new AbortController();
    await using busy = await worker((request, response) => {
      refusal(409, 'rebalance')(request, response);
      late.abort(new KmkError('KMK_INTERRUPTED', 'interrupted'));
    });
    await expect(createConnectApi(busy.url).connectors(late.signal)).rejects.toMatchObject({ code: 'KMK_INTERRUPTED' });
  });
});
