import type { Socket } from 'node:net';
import type { Traffic } from '../domain/traffic.ts';

/** What may wait in one direction of a connection before its sender is held back: a window of a fast long link. */
const WINDOW_BYTES = 4 * 1024 * 1024;
/** Payload of a packet on Ethernet (1500 - 40 bytes of headers - 12 of TCP options). */
const PACKET_BYTES = 1448;
/** Linux waits at least this long before it sends a lost packet again (TCP_RTO_MIN). */
const RETRANSMIT_MS = 200;

/**
 * One direction of a connection. TCP gives what arrives in order whatever the network does: a cut holds everything back
 * until it is healed, latency delivers later, and a lost packet is one that comes a retransmission late, with all behind it.
 */
export class ShapedStream {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #queue: { readonly chunk: Buffer | null; readonly due: number }[] = [];
  #traffic: Traffic;
  #waiting = 0;
  #blocked = false;
  #lastDue = 0;
  #timer: NodeJS.Timeout | null = null;
  #then: (() => void) | null = null;

  constructor(from: Socket, to: Socket, traffic: Traffic) {
    this.#from = from;
    this.#to = to;
    this.#traffic = traffic;
    from.on('data', (chunk: Buffer) => this.#take(chunk));
    from.on('end', () => this.#take(null));
    to.on('drain', () => {
      this.#blocked = false;
      this.#pump();
    });
    this.#breathe();
  }

  shape(traffic: Traffic): void {
    this.#traffic = traffic;
    this.#pump();
    this.#breathe();
  }

  /** The sender is gone: `then` is called when the last of what it said has been delivered. */
  finish(then: () => void): void {
    this.#then = then;
    this.#pump();
  }

  /** The connection is over: nothing more is delivered. */
  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#queue.length = 0;
  }

  /** Null is the end of what the sender has to say. */
  #take(chunk: Buffer | null): void {
    this.#lastDue = Math.max(this.#lastDue, performance.now() + this.#lateness(chunk));
    this.#queue.push({ chunk, due: this.#lastDue });
    this.#waiting += chunk?.length ?? 0;
    this.#pump();
    this.#breathe();
  }

  #lateness(chunk: Buffer | null): number {
    const { delayMs, lossPercent } = this.#traffic;
    const packets = Math.ceil((chunk?.length ?? 1) / PACKET_BYTES);
    const isLost = lossPercent > 0 && Math.random() > (1 - lossPercent / 100) ** packets;
    return delayMs + (isLost ? RETRANSMIT_MS : 0);
  }

  #pump(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    while (!this.#traffic.cut && !this.#blocked && !this.#to.destroyed) {
      const next = this.#queue[0];
      if (next === undefined) break;
      const early = next.due - performance.now();
      if (early > 0) {
        this.#timer = setTimeout(() => this.#pump(), early);
        break;
      }
      this.#queue.shift();
      this.#deliver(next.chunk);
    }
    if (this.#queue.length === 0) this.#then?.();
    this.#breathe();
  }

  #deliver(chunk: Buffer | null): void {
    if (chunk === null) {
      this.#to.end();
      return;
    }
    this.#waiting -= chunk.length;
    this.#blocked = !this.#to.write(chunk);
  }

  /** Holds the sender back while too much waits, or while nothing passes. */
  #breathe(): void {
    if (this.#from.destroyed) return;
    const full = this.#waiting > WINDOW_BYTES || this.#traffic.cut;
    if (full) this.#from.pause();
    else if (!this.#blocked) this.#from.resume();
    else this.#from.pause();
  }
}
