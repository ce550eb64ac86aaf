import { clusterLayout } from '../../domain/lab/layout.ts';
import type { Scenario, WorkloadTopic } from '../../domain/scenario.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf, forwardFlows, resolveCluster } from '../lab/lab.ts';
import { done, pending, waitUntil } from '../wait-until.ts';
import type { WorkloadRequest } from '../workload/workload.ts';
import { Workload } from '../workload/workload.ts';

/** A new topic is found within a refresh interval; its task restarts then. */
const COPIES_LIMIT_MS = 60_000;

/** The workload with the names that its topics and groups have on the clusters; null where the drill has none. */
export function workloadOf(
  lab: Lab,
  scenario: Scenario,
  request: Pick<WorkloadRequest, 'runId' | 'seed'>,
  nameOf: (name: string) => string,
): Workload | null {
  const { topics, groups } = scenario.workload;
  if (topics.length === 0) return null;
  return new Workload(lab, {
    ...request,
    topics: topics.map((topic) => ({ ...topic, name: nameOf(topic.name) })),
    groups: groups.map((group) => ({ ...group, name: nameOf(group.name), topics: group.topics.map(nameOf) })),
  });
}

/** Creates the workload's topics and waits until each flow has made their copies, so that nobody waits for them later. */
export async function createWorkloadTopics(
  lab: Lab,
  topics: readonly WorkloadTopic[],
  signal: AbortSignal,
): Promise<void> {
  for (const topic of topics) {
    const homes = new Set(topic.writtenOn.map((name) => resolveCluster(lab, name).alias));
    for (const alias of homes) {
      const { replicationFactor } = clusterLayout(lab.layout, alias);
      await (
        await adminOf(lab, alias)
      ).createTopic({ topic: topic.name, partitions: topic.partitions, replicationFactor }, signal);
      lab.tools.events.emit('topic.created', { cluster: alias, topic: topic.name, partitions: topic.partitions });
    }
    for (const flow of forwardFlows(lab).filter(({ source }) => homes.has(source))) {
      await awaitCopy(lab, flow.target, lab.layout.policy.remoteTopic(flow.source, topic.name), topic, signal);
    }
  }
}

async function awaitCopy(
  lab: Lab,
  alias: string,
  remoteTopic: string,
  { partitions }: WorkloadTopic,
  signal: AbortSignal,
): Promise<void> {
  const admin = await adminOf(lab, alias);
  await waitUntil(
    lab.tools.clock,
    {
      what: `"${remoteTopic}" on "${alias}"`,
      timeoutMs: COPIES_LIMIT_MS,
      intervalMs: 100,
      probe: async () => {
        const found = (await admin.logRanges([remoteTopic], signal)).length;
        return found >= partitions ? done(undefined) : pending(`${found} of ${partitions} partitions`);
      },
    },
    signal,
  );
}
