import { pause } from '../client/abortable.ts';
import type { ClusterClient } from '../client/cluster-client.ts';
import { check } from '../client/failures.ts';
import { DESCRIBE_CONFIGS } from '../wire/api/describe-configs.ts';
import { INCREMENTAL_ALTER_CONFIGS } from '../wire/api/incremental-alter-configs.ts';
import { errorName } from '../wire/errors.ts';
import { controller, unknownTopic } from './topics.ts';

/** ConfigResource.Type.TOPIC */
const TOPIC = 2;
/** ConfigSource.DYNAMIC_TOPIC_CONFIG */
const SET_ON_TOPIC = 1;
/** AlterConfigOp.OpType.SET */
const SET = 0;

const VISIBLE_WITHIN_MS = 5000;
const POLL_MS = 20;

/** Overrides set on the topic itself. Throws KMK_TOPIC_UNKNOWN. */
export function topicOverrides(
  cluster: ClusterClient,
  topic: string,
  signal?: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  return readConfig(cluster, topic, ({ configSource }) => configSource === SET_ON_TOPIC, signal);
}

/** Every setting in force, wherever it was made. Throws KMK_TOPIC_UNKNOWN. */
export function topicSettings(
  cluster: ClusterClient,
  topic: string,
  signal?: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  return readConfig(cluster, topic, () => true, signal);
}

async function readConfig(
  cluster: ClusterClient,
  topic: string,
  isWanted: (entry: { readonly configSource: number }) => boolean,
  signal: AbortSignal | undefined,
): Promise<Readonly<Record<string, string>>> {
  return cluster.retrying(signal, async () => {
    const { results } = await cluster.any(DESCRIBE_CONFIGS, {
      resources: [{ resourceType: TOPIC, resourceName: topic, configurationKeys: null }],
    });
    const found: Record<string, string> = {};
    for (const { errorCode, errorMessage, configs } of results) {
      checkConfig(errorCode, topic, 'read', errorMessage);
      for (const entry of configs) {
        if (entry.value !== null && isWanted(entry)) found[entry.name] = entry.value;
      }
    }
    return found;
  });
}

/** Sets the entries and leaves every other override alone; returns when a broker shows them. */
export async function setTopicConfig(
  cluster: ClusterClient,
  topic: string,
  entries: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<void> {
  const configs = Object.entries(entries).map(([name, value]) => ({ name, value, configOperation: SET }));
  if (configs.length === 0) return;
  await cluster.retrying(signal, async () => {
    const { responses } = await (
      await controller(cluster)
    ).request(INCREMENTAL_ALTER_CONFIGS, {
      resources: [{ resourceType: TOPIC, resourceName: topic, configs }],
    });
    for (const { errorCode, errorMessage } of responses) checkConfig(errorCode, topic, 'change', errorMessage);
  });
  await untilVisible(cluster, topic, entries, signal);
}

/** Brokers apply what the controller took a moment later. */
async function untilVisible(
  cluster: ClusterClient,
  topic: string,
  entries: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const deadline = performance.now() + VISIBLE_WITHIN_MS;
  while (performance.now() < deadline) {
    const shown = await topicOverrides(cluster, topic, signal);
    if (Object.entries(entries).every(([name, value]) => shown[name] === value)) return;
    await pause(POLL_MS, signal);
  }
}

function checkConfig(code: number, topic: string, verb: string, message: string | null): void {
  if (errorName(code) === 'UNKNOWN_TOPIC_OR_PARTITION') throw unknownTopic(topic);
  check(code, `${verb} the configuration of topic "${topic}"`, message, { topic });
}
