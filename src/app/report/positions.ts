import type { ReportGroup, ReportGroupPosition, ReportPartition } from '../../domain/report-model.ts';
import { count, keyOf, lastByKey, list, offset, text, textOrNull } from './fields.ts';
import type { Fields } from './fields.ts';
import type { Journal } from './journal.ts';
import { isMove, moveLabel } from './results.ts';
import type { ResultDocument } from './results.ts';

/** Groups with their positions on both sides: as each move found them, then as last sampled. */
export function readGroups(journal: Journal, results: readonly ResultDocument[]): readonly ReportGroup[] {
  return [...results.flatMap(groupsOfResult), ...sampledGroups(journal)];
}

function groupsOfResult(result: ResultDocument): readonly ReportGroup[] {
  return list(result.document, 'groups').map((group) => ({
    group: text(group, 'group'),
    context: isMove(result) ? moveLabel(result.document) : null,
    type: textOrNull(group, 'type'),
    state: textOrNull(group, 'state'),
    redelivered: count(group, 'redelivered'),
    skipped: count(group, 'skipped'),
    positions: list(group, 'partitions').map((at) => toPosition(result.atMs, at)),
  }));
}

function sampledGroups(journal: Journal): readonly ReportGroup[] {
  const samples = journal.named('group.position').map(({ atMs, data }) => ({
    group: text(data, 'group'),
    position: toPosition(atMs, data),
  }));
  const byGroup = new Map<string, ReportGroupPosition[]>();
  for (const { group, position } of lastByKey(samples, ({ group, position: at }) =>
    keyOf(group, at.topic, at.remoteTopic, at.partition),
  )) {
    const positions = byGroup.get(group) ?? [];
    positions.push(position);
    byGroup.set(group, positions);
  }
  const unknown = { context: null, type: null, state: null, redelivered: null, skipped: null };
  return [...byGroup].map(([group, positions]) => ({ group, ...unknown, positions }));
}

function toPosition(atMs: number, data: Fields): ReportGroupPosition {
  return {
    atMs,
    topic: text(data, 'topic'),
    remoteTopic: text(data, 'remoteTopic', ''),
    partition: count(data, 'partition') ?? 0,
    committed: offset(data, 'committed'),
    targetCommitted: offset(data, 'targetCommitted'),
    translated: offset(data, 'translated'),
    exact: offset(data, 'exact'),
    best: offset(data, 'best'),
    proof: textOrNull(data, 'proof'),
    verdict: textOrNull(data, 'verdict'),
    behindBy: count(data, 'behindBy'),
    reason: textOrNull(data, 'reason'),
  };
}

/** The last snapshot of each partition's log ends. */
export function readPartitions(journal: Journal): readonly ReportPartition[] {
  const samples = journal.named('partition.sampled').map(({ atMs, data }) => ({
    atMs,
    topic: text(data, 'topic'),
    remoteTopic: text(data, 'remoteTopic', ''),
    partition: count(data, 'partition') ?? 0,
    sourceEnd: offset(data, 'sourceEnd'),
    remoteEnd: offset(data, 'remoteEnd'),
  }));
  return lastByKey(samples, (at) => keyOf(at.topic, at.remoteTopic, at.partition));
}
