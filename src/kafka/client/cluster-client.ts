import { abortError } from '../../domain/errors.ts';
import type { MetadataResponse } from '../wire/api/metadata.ts';
import { METADATA } from '../wire/api/metadata.ts';
import type { Api } from '../wire/schema.ts';
import { abortable, pause } from './abortable.ts';
import type { Address, ConnectOptions } from './connect-options.ts';
import { parseBootstrap, RETRY_DEADLINE_MS } from './connect-options.ts';
import { isTimeout, mayPass, toKmkError, unreachable } from './failures.ts';
import type { RequestSettings } from './link.ts';
import { addressKey, BrokerLink, LinkError } from './link.ts';

/** How long a broker that let a request time out is left alone. */
const SUSPECT_MS = 2000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 500;

/** Connections to the brokers of one cluster, with retries where Kafka's own clients retry. */
export class ClusterClient {
  readonly bootstrap: string;
  readonly #options: ConnectOptions;
  readonly #seeds: readonly Address[];
  readonly #links = new Map<string, BrokerLink>();
  /** Addresses by node id, as the last metadata told. */
  readonly #brokers = new Map<number, Address>();
  /** When an address last let a request time out. */
  readonly #suspects = new Map<string, number>();

  constructor(options: ConnectOptions) {
    this.bootstrap = options.bootstrap;
    this.#options = options;
    this.#seeds = parseBootstrap(options.bootstrap);
  }

  /**
   * Repeats `action` while its failure may pass and some broker answers. `attempt` counts from 0; `progressed` starts
   * the deadline anew. Throws KmkError: KMK_KAFKA_UNREACHABLE at once when no broker answers, the last failure after
   * the deadline.
   */
  async retrying<T>(
    signal: AbortSignal | undefined,
    action: (attempt: number, progressed: () => void) => Promise<T>,
  ): Promise<T> {
    let deadline = 0;
    const progressed = () => {
      deadline = performance.now() + RETRY_DEADLINE_MS;
    };
    progressed();
    for (let attempt = 0; ; attempt++) {
      // What is begun after an abort is awaited by nobody, and may come after what is done next.
      if (signal?.aborted === true) throw abortError(signal);
      try {
        return await abortable(action(attempt, progressed), signal);
      } catch (error) {
        const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS);
        if (!mayPass(error) || performance.now() + pauseMs > deadline) throw toKmkError(error, this.bootstrap);
        await pause(pauseMs, signal);
      }
    }
  }

  /** Sends to whichever broker answers. Throws KMK_KAFKA_UNREACHABLE when none does. */
  async any<Request, Response>(
    api: Api<Request, Response>,
    body: Request | ((link: BrokerLink) => Request),
    settings?: RequestSettings,
  ): Promise<Response> {
    const failed = new Set<string>();
    for (;;) {
      const { link, reused } = await this.#anyLink(failed);
      try {
        const request = typeof body === 'function' ? (body as (link: BrokerLink) => Request)(link) : body;
        return await link.request(api, request, settings);
      } catch (error) {
        if (!(error instanceof LinkError)) throw error;
        this.#note(error);
        // A connection that was open before may have been closed by a restart since: that says nothing of now.
        if (!reused || isTimeout(error)) failed.add(error.address);
      }
    }
  }

  /** The broker with a node id of the last metadata. Throws LinkError when it does not answer. */
  async node(id: number): Promise<BrokerLink> {
    const address = this.#brokers.get(id);
    if (address === undefined) throw new LinkError({ host: `node ${id}`, port: 0 }, `no broker with id ${id}`);
    return this.at(address);
  }

  /** The broker at an address, connected. Throws LinkError when it does not answer. */
  async at(address: Address): Promise<BrokerLink> {
    const link = this.#link(address);
    try {
      await link.connect();
      return link;
    } catch (error) {
      if (error instanceof LinkError) this.#note(error);
      throw error;
    }
  }

  /** Metadata of the topics, or of all for null; never creates a topic. Keeps the brokers' addresses. */
  async metadata(topics: readonly string[] | null): Promise<MetadataResponse> {
    const metadata = await this.any(METADATA, {
      topics: topics?.map((name) => ({ name })) ?? null,
      allowAutoTopicCreation: false,
    });
    for (const { nodeId, host, port } of metadata.brokers) this.#brokers.set(nodeId, { host, port });
    return metadata;
  }

  /** Closes every connection at once, whatever the brokers do. */
  close(): void {
    for (const link of this.#links.values()) link.destroy(new Error('client closed'));
    this.#links.clear();
  }

  async #anyLink(failed: ReadonlySet<string>): Promise<{ link: BrokerLink; reused: boolean }> {
    for (const [key, link] of this.#links) {
      if (link.ready && !failed.has(key) && !this.#isSuspect(key)) return { link, reused: true };
    }
    const addresses = new Map([...this.#seeds, ...this.#brokers.values()].map((at) => [addressKey(at), at]));
    const candidates = [...addresses.entries()].filter(([key]) => !failed.has(key) && !this.#isSuspect(key));
    if (candidates.length === 0) throw unreachable(this.bootstrap, null);
    try {
      return { link: await Promise.any(candidates.map(([, at]) => this.at(at))), reused: false };
    } catch (error) {
      const [first] = error instanceof AggregateError ? (error.errors as unknown[]) : [error];
      throw first instanceof LinkError ? toKmkError(first, this.bootstrap) : first;
    }
  }

  #link(address: Address): BrokerLink {
    const key = addressKey(address);
    const known = this.#links.get(key);
    if (known?.usable === true) return known;
    const link = new BrokerLink(address, this.#options);
    this.#links.set(key, link);
    return link;
  }

  #note(error: LinkError): void {
    if (isTimeout(error)) this.#suspects.set(error.address, performance.now());
  }

  #isSuspect(key: string): boolean {
    return performance.now() - (this.#suspects.get(key) ?? -Infinity) < SUSPECT_MS;
  }
}
