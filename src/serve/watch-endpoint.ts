import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ServeWatch } from '../app/ports/watch-endpoint.ts';
import { KmkError } from '../domain/errors.ts';
import type { WatchDocument } from '../domain/watch/document.ts';
import { STALE_CHECK_MS, unreadiness } from '../domain/watch/document.ts';
import { metricsPage } from './metrics-page.ts';

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** See the port. Reads only: nothing that is asked here changes anything. */
export const serveWatch: ServeWatch = async (listen, latest) => {
  const server = createServer((request, response) => {
    void answer(request, latest()).then(({ status, type, text }) => {
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
      response.end(request.method === 'HEAD' ? undefined : text);
    }, failed(response));
  });
  await open(server, listen);
  const { port } = server.address() as AddressInfo;
  const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host;
  return {
    url: `http://${host}:${port}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

function open(server: Server, { host, port }: Parameters<ServeWatch>[0]): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(
        new KmkError('KMK_ENV_PORT_TAKEN', `cannot listen on ${host}:${port}: ${error.message}`, {
          hints: ['Give another address with `--listen`; port 0 takes a free one.'],
          context: { port },
          cause: error,
        }),
      );
    });
    server.listen({ host, port }, resolve);
  });
}

async function answer(request: IncomingMessage, document: WatchDocument | null): Promise<Answer> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return plain(405, 'only GET');
  switch (request.url?.split('?')[0]) {
    case '/metrics':
      return document === null ? plain(503, 'no check yet') : { status: 200, ...(await metricsPage(document)) };
    case '/status':
      return document === null
        ? plain(503, 'no check yet')
        : { status: 200, type: 'application/json', text: `${JSON.stringify(document, null, 2)}\n` };
    case '/active':
      return document === null
        ? plain(503, 'no check yet')
        : { status: 200, type: 'application/json', text: `${JSON.stringify(activeIn(document))}\n` };
    case '/health/live':
      return isStale(document) ? plain(503, 'the last check is too long ago') : plain(200, 'ok');
    case '/health/ready':
      return ready(document);
    default:
      return plain(404, 'there are /metrics, /status, /active, /health/live and /health/ready');
  }
}

/** Who is active, for programs that ask often: as the last check found it. */
function activeIn({
  project,
  active,
  epoch,
  at,
}: WatchDocument): Pick<WatchDocument, 'project' | 'active' | 'epoch' | 'at'> {
  return { project, active, epoch, at };
}

function ready(document: WatchDocument | null): Answer {
  const reason =
    document === null ? 'no check yet' : isStale(document) ? 'the last check is too long ago' : unreadiness(document);
  return reason === null ? plain(200, 'ok') : plain(503, reason);
}

/** Before the first check the process is alive all the same. */
function isStale(document: WatchDocument | null): boolean {
  return document !== null && Date.now() - Date.parse(document.at) > STALE_CHECK_MS;
}

function plain(status: number, text: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', text: `${text}\n` };
}

function failed(response: ServerResponse): (error: unknown) => void {
  return () => {
    response.writeHead(500);
    response.end();
  };
}
