import { evaluateAll, overallVerdict } from '../../domain/checks/index.ts';
import { contentsEqual } from '../../domain/checks/contents-equal.ts';
import { counts, needsCounting } from '../../domain/checks/counts-equal.ts';
import { isStale } from '../../domain/checks/groups.ts';
import type { FlowSnapshot, PartitionPair, TopicPair } from '../../domain/checks/snapshot.ts';
import type { VerifyDocument } from '../../domain/documents.ts';
import { groupFilter, userTopicFilter } from '../../domain/flow-filter.ts';
import type { Flow } from '../../domain/setup.ts';
import { flowId } from '../../domain/setup.ts';
import { standbyUntouched } from '../../domain/stray-records.ts';
import { partitionKey } from '../../domain/topic.ts';
import { closedSides } from '../failover/stray-records.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf, forwardFlows } from '../lab/lab.ts';
import { mapLimited } from '../map-limited.ts';
import { readScope, readTranslator } from '../offsets/flow-translator.ts';
import { mergeGroups } from '../offsets/show-offsets.ts';
import type { KafkaAdmin } from '../ports/kafka-admin.ts';
import { step } from '../step.ts';
import { unknownTopic } from '../topics/unknown-topic.ts';
import type { Baseline } from './read-flow.ts';
import { deepAudit } from './deep-audit.ts';
import { readFlow } from './read-flow.ts';

const PAUSE_MS = 300;
const PARALLEL_GROUPS = 8;
/** A partition with more records is not read through only to count it. */
const MOST_COUNTED = 2_000_000n;

export interface VerifyRequest {
  /** Of the sources; all that flows copy where empty. */
  readonly topics: readonly string[];
  readonly groups: readonly string[];
  /** How long what is in flight may take. */
  readonly settleMs: number;
  /** Whether to compare contents, record by record. */
  readonly deep: boolean;
}

/**
 * Compares both sides of every flow: waits until what the source had at the start has been copied, then judges. Records
 * are counted by reading where log ends differ. Throws KMK_KAFKA_UNREACHABLE when a side is down, KMK_TOPIC_UNKNOWN.
 */
export async function verify(lab: Lab, request: VerifyRequest, signal: AbortSignal): Promise<VerifyDocument> {
  const flows = await mapLimited(forwardFlows(lab), 2, (flow) => readBaseline(lab, flow, request, signal));
  for (const topic of request.topics) {
    if (flows.some(({ topics }) => topics.includes(topic))) continue;
    throw unknownTopic(
      topic,
      flows.flatMap((base) => base.topics),
    );
  }
  const snapshots: FlowSnapshot[] = [];
  for (const base of flows) {
    const id = flowId(base.flow);
    const settled = await step(lab.tools, `settle ${id}`, 'verify', `waiting for what is in flight on ${id}`, () =>
      settle(lab, base, request.settleMs, signal),
    );
    snapshots.push(
      await step(lab.tools, `compare ${id}`, 'verify', `comparing both sides of ${id}`, () =>
        countWhereNeeded(lab, base.flow, settled, signal),
      ),
    );
  }
  const deep = request.deep ? await deepAudit(lab, flows, signal) : null;
  const untouched = standbyUntouched(await closedSides(lab, signal));
  const checks = [...evaluateAll(snapshots), untouched, ...(deep === null ? [] : [contentsEqual(deep)])];
  return {
    schema: 'kmk.verify/v1',
    verdict: overallVerdict(checks),
    checks,
    topics: snapshots.flatMap(({ topics }) =>
      topics.map(({ topic, remoteTopic, partitions }) => ({
        topic,
        remoteTopic,
        partitions: partitions.map((at) => ({ partition: at.partition, ...counts(at) })),
      })),
    ),
    groups: mergeGroups(snapshots.flatMap(({ groups }) => groups)),
    ...(deep === null ? {} : { deep }),
  };
}

async function readBaseline(lab: Lab, flow: Flow, request: VerifyRequest, signal: AbortSignal): Promise<Baseline> {
  const source = await adminOf(lab, flow.source);
  const copied = userTopicFilter(flow, lab.layout.policy);
  const { topics: only, groups: onlyGroups } = request;
  const topics = (await source.listTopics(signal)).filter(
    (topic) => copied(topic) && (only.length === 0 || only.includes(topic)),
  );
  const wanted = groupFilter(flow);
  const groups = (await source.listGroups(signal))
    .map(({ group }) => group)
    .filter((group) => wanted(group) && (onlyGroups.length === 0 || onlyGroups.includes(group)));
  const commits = await mapLimited(groups, PARALLEL_GROUPS, async (group) => {
    const offsets = await source.groupOffsets(group, signal);
    return [group, new Map(offsets.map((at) => [partitionKey(at), at.offset]))] as const;
  });
  const { recreated } = await readTranslator(await readScope(lab, flow, signal), true, signal);
  return {
    flow,
    topics,
    recreated: topics.flatMap((topic) => recreated.get(topic) ?? []),
    ranges: await source.logRanges(topics, signal),
    groups: onlyGroups,
    commits: new Map(commits),
  };
}

/** Reads until nothing is in flight any more, or time is up. */
async function settle(lab: Lab, base: Baseline, settleMs: number, signal: AbortSignal): Promise<FlowSnapshot> {
  const { clock } = lab.tools;
  const deadline = clock.now() + settleMs;
  for (;;) {
    const snapshot = await readFlow(lab, base, signal);
    if (isSettled(snapshot) || snapshot.state !== 'running' || clock.now() >= deadline) return snapshot;
    await clock.sleep(PAUSE_MS, signal);
  }
}

function isSettled({ topics, checkpoints }: FlowSnapshot): boolean {
  const open = topics.some(
    ({ targetPartitions, partitions }) => targetPartitions === null || partitions.some(({ inFlight }) => inFlight > 0n),
  );
  return !open && !checkpoints.some((at) => at.upstream === null || isStale(at));
}

async function countWhereNeeded(
  lab: Lab,
  flow: Flow,
  snapshot: FlowSnapshot,
  signal: AbortSignal,
): Promise<FlowSnapshot> {
  const [source, target] = await Promise.all([adminOf(lab, flow.source), adminOf(lab, flow.target)]);
  const topics = await mapLimited(snapshot.topics, 2, async (pair): Promise<TopicPair> => {
    const partitions = await mapLimited(pair.partitions, 2, (at) =>
      pair.targetPartitions !== null && needsCounting(pair, at)
        ? countPartition({ source, target, pair, at, signal })
        : Promise.resolve(at),
    );
    return { ...pair, partitions };
  });
  return { ...snapshot, topics };
}

interface Counting {
  readonly source: KafkaAdmin;
  readonly target: KafkaAdmin;
  readonly pair: TopicPair;
  readonly at: PartitionPair;
  readonly signal: AbortSignal;
}

async function countPartition({ source, target, pair, at, signal }: Counting): Promise<PartitionPair> {
  if (at.sourceEnd - at.sourceStart > MOST_COUNTED || at.targetEnd - at.targetStart > MOST_COUNTED) return at;
  const count = async (admin: KafkaAdmin, topic: string, before: bigint | null): Promise<number> => {
    let records = 0;
    await admin.readPartition(
      { topic, partition: at.partition },
      ({ offset }) => (records += before === null || offset < before ? 1 : 0),
      { signal },
    );
    return records;
  };
  const counted = {
    source: await count(source, pair.topic, at.sourceEnd),
    target: await count(target, pair.remoteTopic, null),
  };
  return { ...at, counted };
}
