import type { ConnectApi, ConnectorPosition, ConnectorReport, ConnectorState } from '../app/ports/connect-api.ts';
import { KmkError, abortError } from '../domain/errors.ts';

/** A rebalance answers 409 for as long as it lasts; with one or two workers that is a second or two. */
const CONFLICT_LIMIT_MS = 30_000;
const CONFLICT_PAUSE_MS = 100;
/**
 * Calls that the worker does not forward give DistributedHerder's RebalanceNeededException away as 500
 * (HerderRequestHandler.completeRequest); the others turn it into 409.
 */
const REBALANCE_EXPECTED = 'because a rebalance is expected';
/** KIP-875 and KIP-980 calls wait for the worker's herder thread, which a starting connector may hold. */
const REQUEST_LIMIT_MS = 30_000;
/**
 * For the question whether a worker is up, which is asked again: Docker's proxy accepts a connection to a port that nobody
 * in the container listens on yet, and such a request is never answered.
 */
const PROBE_LIMIT_MS = 2000;

interface Request {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  /** Default REQUEST_LIMIT_MS. */
  readonly limitMs?: number;
  readonly signal: AbortSignal | undefined;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

interface StatusDocument {
  readonly name: string;
  readonly connector: { readonly state: ConnectorState; readonly trace?: string };
  readonly tasks: readonly { readonly id: number; readonly state: ConnectorState; readonly trace?: string }[];
}

/** The Connect REST API at `baseUrl` (no trailing slash). See the port for the errors. */
export function createConnectApi(baseUrl: string): ConnectApi {
  const call = <T>(request: Request): Promise<T> => send<T>(baseUrl, request);
  const at = (name: string, rest = ''): string => `/connectors/${encodeURIComponent(name)}${rest}`;
  const orNull = async <T>(answer: Promise<T>): Promise<T | null> =>
    answer.catch((error: unknown) => {
      if (KmkError.is(error) && error.context['status'] === 404) return null;
      throw error;
    });
  const report = async (name: string, signal?: AbortSignal): Promise<ConnectorReport | null> => {
    const status = await orNull(call<StatusDocument>({ method: 'GET', path: at(name, '/status'), signal }));
    return status === null ? null : toReport(status);
  };
  return {
    async workerInfo(signal) {
      const info = await call<{ version: string; kafka_cluster_id: string }>({ method: 'GET', path: '/', signal });
      return { version: info.version, clusterId: info.kafka_cluster_id };
    },
    connectors: (signal) => call<string[]>({ method: 'GET', path: '/connectors', limitMs: PROBE_LIMIT_MS, signal }),
    async create(name, config, initialState, signal) {
      const known = await orNull(call({ method: 'GET', path: at(name), signal }));
      if (known !== null) return false;
      const body = { name, config, initial_state: initialState };
      await call({ method: 'POST', path: '/connectors', body, signal });
      return true;
    },
    putConfig: (name, config, signal) => call({ method: 'PUT', path: at(name, '/config'), body: config, signal }),
    config: (name, signal) =>
      orNull(call<Record<string, string>>({ method: 'GET', path: at(name, '/config'), signal })),
    report,
    pause: (name, signal) => call({ method: 'PUT', path: at(name, '/pause'), signal }),
    resume: (name, signal) => call({ method: 'PUT', path: at(name, '/resume'), signal }),
    stop: (name, signal) => call({ method: 'PUT', path: at(name, '/stop'), signal }),
    restart: (name, signal) =>
      call({ method: 'POST', path: at(name, '/restart?includeTasks=true&onlyFailed=false'), signal }),
    delete: (name, signal) => call({ method: 'DELETE', path: at(name), signal }),
    async positions(name, signal) {
      const answer = await call<{ offsets: ConnectorPosition[] }>({
        method: 'GET',
        path: at(name, '/offsets'),
        signal,
      });
      return answer.offsets;
    },
    setPositions: (name, rows, signal) =>
      call({ method: 'PATCH', path: at(name, '/offsets'), body: { offsets: rows }, signal }),
    resetPositions: (name, signal) => call({ method: 'DELETE', path: at(name, '/offsets'), signal }),
  };
}

function toReport(status: StatusDocument): ConnectorReport {
  return {
    name: status.name,
    state: status.connector.state,
    trace: status.connector.trace ?? null,
    tasks: status.tasks.map((task) => ({ id: task.id, state: task.state, trace: task.trace ?? null })),
  };
}

async function send<T>(baseUrl: string, request: Request): Promise<T> {
  const deadline = Date.now() + CONFLICT_LIMIT_MS;
  for (;;) {
    const { status, text } = await fetchOnce(baseUrl, request);
    if (isConflict(status, text) && Date.now() < deadline) {
      await pause(CONFLICT_PAUSE_MS, request.signal);
      continue;
    }
    if (status >= 400) throw refused(baseUrl, request, status, text);
    return parse(baseUrl, request, status, text) as T;
  }
}

function isConflict(status: number, text: string): boolean {
  return status === 409 || (status === 500 && text.includes(REBALANCE_EXPECTED));
}

function parse(baseUrl: string, request: Request, status: number, text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    // Something else listens there.
    throw refused(baseUrl, request, status, `no JSON: ${text}`);
  }
}

async function fetchOnce(baseUrl: string, request: Request): Promise<Answer> {
  const limit = AbortSignal.timeout(request.limitMs ?? REQUEST_LIMIT_MS);
  try {
    const response = await fetch(`${baseUrl}${request.path}`, {
      method: request.method,
      signal: request.signal === undefined ? limit : AbortSignal.any([request.signal, limit]),
      ...(request.body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(request.body) }),
    });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    if (request.signal?.aborted === true) throw abortError(request.signal);
    throw new KmkError('KMK_CONNECT_UNREACHABLE', `the connect worker at ${baseUrl} does not answer`, {
      hints: ['Run `kmk status` to see the services and where their logs are.'],
      context: { url: baseUrl },
      cause: error,
    });
  }
}

function refused(baseUrl: string, request: Request, status: number, text: string): KmkError {
  return new KmkError('KMK_CONNECT_REQUEST', `connect refused ${request.method} ${request.path}: ${messageIn(text)}`, {
    hints: ['Run `kmk logs` with the name of the Connect service to see why.'],
    context: { url: baseUrl, status },
  });
}

function messageIn(text: string): string {
  const message = /"message"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? text;
  return message.replaceAll(/\s+/g, ' ').slice(0, 400);
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  if (signal?.aborted === true) throw abortError(signal);
}
