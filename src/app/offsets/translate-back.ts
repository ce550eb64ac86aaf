import type { GroupOffsets, PartitionOffsets } from '../../domain/documents.ts';
import { translateBack } from '../../domain/exact-translation.ts';
import { judgeBack } from '../../domain/position-verdict.ts';
import type { Flow } from '../../domain/setup.ts';
import type { TopicPartitionOffset } from '../../domain/topic.ts';
import { partitionKey } from '../../domain/topic.ts';
import { rangesByPartition } from '../groups/group-lag.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import type { Scope, Translator } from './flow-translator.ts';
import { readScope, readTranslator } from './flow-translator.ts';
import { offsetAt } from './group-positions.ts';
import { NO_SYNCS } from './mm2-records.ts';
import type { Question } from './prove-positions.ts';
import { compareWhereNeeded } from './prove-positions.ts';

/** A group's commits on copies, told in the originals; no partitions where it has none. */
export async function groupBack(
  lab: Lab,
  flow: Flow,
  { group, sourceReachable }: { readonly group: string; readonly sourceReachable: boolean },
  signal: AbortSignal,
): Promise<GroupOffsets> {
  const scope = await readScope(lab, flow, signal);
  const target = await adminOf(lab, flow.target);
  const [{ type, state }, commits] = await Promise.all([
    target.describeGroup(group, signal),
    target.groupOffsets(group, signal),
  ]);
  const sourceCommits = sourceReachable ? await (await adminOf(lab, flow.source)).groupOffsets(group, signal) : [];
  const translator = await readTranslator(scope, sourceReachable, signal);
  const positions = commits.filter(({ topic }) => scope.upstream.has(topic));
  const partitions = await translateBackAll(scope, translator, { positions, sourceCommits }, signal);
  return { group, type, state, partitions };
}

interface Positions {
  /** On copies. */
  readonly positions: readonly TopicPartitionOffset[];
  /** What the group has on the source, to compare with. */
  readonly sourceCommits: readonly TopicPartitionOffset[];
}

/** Positions on copies told in the originals, with contents compared where both sides answer. */
export async function translateBackAll(
  { lab, flow, upstream }: Scope,
  { syncs, remote, sourceReachable, recreated }: Translator,
  { positions, sourceCommits }: Positions,
  signal: AbortSignal,
): Promise<readonly PartitionOffsets[]> {
  const ends = rangesByPartition(remote);
  const asked = positions.map((at) => {
    const topic = upstream.get(at.topic) ?? at.topic;
    const { partition, offset } = at;
    const history = syncs.get(partitionKey({ topic, partition })) ?? NO_SYNCS;
    const remoteEnd = ends.get(partitionKey(at))?.end ?? offset;
    const twin = { topic, remoteTopic: at.topic, partition, remoteEnd };
    const ask: Question['ask'] = ({ windows }) =>
      translateBack(history, offset, { remoteEnd, sourceReachable, windows });
    return { twin, ask, position: offset, voidBecause: recreated.get(topic) ?? null };
  });
  const questions = sourceReachable ? asked.filter(({ voidBecause }) => voidBecause === null) : [];
  const windows = await compareWhereNeeded(lab, flow, questions, signal);
  const originals = [...new Set(asked.map(({ twin }) => twin.topic))];
  const source = sourceReachable ? await (await adminOf(lab, flow.source)).logRanges(originals, signal) : [];
  const ranges = rangesByPartition(source);
  return asked.map(({ twin, ask, position, voidBecause }) => {
    const { answer } = ask({ windows: windows.get(partitionKey(twin)) ?? [] });
    const sourceStart = ranges.get(partitionKey(twin))?.start ?? null;
    const sourceCommitted = offsetAt(sourceCommits, twin);
    return judgeBack({ ...twin, position, sourceCommitted, sourceStart, answer, voidBecause });
  });
}
