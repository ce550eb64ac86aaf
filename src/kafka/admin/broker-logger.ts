import type { ClusterClient } from '../client/cluster-client.ts';
import { check } from '../client/failures.ts';
import { INCREMENTAL_ALTER_CONFIGS } from '../wire/api/incremental-alter-configs.ts';

/** ConfigResource.Type.BROKER_LOGGER (KIP-412): kept in the broker's memory, gone with its restart. */
const BROKER_LOGGER = 8;
/** AlterConfigOp.OpType.SET and DELETE; a deleted level is the parent's. */
const SET = 0;
const DELETE = 1;

/** Sets the level of a logger on every broker, by itself; null gives it the level of its parent again. */
export async function setBrokerLogger(
  cluster: ClusterClient,
  logger: string,
  level: 'DEBUG' | null,
  signal?: AbortSignal,
): Promise<void> {
  const { brokers } = await cluster.retrying(signal, () => cluster.metadata([]));
  await Promise.all(
    brokers.map(async ({ nodeId }) => {
      const change = { name: logger, value: level, configOperation: level === null ? DELETE : SET };
      const { responses } = await (
        await cluster.node(nodeId)
      ).request(INCREMENTAL_ALTER_CONFIGS, {
        resources: [{ resourceType: BROKER_LOGGER, resourceName: String(nodeId), configs: [change] }],
      });
      for (const { errorCode, errorMessage } of responses)
        check(errorCode, `change the level of "${logger}" on broker ${nodeId}`, errorMessage, { broker: nodeId });
    }),
  );
}
