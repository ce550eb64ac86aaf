import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createTemplateEngine } from '../../../src/render/template-engine.ts';

const DOCUMENT = '{"name":"primary->dr.MirrorSourceConnector","config":{"topics":"ü"}}';
const NAME = 'primary-%3Edr.MirrorSourceConnector';
const GIVE_UP_SECONDS = '5';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kmk-post-'));
  await writeFile(join(dir, 'source.json'), DOCUMENT);
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** Runs the rendered script against an HTTP server that answers with `answer`; what was asked, and how it ended. */
async function run(answer: (method: string, call: number) => number): Promise<{ asked: string[]; code: number }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      asked.push(`${request.method} ${request.url} ${Buffer.concat(chunks).toString('utf8')}`.trim());
      response.writeHead(answer(request.method ?? '', asked.length)).end('{"message":"m"}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = String((server.address() as AddressInfo).port);
  const posts = [{ host: '127.0.0.1', port, name: NAME, file: join(dir, 'source.json') }];
  const script = join(dir, 'post.sh');
  await writeFile(script, createTemplateEngine()('compose/post-connectors.sh', { title: 'posts', posts }));
  const env = { ...process.env, KMK_POST_SECONDS: GIVE_UP_SECONDS };
  try {
    const code = await promisify(execFile)('bash', [script], { env }).then(
      () => 0,
      (error: unknown) => (error as { code: number }).code,
    );
    return { asked, code };
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

it('posts a connector that is absent, byte for byte', async () => {
  const { asked, code } = await run((method) => (method === 'GET' ? 404 : 201));
  expect(asked).toEqual([`GET /connectors/${NAME}`, `POST /connectors ${DOCUMENT}`]);
  expect(code).toBe(0);
});

it('leaves a connector that exists as it is', async () => {
  const { asked, code } = await run(() => 200);
  expect(asked).toEqual([`GET /connectors/${NAME}`]);
  expect(code).toBe(0);
});

it('looks again while the worker rebalances', async () => {
  const { asked, code } = await run((method, call) => (call === 2 ? 409 : method === 'GET' ? 404 : 201));
  expect(asked.map((line) => line.split(' ')[0])).toEqual(['GET', 'POST', 'GET', 'POST']);
  expect(code).toBe(0);
});

it('fails at once when the worker refuses the connector', async () => {
  const { asked, code } = await run((method) => (method === 'GET' ? 404 : 400));
  expect(asked).toHaveLength(2);
  expect(code).toBe(1);
});
