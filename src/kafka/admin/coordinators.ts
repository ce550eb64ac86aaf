import type { ClusterClient } from '../client/cluster-client.ts';
import type { Address } from '../client/connect-options.ts';
import { check, kafkaError } from '../client/failures.ts';
import type { BrokerLink } from '../client/link.ts';
import { LinkError } from '../client/link.ts';
import { FIND_COORDINATOR } from '../wire/api/find-coordinator.ts';

/** CoordinatorType.GROUP */
const GROUP = 0;
/** First version that asks for several coordinators at once. */
const BATCHED_FROM = 4;
const MOVED: ReadonlySet<string | null> = new Set(['NOT_COORDINATOR', 'COORDINATOR_NOT_AVAILABLE']);

/** Finds and remembers the coordinator of each group. */
export class Coordinators {
  readonly #cluster: ClusterClient;
  readonly #known = new Map<string, Address>();

  constructor(cluster: ClusterClient) {
    this.#cluster = cluster;
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

  async #find(group: string): Promise<Address> {
    const response = await this.#cluster.any(FIND_COORDINATOR, (link) =>
      link.version(FIND_COORDINATOR) >= BATCHED_FROM
        ? { keyType: GROUP, coordinatorKeys: [group] }
        : { keyType: GROUP, key: group },
    );
    const { errorCode, errorMessage, host, port } = response.coordinators[0] ?? response;
    check(errorCode, `find the coordinator of group "${group}"`, errorMessage, { group });
    return { host, port };
  }
}
