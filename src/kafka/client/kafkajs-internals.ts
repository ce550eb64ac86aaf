/**
 * The private pieces of kafkajs 2.2.4 that kmk stands on: connections with TLS and SASL, and the queue of requests in
 * flight. The version is pinned exactly in package.json; `loadInternals` checks that every piece is where it was.
 */
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { KmkError } from '../../domain/errors.ts';

/** What kafkajs resolves a request with: the response after its correlation id. */
interface RawResponse {
  readonly payload: Buffer;
  readonly size: number;
}

interface QueuedRequest {
  readonly entry: {
    readonly apiKey: number;
    readonly apiName: string;
    readonly apiVersion: number;
    readonly correlationId: number;
    readonly resolve: (response: RawResponse) => void;
    readonly reject: (error: Error) => void;
  };
  readonly expectResponse: boolean;
  /** Milliseconds; the queue takes the larger of this and its default. */
  readonly requestTimeout: number | null;
  readonly sendRequest: () => void;
}

/** kafkajs `network/requestQueue`. */
export interface RequestQueue {
  /** Requests that were sent and not answered, oldest first. */
  readonly inflight: ReadonlyMap<number, { /** Epoch milliseconds; the timeout counts from it. */ sentAt: number }>;
  readonly pending: readonly unknown[];
  readonly throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  push(request: QueuedRequest): void;
  checkPendingRequests(): void;
  rejectAll(error: Error): void;
  destroy(): void;
}

/** kafkajs `network/connection`. */
export interface Connection {
  readonly clientId: string;
  readonly socket?: Socket;
  connectionStatus: string;
  readonly requestQueue: RequestQueue;
  isConnected(): boolean;
  authenticate(): Promise<void>;
  nextCorrelationId(): number;
}

/** kafkajs `network/connectionPool`: one connection for fetches and one for everything else. */
interface ConnectionPool {
  readonly pool: readonly Connection[];
  getConnection(index: number): Promise<Connection>;
}

export type ApiVersionRanges = Readonly<
  Record<number, { readonly minVersion: number; readonly maxVersion: number } | undefined>
>;

/** kafkajs `broker`: connects, asks for the API versions and authenticates. */
export interface Broker {
  readonly connectionPool: ConnectionPool;
  readonly versions: ApiVersionRanges | null;
  connect(): Promise<void>;
}

interface Internals {
  readonly RequestQueue: { readonly prototype: { scheduleCheckPendingRequests(this: RequestQueue): void } };
  readonly ConnectionPool: new (options: object) => ConnectionPool;
  readonly Broker: new (options: object) => Broker;
  readonly createLogger: (options: object) => object;
}

const VERSION = '2.2.4';
const METHODS = {
  'network/requestQueue': ['push', 'rejectAll', 'destroy', 'checkPendingRequests', 'scheduleCheckPendingRequests'],
  'network/connection': ['isConnected', 'authenticate', 'nextCorrelationId'],
  'network/connectionPool': ['getConnection'],
  broker: ['connect'],
} as const;

let loaded: Internals | undefined;

/** Loads and checks the pieces once. Throws KMK_BUG when the installed kafkajs is another one. */
export function loadInternals(): Internals {
  return (loaded ??= load());
}

function load(): Internals {
  const require = createRequire(import.meta.url);
  const { version } = require('kafkajs/package.json') as { version: string };
  if (version !== VERSION) throw foreign(`version ${version}`);
  for (const [path, methods] of Object.entries(METHODS)) {
    const { prototype } = require(`kafkajs/src/${path}`) as { prototype?: Record<string, unknown> };
    const missing = methods.find((method) => typeof prototype?.[method] !== 'function');
    if (missing !== undefined) throw foreign(`no ${missing} in ${path}`);
  }
  const { createLogger } = require('kafkajs/src/loggers') as Pick<Internals, 'createLogger'>;
  if (typeof createLogger !== 'function') throw foreign('no createLogger in loggers');
  return {
    RequestQueue: require('kafkajs/src/network/requestQueue') as Internals['RequestQueue'],
    ConnectionPool: require('kafkajs/src/network/connectionPool') as Internals['ConnectionPool'],
    Broker: require('kafkajs/src/broker') as Internals['Broker'],
    createLogger,
  };
}

function foreign(what: string): KmkError {
  return new KmkError('KMK_BUG', `kafkajs ${VERSION} is needed, found ${what}`, {
    hints: ['Run `npm ci` in the kmk directory to install the exact version.'],
  });
}
