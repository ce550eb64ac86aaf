import { connect as connectSocket, type Socket } from 'node:net';
import { decodeMessage } from '../wire/decode.ts';
import { encodeMessage } from '../wire/encode.ts';
import type { Api, ApiTables, WireValue } from '../wire/schema.ts';
import type { Address, ConnectOptions } from './connect-options.ts';
import { CONNECTION_TIMEOUT_MS, REQUEST_TIMEOUT_MS } from './connect-options.ts';
import { patchIdleTimer } from './idle-timer.ts';
import type { Broker, Connection } from './kafkajs-internals.ts';
import { loadInternals } from './kafkajs-internals.ts';
import { requestHeader } from './request-header.ts';
import { SILENT_LOGGER } from './silent-logger.ts';
import { pickVersion } from './versions.ts';

export interface RequestSettings {
  /** Default 3000 ms; longer for requests that wait at the broker. */
  readonly timeoutMs?: number;
}

/** A connection to one broker broke or did not answer; `address` names it. */
export class LinkError extends Error {
  readonly address: string;

  constructor(address: Address, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(reason, { cause });
    this.name = 'LinkError';
    this.address = addressKey(address);
  }
}

/** Map key and display form of an address. */
export function addressKey(address: Address): string {
  return `${address.host}:${address.port}`;
}

/** One broker over kafkajs's connections (TLS, SASL, request queue) and kmk's own codec. */
export class BrokerLink {
  readonly address: Address;
  readonly #broker: Broker;
  readonly #sockets = new Set<Socket>();
  #connecting: Promise<void> | undefined;
  #connected = false;
  #dead: LinkError | undefined;

  constructor(address: Address, options: ConnectOptions) {
    patchIdleTimer();
    const { Broker, ConnectionPool, createLogger } = loadInternals();
    const logger = createLogger(SILENT_LOGGER);
    this.address = address;
    const connectionPool = new ConnectionPool({
      ...address,
      logger,
      clientId: options.clientId,
      sasl: options.sasl === undefined ? undefined : { mechanism: 'plain', ...options.sasl },
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      enforceRequestTimeout: true,
      socketFactory: (at: { host: string; port: number; onConnect: () => void }) => this.#openSocket(at),
    });
    this.#broker = new Broker({ connectionPool, logger, authenticationTimeout: REQUEST_TIMEOUT_MS });
  }

  /** False once the link broke; make another one then. */
  get usable(): boolean {
    return this.#dead === undefined;
  }

  /** True between a successful connect and the end of the link. */
  get ready(): boolean {
    return this.#connected && this.usable;
  }

  /** Connects, learns the API versions and authenticates. Throws LinkError. */
  async connect(): Promise<void> {
    if (this.#dead !== undefined) throw this.#dead;
    try {
      await (this.#connecting ??= this.#broker.connect());
      this.#connected = true;
    } catch (error) {
      throw this.destroy(error);
    }
  }

  /** Highest version that both sides speak. Throws KMK_KAFKA_REQUEST where there is none. */
  version(api: ApiTables): number {
    return pickVersion(api, this.#broker.versions ?? {});
  }

  /** True when the broker serves the API at all. */
  supports(api: ApiTables): boolean {
    return this.#broker.versions?.[api.key] !== undefined;
  }

  /** Sends one request and decodes its response. Throws LinkError when the broker does not answer in time. */
  async request<Request, Response>(
    api: Api<Request, Response>,
    body: Request,
    settings: RequestSettings = {},
  ): Promise<Response> {
    await this.connect();
    const version = this.version(api);
    const chunks = encodeMessage(api.request, version, body as Readonly<Record<string, WireValue>>);
    let payload: Uint8Array;
    try {
      const connection = await this.#connectionFor(api.key);
      payload = await this.#exchange(connection, api, version, chunks, settings);
    } catch (error) {
      throw this.destroy(error);
    }
    // Flexible responses have tagged fields in their header; only ApiVersions never has them (KIP-482).
    const skip = version >= api.response.flexibleFrom && api.name !== 'ApiVersions' ? 1 : 0;
    return decodeMessage(api.response, version, payload.subarray(skip)) as Response;
  }

  /** Breaks all connections at once; requests in flight fail. Returns the error they fail with. */
  destroy(cause: unknown): LinkError {
    const error = (this.#dead ??= cause instanceof LinkError ? cause : new LinkError(this.address, cause));
    for (const connection of this.#broker.connectionPool.pool) {
      connection.connectionStatus = 'disconnected';
      connection.requestQueue.rejectAll(error);
      connection.requestQueue.destroy();
    }
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
    return error;
  }

  async #connectionFor(apiKey: number): Promise<Connection> {
    const FETCH = 1;
    const connection = await this.#broker.connectionPool.getConnection(apiKey === FETCH ? 1 : 0);
    await connection.authenticate();
    return connection;
  }

  #exchange(
    connection: Connection,
    api: ApiTables,
    version: number,
    chunks: readonly Uint8Array[],
    settings: RequestSettings,
  ): Promise<Uint8Array> {
    const correlationId = connection.nextCorrelationId();
    const flexible = version >= api.request.flexibleFrom;
    const head = requestHeader({
      apiKey: api.key,
      version,
      correlationId,
      flexible,
      clientId: connection.clientId,
      chunks,
    });
    return new Promise((resolve, reject) => {
      connection.requestQueue.push({
        entry: {
          ...{ apiKey: api.key, apiName: api.name, apiVersion: version, correlationId, reject },
          resolve: (response) => {
            restartTimeouts(connection);
            resolve(response.payload);
          },
        },
        expectResponse: true,
        requestTimeout: settings.timeoutMs ?? null,
        sendRequest: () => {
          writeAll(connection.socket, [head, ...chunks]);
        },
      });
    });
  }

  #openSocket(at: { host: string; port: number; onConnect: () => void }): Socket {
    const socket = connectSocket({ host: at.host, port: at.port, noDelay: true }, at.onConnect);
    this.#sockets.add(socket);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      if (this.#dead === undefined) this.destroy(new Error(`connection to ${addressKey(at)} closed`));
    });
    return socket;
  }
}

/**
 * Brokers answer the requests of a connection one after the other, so each answer shows that the broker works: those
 * that wait behind it get their whole timeout again. Without this, hundreds of parallel calls look like a frozen broker.
 */
function restartTimeouts(connection: Connection): void {
  const now = Date.now();
  for (const request of connection.requestQueue.inflight.values()) request.sentAt = now;
}

function writeAll(socket: Socket | undefined, chunks: readonly Uint8Array[]): void {
  socket?.cork();
  for (const chunk of chunks) socket?.write(chunk);
  socket?.uncork();
}
