import type { Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import type { GateWay } from '../domain/lab/gate.ts';
import type { Traffic } from '../domain/traffic.ts';
import { UNHINDERED } from '../domain/traffic.ts';
import { ShapedStream } from './shaped-stream.ts';

const HOST = '127.0.0.1';

/** A port of the gate: whoever connects to it talks to what listens behind it, as the network of the moment allows. */
export class GatePort {
  readonly #way: GateWay;
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  #traffic: Traffic = UNHINDERED;

  constructor(way: GateWay) {
    this.#way = way;
    this.#server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (client) => {
      const connection = new Connection(client, way.to, this.#traffic, () => this.#connections.delete(connection));
      this.#connections.add(connection);
    });
  }

  get way(): GateWay {
    return this.#way;
  }

  /** Rejects with the error of the system where the port is taken. */
  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#way.listen, HOST, resolve);
    });
  }

  /** From now on, for connections that exist too. */
  shape(traffic: Traffic): void {
    this.#traffic = traffic;
    for (const connection of this.#connections) connection.shape(traffic);
  }

  async close(): Promise<void> {
    for (const connection of this.#connections) connection.end();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** A client's connection and, once the network lets it through, the one behind the gate. */
class Connection {
  readonly #client: Socket;
  readonly #port: number;
  readonly #onEnd: () => void;
  #traffic: Traffic;
  #inner: Socket | null = null;
  #streams: readonly ShapedStream[] = [];

  constructor(client: Socket, port: number, traffic: Traffic, onEnd: () => void) {
    this.#client = client;
    this.#port = port;
    this.#traffic = traffic;
    this.#onEnd = onEnd;
    client.on('error', () => undefined);
    client.on('close', (failed) => this.#lost(failed, this.#inner, this.#streams[0]));
    this.#open();
  }

  shape(traffic: Traffic): void {
    this.#traffic = traffic;
    if (this.#inner === null) this.#open();
    const [inward, outward] = this.#streams;
    inward?.shape(traffic);
    outward?.shape({ ...traffic, delayMs: 0 });
  }

  end(): void {
    this.#client.destroy();
    this.#inner?.destroy();
  }

  /** Cut off, a client waits for an answer to its first packet: here it is connected and hears nothing. */
  #open(): void {
    if (this.#traffic.cut || this.#client.destroyed) return;
    const inner = connect({ port: this.#port, host: HOST, allowHalfOpen: true, noDelay: true });
    this.#inner = inner;
    // Nobody listens behind the gate: the client is told as by the service itself.
    inner.on('error', () => {
      if (!this.#client.destroyed) this.#client.resetAndDestroy();
    });
    inner.on('close', (failed) => this.#lost(failed, this.#client, this.#streams[1]));
    // One way is enough for a longer round trip.
    this.#streams = [
      new ShapedStream(this.#client, inner, this.#traffic),
      new ShapedStream(inner, this.#client, { ...this.#traffic, delayMs: 0 }),
    ];
  }

  /** One end is gone: the other one hears the rest of what it said, unless the connection broke. */
  #lost(failed: boolean, other: Socket | null, toOther: ShapedStream | undefined): void {
    if (other === null || other.destroyed) {
      for (const stream of this.#streams) stream.close();
      this.#onEnd();
    } else if (failed || toOther === undefined) other.destroy();
    else toOther.finish(() => other.destroySoon());
  }
}
