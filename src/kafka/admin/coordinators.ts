import type { ClusterClient } from '../client/cluster-client.ts';
import type { Address } from '../client/connect-options.ts';
import { check, kafkaError } from '../client/failures.ts';
import type { BrokerLink } from '../client/link.ts';
import { LinkError } from '../client/link.ts';
import { FIND_COORDINATOR } from '../wire/api/find-coordinator.ts';

/** What a coordinator is asked for (FindCoordinatorRequest.CoordinatorType). */
const KEY_TYPES = { group: 0, 'transactional id': 1 };
/** First version that asks for several coordinators at once. */
const BATCHED_FROM = 4;
const MOVED: ReadonlySet<string | null> = new Set(['NOT_COORDINATOR', 'COORDINATOR_NOT_AVAILABLE']);

/** Finds and remembers the coordinator of each group, or of each transactional id. */
export class Coordinators {
  readonly #cluster: ClusterClient;
  readonly #kind: keyof typeof KEY_TYPES;
  readonly #known = new Map<string, Address>();
  readonly #asked = new Set<string>();
  #answer: Promise<ReadonlyMap<string, Found>> | null = null;

  constructor(cluster: ClusterClient, kind: keyof typeof KEY_TYPES = 'group') {
    this.#cluster = cluster;
    this.#kind = kind;
  }

  /** Runs `action` against the group's coordinator, again while coordinators move or load. */
  async with<T>(
    group: string,
    signal: AbortSignal | undefined,
    action: (coordinator: BrokerLink) => Promise<T>,
  ): Promise<T> {
    return this.#cluster.retrying(signal, async () => {
      try {
        const address = this.#known.get(group) ?? (await this.#find(group));
        this.#known.set(group, address);
        return await action(await this.#cluster.at(address));
      } catch (error) {
        if (error instanceof LinkError || MOVED.has(kafkaError(error))) this.#known.delete(group);
        throw error;
      }
    });
  }

  /** Groups that are asked for in one turn of the event loop are asked for in one request, where brokers take that. */
  async #find(group: string): Promise<Address> {
    this.#asked.add(group);
    this.#answer ??= new Promise((resolve) => setImmediate(resolve)).then(() => {
      const groups = [...this.#asked];
      this.#asked.clear();
      this.#answer = null;
      return this.#findAll(groups);
    });
    const found = (await this.#answer).get(group);
    const { errorCode, errorMessage, host, port } = found ?? NOT_ANSWERED;
    check(errorCode, `find the coordinator of ${this.#kind} "${group}"`, errorMessage, { group });
    return { host, port };
  }

  async #findAll(groups: readonly string[]): Promise<ReadonlyMap<string, Found>> {
    const [first = ''] = groups;
    const keyType = KEY_TYPES[this.#kind];
    const response = await this.#cluster.any(FIND_COORDINATOR, (link) =>
      link.version(FIND_COORDINATOR) >= BATCHED_FROM ? { keyType, coordinatorKeys: groups } : { keyType, key: first },
    );
    if (response.coordinators.length > 0) return new Map(response.coordinators.map((found) => [found.key, found]));
    const rest = groups.length > 1 ? await this.#findAll(groups.slice(1)) : [];
    return new Map<string, Found>([[first, response], ...rest]);
  }
}

type Found = Address & { readonly errorCode: number; readonly errorMessage: string | null };

/** UNKNOWN_SERVER_ERROR */
const NOT_ANSWERED: Found = { errorCode: -1, errorMessage: 'the broker did not answer for it', host: '', port: 0 };
