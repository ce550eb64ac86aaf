import { partitionKey } from '../../domain/topic.ts';
import { clusterLayout } from '../../domain/lab/layout.ts';
import type { WorkloadGroup } from '../../domain/scenario.ts';
import type { Flow } from '../../domain/setup.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf, flowBetween, forwardFlows, standbyOf } from '../lab/lab.ts';
import { done, pending, waitUntil } from '../wait-until.ts';
import { workloadTopicsOn } from './audit.ts';
import type { Answer, Evidence } from './checks.ts';

/** Checkpoints and group sync follow within a second in the lab profile; a loaded machine takes longer. */
const POSITION_LIMIT_MS = 20_000;

/** Every topic of the workload has the name that the policy gives it, and is no copy of a copy. */
export async function checkNames({ lab, workload, audits }: Evidence, signal: AbortSignal): Promise<Answer> {
  const { policy } = lab.layout;
  const originals = new Set([...workload.streams.values()].map(({ topic }) => topic));
  const wrong: string[] = [];
  let names = 0;
  for (const { alias } of audits) {
    const sources = forwardFlows(lab).flatMap(({ source, target }) =>
      target === alias ? [source] : source === alias ? [target] : [],
    );
    const expected = new Set([
      ...originals,
      ...sources.flatMap((source) => [...originals].map((topic) => policy.remoteTopic(source, topic))),
    ]);
    const found = await workloadTopicsOn(lab, workload, alias, signal);
    names += found.length;
    wrong.push(...found.filter((topic) => !expected.has(topic)).map((topic) => `"${topic}" on "${alias}"`));
  }
  if (wrong.length > 0) return ['fail', `not named by the policy: ${wrong.join(', ')}`];
  return ['pass', `${names} topics carry the names that the ${policy.name} policy gives them`];
}

interface Position {
  readonly group: string;
  readonly topic: string;
  readonly remoteTopic: string;
  readonly partition: number;
  readonly committed: bigint | null;
  readonly targetCommitted: bigint | null;
  readonly remoteEnd: bigint;
}

/**
 * Every group that follows the active cluster has, where clients may move to, a position on each copy of a partition
 * that it has one on, and none beyond the copy's end. Journals the positions of both sides.
 */
export async function checkPositions({ lab, workload }: Evidence, signal: AbortSignal): Promise<Answer> {
  const { active } = lab.record;
  const flow = flowBetween(lab, active, standbyOf(lab));
  const groups = workload.groups.filter(({ readsOn }) => readsOn === 'active');
  if (flow === null || lab.record.promotion !== null) return ['inconclusive', 'no flow leads to a standby'];
  const read = async (): Promise<readonly Position[]> =>
    (await Promise.all(groups.map((group) => positionsOf(lab, flow, group, signal)))).flat();
  let positions: readonly Position[] = [];
  const missing = (): readonly Position[] => positions.filter((at) => at.targetCommitted === null);
  await waitUntil(
    lab.tools.clock,
    {
      what: "the groups' positions on the standby",
      timeoutMs: POSITION_LIMIT_MS,
      intervalMs: 300,
      probe: async () => {
        positions = await read();
        return positions.length > 0 && missing().length === 0
          ? done(undefined)
          : pending(`${missing().length} missing`);
      },
    },
    signal,
  ).catch((error: unknown) => {
    if (signal.aborted) throw error;
  });
  for (const { committed, targetCommitted, group, topic, remoteTopic, partition } of positions) {
    lab.tools.events.emit('group.position', {
      ...{ group, topic, remoteTopic, partition },
      committed: committed?.toString() ?? null,
      targetCommitted: targetCommitted?.toString() ?? null,
    });
  }
  return answer(positions, missing(), flow);
}

function answer(positions: readonly Position[], missing: readonly Position[], flow: Flow): Answer {
  const name = ({ group, remoteTopic, partition }: Position): string => `"${group}" on ${remoteTopic}-${partition}`;
  const beyond = positions.filter((at) => (at.targetCommitted ?? 0n) > at.remoteEnd);
  if (positions.length === 0) return ['fail', `no group has a position on "${flow.source}"`];
  if (missing.length > 0)
    return ['fail', `no position on "${flow.target}": ${missing.slice(0, 5).map(name).join(', ')}`];
  if (beyond.length > 0)
    return ['fail', `beyond the end on "${flow.target}": ${beyond.slice(0, 5).map(name).join(', ')}`];
  return ['pass', `${positions.length} positions on "${flow.source}" have one on "${flow.target}"`];
}

async function positionsOf(
  lab: Lab,
  flow: Flow,
  group: WorkloadGroup,
  signal: AbortSignal,
): Promise<readonly Position[]> {
  const [source, target] = [await adminOf(lab, flow.source), await adminOf(lab, flow.target)];
  const { policy } = lab.layout;
  const [commits, synced] = await Promise.all([
    source.groupOffsets(group.name, signal),
    target.groupOffsets(group.name, signal),
  ]);
  const wanted = commits.filter(({ topic }) => group.topics.includes(topic));
  const remotes = [...new Set(wanted.map(({ topic }) => policy.remoteTopic(flow.source, topic)))];
  const ends = new Map((await target.logRanges(remotes, signal)).map((range) => [partitionKey(range), range.end]));
  const known = new Map(synced.map((at) => [partitionKey(at), at.offset]));
  return wanted.map(({ topic, partition, offset }) => {
    const remoteTopic = policy.remoteTopic(flow.source, topic);
    const key = partitionKey({ topic: remoteTopic, partition });
    return {
      ...{ group: group.name, topic, remoteTopic, partition, committed: offset },
      targetCommitted: known.get(key) ?? null,
      remoteEnd: ends.get(key) ?? 0n,
    };
  });
}

/** Journals the ends of both sides of every partition that a flow copies. */
export async function samplePartitions({ lab, workload, audits }: Evidence, signal: AbortSignal): Promise<void> {
  const readable = new Set(audits.map(({ alias }) => alias));
  for (const flow of forwardFlows(lab).filter(({ source, target }) => readable.has(source) && readable.has(target))) {
    const topics = new Set([...workload.streams.values()].map(({ topic }) => topic));
    const [source, target] = [await adminOf(lab, flow.source), await adminOf(lab, flow.target)];
    const { policy } = lab.layout;
    const remoteOf = (topic: string): string => policy.remoteTopic(clusterLayout(lab.layout, flow.source).alias, topic);
    const [ranges, remotes] = await Promise.all([
      source.logRanges([...topics], signal),
      target.logRanges([...topics].map(remoteOf), signal),
    ]);
    const ends = new Map(remotes.map((range) => [partitionKey(range), range.end]));
    for (const { topic, partition, end } of ranges) {
      const remoteTopic = remoteOf(topic);
      lab.tools.events.emit('partition.sampled', {
        ...{ topic, remoteTopic, partition },
        sourceEnd: end.toString(),
        remoteEnd: ends.get(partitionKey({ topic: remoteTopic, partition }))?.toString() ?? null,
      });
    }
  }
}
